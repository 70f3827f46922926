#!/bin/sh
# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# responder.sh FOLDER PORT [AUTHORITY]: an OCSP responder. It answers from the index that aegis.nats.revocation_list keeps,
# and signs with the certificate of the profile "ocsp" that was issued under the name "ocsp" (nats_pki_ocsp_urls has it
# made). It waits until they are there, and takes up within two seconds what changes in them. An answer is good for
# $MINUTES minutes (60).
#
# openssl-ocsp(1) says itself that it is not meant for production. It listens on every address of the machine and answers
# one question at a time, and a connection that asks nothing stops it: keep it behind a firewall. The key must lie open
# here: unseal a copy of it, or deliver it.
set -eu
folder=$1 port=$2 authority=${3:-ca}
set -- "$folder/$authority.index.txt" "$folder/$authority.crt" "$folder/issued/ocsp.crt" "$folder/issued/ocsp.key"
responder=
stop() { [ -z "$responder" ] || kill "$responder" 2>/dev/null || true; }
trap 'stop; exit 0' INT TERM
trap stop EXIT

state() { cat "$@" 2>/dev/null | cksum; }

while :; do
  until cat "$@" >/dev/null 2>&1; do sleep 1; done
  now=$(state "$@")
  openssl ocsp -port "$port" -index "$folder/$authority.index.txt" -CA "$folder/$authority.crt" -timeout 5 \
    -rsigner "$folder/issued/ocsp.crt" -rkey "$folder/issued/ocsp.key" -nmin "${MINUTES:-60}" &
  responder=$!
  # Started anew when what it read has changed, and when it has ended.
  while [ "$(state "$@")" = "$now" ] && kill -0 "$responder" 2>/dev/null; do sleep 1; done
  stop
  wait "$responder" || true
done
