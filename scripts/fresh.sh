#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# fresh.sh SUITE: ./quickstart from a fresh clone of the last commit in a bare Debian container that has python3 and git.

cd "$(dirname "$0")/.." || exit 1
# shellcheck source=scripts/environment.sh
. scripts/environment.sh

suite=$1
base=aegis-nats/base:$suite
authorities=/etc/ssl/certs/ca-certificates.crt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

ansible-playbook -i localhost, -c local -e "ansible_python_interpreter=$(command -v python)" \
  -e "machine_suite=$suite" -e "machine_base=$base" molecule/shared/base.yml
git bundle create --quiet "$work/checkout.bundle" HEAD

# The container trusts who this machine trusts, and finds packages where it does.
options=(--rm --volume "$work:/bundle:ro" --env PIP_INDEX_URL --env http_proxy --env https_proxy --env no_proxy)
if [ -e "$authorities" ]; then options+=(--volume "$authorities:$authorities:ro" --env "PIP_CERT=$authorities"); fi

docker run --interactive "${options[@]}" "$base" bash -euxo pipefail <<'INSIDE'
export DEBIAN_FRONTEND=noninteractive
apt-get update -q >/dev/null
apt-get install -y -q --no-install-recommends python3 git >/dev/null
git clone --quiet /bundle/checkout.bundle /srv/aegis.nats
cd /srv/aegis.nats
./quickstart </dev/null
test -s .quickstart/client.env
./quickstart clean </dev/null
test ! -e .quickstart
INSIDE
