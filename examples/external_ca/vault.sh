#!/bin/sh
# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A sign_command for the PKI secrets engine of HashiCorp Vault (and of OpenBao: set VAULT=bao). Needs vault and jq.
#
#   nats_pki_key_kept: elsewhere
#   nats_pki_certificate_file: vault-root.crt            # vault read -field=certificate pki/cert/ca
#   nats_pki_sign_command: [examples/external_ca/vault.sh, pki_int, nats]
#
# VAULT_ADDR and VAULT_TOKEN come from the environment that Ansible runs in, never from an argument. One role for all
# profiles takes the usages from the request:
#
#   vault write pki_int/roles/nats allowed_domains=example.com allow_subdomains=true allow_bare_domains=true \
#     allow_localhost=false allow_ip_sans=true use_csr_common_name=true use_csr_sans=true \
#     server_flag=true client_flag=true key_type=any max_ttl=9000h enforce_hostnames=false cn_validations=disabled
#
# allowed_domains must cover every name of a certificate, those without a dot too; allow_any_name=true takes them all.
#
# exclude_cn_from_sans keeps Vault from adding the common name to the names: what comes back must name what was asked
# for, and nothing else.
set -eu
mount=$1 role=$2
# Kept first: of two programs in a pipe the shell tells the status of the last one only.
answer=$("${VAULT:-vault}" write -format=json "$mount/sign/$role" csr=- exclude_cn_from_sans=true \
  "ttl=$((NATS_CERTIFICATE_DAYS * 24))h")
printf '%s' "$answer" | jq -r '.data.certificate, (.data.ca_chain // [.data.issuing_ca])[]'
