#!/bin/sh
# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# responder.sh FOLDER PORT [AUTHORITY]: an OCSP responder for trying things out. It answers from the index that
# aegis.nats.revocation_list keeps, and signs with a certificate of the profile "ocsp" that aegis.nats.certificate has
# issued under the name "ocsp". The index is read when it starts: start it again after every change.
# openssl-ocsp(1) says itself that it is not meant for production. It listens on every address of the machine, answers
# one question at a time, and a connection that asks nothing stops it: keep it behind a firewall.
set -eu
folder=$1 port=$2 authority=${3:-ca}
exec openssl ocsp -port "$port" -index "$folder/$authority.index.txt" -CA "$folder/$authority.crt" \
  -rsigner "$folder/issued/ocsp.crt" -rkey "$folder/issued/ocsp.key" -nmin 60
