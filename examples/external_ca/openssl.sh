#!/bin/sh
# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A sign_command for a CA that lies as two files beside openssl 3: request on standard input, chain on standard output.
#
#   nats_pki_sign_command: [examples/external_ca/openssl.sh, /srv/ca/issuing.crt, /srv/ca/issuing.key]
#
# CERTIFICATE may hold the intermediates above it as well; they are handed on.
set -eu
certificate=$1 key=$2
openssl x509 -req -in /dev/stdin -CA "$certificate" -CAkey "$key" -copy_extensions copy \
  -set_serial "0x$(openssl rand -hex 19)" -days "$NATS_CERTIFICATE_DAYS"
cat "$certificate"
