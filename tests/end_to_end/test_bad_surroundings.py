# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong around a deploy: ports, programs, groups, disks. And a cluster that runs stays as it is."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.bad_input import Bad, assert_refused, assert_told, cases
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate, put

_OWN_MOUNTS = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0
MOUNTS = pytest.mark.skipif(not _OWN_MOUNTS, reason="a file system of its own needs the right to mount")


def untouched(estate: Estate) -> bool:
    return not (estate.root / "nats").exists() and not (estate.root / "nodes").exists() and not estate.processes()


@pytest.mark.parametrize("kind", ["client", "cluster", "monitoring"])
def test_port_taken(estate: Estate, kind: str) -> None:
    port = estate.ports[kind][1]
    variable = {"client": "port", "cluster": "cluster_port", "monitoring": "monitoring_port"}[kind]
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        run = estate.deploy()
        assert_told(run, [("", f"n2: nats_server_{variable}: port {port} on 127.0.0.1 is taken by another program")])
        assert untouched(estate)


def test_address_of_another_host(estate: Estate) -> None:
    estate.hosts["n2"]["nats_server_host"] = "192.0.2.7"
    run = estate.deploy()
    assert_told(run, [("", "n2: nats_server_port: 192.0.2.7 is not an address of this host: write one of its")])
    assert "nats_server_cluster_port: 192.0.2.7 is not an address of this host" in run.text
    assert untouched(estate)


def test_group_without_hosts(estate: Estate) -> None:
    run = estate.deploy("-e", "nats_group=nats_server")
    assert_told(run, [("", "nats_group: the inventory has no host in a group nats_server:")])
    assert untouched(estate)


def test_program_missing(estate: Estate) -> None:
    estate.settings["nats_server_binary_path"] = str(estate.root / "nats-server")
    assert_told(estate.deploy(), [("", f"{estate.root}/nats-server is not there: install it")] * 3)
    assert untouched(estate)


def other_processor(estate: Estate) -> Path:
    """A program whose header says that it is for a processor that nobody has."""
    place = estate.root / "nats-server"
    content = bytearray(Path(estate.binary).read_bytes()[:4096])
    content[18:20] = (0xBEEF).to_bytes(2, "little")
    place.write_bytes(content)
    place.chmod(0o755)
    return place


def test_program_for_another_processor(estate: Estate) -> None:
    place = estate.settings["nats_server_binary_path"] = str(other_processor(estate))
    run = estate.deploy()
    assert run.code != 0
    assert "Traceback" not in run.output
    assert f"{place} does not run on this host" in run.text
    assert "it is built for another processor" in run.text
    assert untouched(estate)


@cases(
    Bad(
        "local program missing",
        [("nats_server_binary_src", "/missing/nats-server on the controller: No such file or directory")],
        {"nats_server_binary_src": "/missing/nats-server", "nats_server_install_method": "local"},
    ),
    Bad(
        "local program not named",
        [("nats_server_binary_src", "is empty: with nats_server_install_method: local it names")],
        {"nats_server_binary_src": "", "nats_server_install_method": "local"},
    ),
    Bad(
        "local program of another checksum",
        [("nats_server_binary_sha256", f"is {'0' * 64}, but ")],
        {
            "nats_server_binary_src": "{{ quickstart_binary }}",
            "nats_server_install_method": "local",
            "nats_server_binary_sha256": "0" * 64,
        },
    ),
)
def test_local_program(estate: Estate, case: Bad) -> None:
    assert_refused(estate, case)
    assert untouched(estate)


def test_local_program_for_another_processor(estate: Estate) -> None:
    place = other_processor(estate)
    estate.settings["nats_server_install_method"] = "local"
    estate.settings["nats_server_binary_src"] = str(place)
    estate.settings["nats_server_binary_path"] = str(estate.root / "bin" / "nats-server")
    run = estate.deploy()
    assert run.code != 0
    assert "Traceback" not in run.output
    assert f"{place} is for another processor" in run.text, run.output
    assert untouched(estate)


