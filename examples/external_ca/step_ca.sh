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
# STEPPATH, or --ca-url and --root in its defaults.json, say where the CA is. Its default template gives serverAuth and
# clientAuth, as routes need; the provisioner's x509.claims must allow the lifetime (maxTLSCertDuration: 9000h).
# ACME proves a host's names by answering on that host, so it belongs on the hosts; here is the controller.
set -eu
provisioner=$1 password=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/request.csr"
set --
for name in $(printf '%s,%s' "$NATS_CERTIFICATE_DNS" "$NATS_CERTIFICATE_IP" | tr ',' ' '); do
  set -- "$@" --san "$name"
done
token=$(step ca token "$NATS_CERTIFICATE_COMMON_NAME" --provisioner "$provisioner" \
  --provisioner-password-file "$password" "$@" 2>/dev/null)
# The token in the environment, where no list of processes shows it.
STEP_TOKEN=$token step ca sign "$folder/request.csr" "$folder/answer.crt" \
  --not-after "$((NATS_CERTIFICATE_DAYS * 24))h" >/dev/null
cat "$folder/answer.crt"
