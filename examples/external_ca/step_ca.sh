#!/bin/sh
# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A sign_command for step-ca (Smallstep), over its own API with a JWK provisioner. Needs step.
#
#   nats_pki_key_kept: elsewhere
#   nats_pki_certificate_file: step-root.crt              # step ca root step-root.crt
#   nats_pki_sign_command: [examples/external_ca/step_ca.sh, nats@example.com, /etc/aegis/step-password]
#
# STEPPATH, or --ca-url and --root in its defaults.json, say where the CA is. The provisioner must allow the lifetime, and
# needs a template: without one, step-ca adds the common name to the names of a certificate that asks for none, and what
# comes back must name what was asked for, and nothing else. The template gives both usages, as routes need:
#
#   step ca provisioner update nats@example.com --x509-max-dur 9000h --x509-template examples/external_ca/step_ca.tpl
#
# ACME proves a host's names by answering on that host, so it belongs on the hosts; here is the controller.
set -eu
provisioner=$1 password=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/request.csr"
set --
names=$NATS_CERTIFICATE_DNS,$NATS_CERTIFICATE_IP,$NATS_CERTIFICATE_EMAIL,$NATS_CERTIFICATE_URI
for name in $(printf '%s' "$names" | tr ',' ' '); do
  set -- "$@" --san "$name"
done
token=$(step ca token "$NATS_CERTIFICATE_COMMON_NAME" --provisioner "$provisioner" \
  --provisioner-password-file "$password" "$@" 2>"$folder/said") || { cat "$folder/said" >&2; exit 1; }
# The token in the environment, where no list of processes shows it.
STEP_TOKEN=$token step ca sign "$folder/request.csr" "$folder/answer.crt" \
  --not-after "$((NATS_CERTIFICATE_DAYS * 24))h" >/dev/null
cat "$folder/answer.crt"
