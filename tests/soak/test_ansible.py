# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every ansible-core that meta/runtime.yml admits runs a cluster, from the oldest Python of its own to the newest here.

The hosts' Python is another one, without any library: what runs there must not need one.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, Run, good

PINNED = ROOT / "requirements" / "ansible"
CACHE = ROOT / ".cache" / "ansible"
RELEASES = tuple(sorted(place.stem for place in PINNED.glob("*.txt")))
#: The first Python of a controller and of a host. https://docs.ansible.com/ansible-core/devel/reference_appendices/release_and_maintenance.html
FIRST = {"2.18": (11, 8), "2.19": (11, 8), "2.20": (12, 9), "2.21": (12, 9)}
#: The collection's own, of a host.
LOWEST = 9
ASK = "import sys; print(sys._base_executable) if sys.version_info[:2] == (3, %d) else sys.exit(1)"


def pythons() -> Mapping[int, str]:
    """Minor version and path of every Python 3 that really runs here."""
    folders = [*(Path.home() / ".pyenv" / "versions").glob("3.*/bin"), *map(Path, os.get_exec_path())]
    found: dict[int, str] = {}
    for folder in folders:
        for place in folder.glob("python3.*"):
            minor = re.fullmatch(r"python3\.(\d+)", place.name)
            if minor and int(minor[1]) not in found:
                asked = subprocess.run(
                    [str(place), "-c", ASK % int(minor[1])], capture_output=True, text=True, check=False
                )
                if asked.returncode == 0:
                    found[int(minor[1])] = asked.stdout.strip()
    return found


PYTHONS = pythons()


def program(release: str, python: str, minor: int) -> str:
    """ansible-playbook of a release, in a virtual environment of that Python."""
    pins = (PINNED / f"{release}.txt").read_text(encoding="utf-8")
    otherwise = set(re.findall(r"^([a-z-]+)==", pins, re.M))
    usual = (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8").splitlines()
    CACHE.mkdir(parents=True, exist_ok=True)
    wanted = CACHE / f"{release}.txt"
    kept = [line for line in usual if line.partition("==")[0] not in otherwise]
    wanted.write_text("\n".join([*kept, pins]), encoding="utf-8")
    home = CACHE / f"{release}-3.{minor}"
    script = 'source scripts/environment.sh; ensure_venv "$0" "$1"'
    made = subprocess.run(
        ["bash", "-c", script, str(home), str(wanted)],
        cwd=ROOT,
        env={**os.environ, "PYTHON": python},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return str(home / "bin" / "ansible-playbook")


def pairs() -> list[tuple[str, str]]:
    """Of each release its oldest controller with the oldest host, and the newest with the newest."""
    return [(release, end) for release in RELEASES for end in ("oldest", "newest")]


def chosen(release: str, end: str) -> tuple[int, int]:
    """Minor versions of the controller's Python and of the hosts'."""
    pick = min if end == "oldest" else max
    controllers = [minor for minor in PYTHONS if minor >= FIRST[release][0]]
    hosts = [minor for minor in PYTHONS if minor >= max(FIRST[release][1], LOWEST)]
    if not controllers:
        pytest.skip(f"ansible-core {release} needs Python 3.{FIRST[release][0]} or later, which is not here")
    return pick(controllers), pick(hosts)


def clean(run: Run) -> Run:
    """A run that ended well and said nothing of what Ansible will take away."""
    good(run)
    assert "DEPRECATION" not in run.output, run.output
    warnings = [line for line in run.output.splitlines() if "[WARNING]" in line and "is under way" not in line]
    assert warnings == [], run.output
    return run


def test_all_that_are_admitted() -> None:
    lowest = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["requires_ansible"]
    assert lowest == f">={RELEASES[0]}.0"
    assert set(RELEASES) == set(FIRST)


@pytest.mark.parametrize(("release", "end"), pairs())
def test_a_cluster_lives(tmp_path: Path, binary: str, release: str, end: str) -> None:
    controller, host = chosen(release, end)
    estate = Estate(tmp_path / "estate", binary)
    estate.program = program(release, PYTHONS[controller], controller)
    estate.settings["ansible_python_interpreter"] = PYTHONS[host]
    playbooks = ROOT / "playbooks"
    try:
        asked = subprocess.run([estate.program, "--version"], capture_output=True, text=True, check=True).stdout
        assert f"core {release}." in asked and f"python version = 3.{controller}." in asked
        clean(estate.deploy("--check", "--diff"))
        assert not estate.processes()
        clean(estate.deploy())
        assert clean(estate.deploy("--check", "--diff")).changes == []
        assert clean(estate.deploy()).changes == []
        estate.settings["nats_server_max_pending"] = "48MiB"
        estate.settings["nats_server_jetstream_max_memory"] = "128MiB"
        foretold = clean(estate.deploy("--check"))
        changed = clean(estate.deploy())
        assert {host for host, _task in foretold.changes} == {host for host, _task in changed.changes} != set()
        clean(estate.deploy("-e", "nats_rotate=TeamAlpha", playbook=str(playbooks / "rotate_signing_keys.yml")))
        clean(estate.deploy(playbook=str(playbooks / "rotate_certificates.yml")))
        clean(estate.deploy(playbook=str(playbooks / "rolling_restart.yml")))
        clean(estate.deploy(playbook=str(playbooks / "audit.yml")))
        estate.settings["nats_server_port"] = "many"
        refused = estate.deploy()
        assert refused.code != 0
        assert [(path, message) for path, message in refused.problems if path == "nats_server_port"], refused.told
    finally:
        estate.close()
    print(f"ansible-core {release}, Python 3.{controller} here and 3.{host} on hosts")