def in_namespace(script: str, estate: Estate) -> list[str]:
    """Words before a command that let it run after ``script`` in a mount namespace; $0 is the estate's folder."""
    return ["unshare", "--mount", "sh", "-ec", f'{script}; exec "$@"', str(estate.root)]


@MOUNTS
def test_read_only_folder(kept: Estate) -> None:
    put(kept.settings, "nats_trust_accounts[1].users[+]", {"name": "second"})
    before = kept.snapshot()
    script = 'mount --bind "$0/nats" "$0/nats"; mount -o remount,ro,bind "$0/nats"'
    run = kept.deploy(wrap=in_namespace(script, kept))
    assert_told(run, [("", "Read-only file system")])
    assert str(kept.root / "nats") in run.text
    assert kept.snapshot() == before
    assert not kept.processes()


@MOUNTS
def test_read_only_folder_at_first(estate: Estate) -> None:
    (estate.root / "nats").mkdir(mode=0o700)
    script = 'mount --bind "$0/nats" "$0/nats"; mount -o remount,ro,bind "$0/nats"'
    run = estate.deploy(wrap=in_namespace(script, estate))
    assert_told(run, [("", "Read-only file system")])
    assert list((estate.root / "nats").iterdir()) == []
    assert not (estate.root / "nodes").exists()


@MOUNTS
def test_full_disk(kept: Estate) -> None:
    """The store is on a disk without room for what is new; it is copied out before the disk goes away."""
    put(kept.settings, "nats_trust_accounts[1].users[+]", {"name": "second"})
    before = kept.snapshot()
    shutil.move(str(kept.root / "nats"), str(kept.root / "tmp" / "nats"))
    (kept.root / "nats").mkdir(mode=0o700)
    script = """
        mount -t tmpfs -o size=4m,mode=0700 none "$0/nats"
        cp -a "$0/tmp/nats/." "$0/nats/"
        dd if=/dev/zero of="$0/nats/pki/full" bs=4k 2>/dev/null || true
        code=0; "$@" || code=$?
        rm -rf "$0/tmp/nats" "$0/nats/pki/full"
        cp -a "$0/nats" "$0/tmp/nats"
        exit $code
    """
    run = kept.deploy(wrap=["unshare", "--mount", "sh", "-ec", script, str(kept.root)])
    (kept.root / "nats").rmdir()
    shutil.move(str(kept.root / "tmp" / "nats"), str(kept.root / "nats"))
    assert_told(run, [("", "nothing was changed: No space left on device")])
    assert kept.snapshot() == before
    assert not kept.processes()


def load_times(estate: Estate) -> list[Any]:
    found = []
    for port in estate.ports["monitoring"]:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/varz", timeout=5) as answer:
            varz = json.load(answer)
        found.append((varz["server_name"], varz["config_load_time"], varz["start"]))
    return found


@cases(
    Bad(
        "a port of another program's",
        [("n1.nats_server_port", "99999 is out of range")],
        hosts={"n1.nats_server_port": 99999},
    ),
    Bad(
        "a user twice",
        [("accounts.TeamAlpha.users[1].name", "is also the name of users[0]")],
        {"nats_trust_accounts[0].users[1].name": "order-service"},
    ),
    Bad(
        "several",
        [
            ("nats_server_jetstream_key", "is a path"),
            ("nats_server_tls_curve_preferences[0]", "write CurveP256"),
            ("accounts.TeamAlpha.users[0].publish.allow[0]", '">" must be the last token'),
        ],
        {
            "nats_server_jetstream_key": "/etc/nats/js.key",
            "nats_server_tls_curve_preferences": ["P-256"],
            "nats_trust_accounts[0].users[0].publish.allow": [">.orders"],
        },
    ),
    Bad(
        "another operator",
        [("", "this is the store of operator MyCompany, not of Other")],
        {"nats_trust_operator.name": "Other"},
    ),
)
def test_running_cluster_is_left_alone(running: Estate, case: Bad) -> None:
    before = load_times(running)
    try:
        assert_refused(running, case)
    finally:
        running.reset()
    assert len(running.processes()) == 3
    assert load_times(running) == before
