# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sourced by ./test after environment.sh: Prometheus with promtool, its node exporter, and Alertmanager's amtool, from Debian's
# packages: fetched by apt, which proves them by the signed index of the archive, and unpacked below a folder. Nothing is installed.

# prometheus_package PROGRAM: the package that has it.
prometheus_package() {
  case $1 in
    prometheus | promtool) echo prometheus ;;
    prometheus-node-exporter) echo prometheus-node-exporter ;;
    amtool) echo prometheus-alertmanager ;;
    *) fail "there is no $1 to fetch: prometheus, promtool, prometheus-node-exporter, amtool" ;;
  esac
}

# ensure_prometheus DIR PROGRAM: prints the path of a program: the machine's where it has one, else the one below DIR.
ensure_prometheus() {
  local dir=$1 name=$2 program=$1/usr/bin/$2
  command -v "$name" && return
  mkdir -p "$dir"
  (
    flock 9
    "$program" --version >/dev/null 2>&1 || fetch_prometheus "$dir" "$(prometheus_package "$name")"
  ) 9>"$dir/.lock" || exit 1
  "$program" --version >/dev/null 2>&1 || fail "the fetched $name does not run here."
  printf '%s\n' "$program"
}

# fetch_prometheus DIR PACKAGE: the work of ensure_prometheus.
fetch_prometheus() {
  local dir=$1 package=$2 download
  command -v apt-get >/dev/null || fail "the tests of monitoring need $package: install it, or run them on Debian."
  say "Fetching $package (a Debian package, proven by the archive's signature)"
  download=$(mktemp -d "$dir/.download.XXXXXX")
  # apt fetches as a user of its own where it may.
  if [ "$(id -u)" = 0 ]; then chmod 0755 "$download" && chown _apt "$download"; fi
  if ! (cd "$download" && apt-get download --quiet "$package") >&2; then
    as_root_on_apt && apt-get update >&2
    (cd "$download" && apt-get download --quiet "$package") >&2 || fail "apt-get could not fetch $package."
  fi
  dpkg-deb --extract "$download/$package"_*.deb "$dir" || fail "$package could not be unpacked."
  rm -rf "$download"
}
