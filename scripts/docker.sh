# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sourced by ./test after environment.sh: a Docker engine that answers.

docker_answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

# docker_packages: Debian 13 keeps the client in a package of its own, Debian 12 does not know that package.
docker_packages() {
  printf 'docker.io\niptables\n'
  if apt-cache show docker-cli >/dev/null 2>&1; then echo docker-cli; fi
}

# ensure_docker LOG: installs the distribution's engine where there is none, starts it where it does not run.
ensure_docker() {
  local log=$1 packages waited=0
  docker_answers && return
  if ! command -v dockerd >/dev/null; then
    as_root_on_apt || fail "Molecule needs Docker: install your distribution's Docker engine and start it."
    say "Installing the distribution's Docker engine (Molecule's machines are containers)"
    apt-get update >/dev/null 2>&1 || true
    mapfile -t packages < <(docker_packages)
    apt_install "${packages[@]}"
  fi
  if ! docker_answers; then
    [ "$(id -u)" = 0 ] || fail "Docker is installed but does not answer: start it, or join the group docker."
    say "Starting the Docker engine"
    if [ -d /run/systemd/system ]; then
      systemctl start docker.service || true
    else
      setsid dockerd >"$log" 2>&1 </dev/null &
    fi
  fi
  until docker_answers; do
    waited=$((waited + 1))
    [ "$waited" -le 60 ] || fail "the Docker engine does not answer after 60 s; its log is $log."
    sleep 1
  done
}
