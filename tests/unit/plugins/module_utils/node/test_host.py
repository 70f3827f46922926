# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node import host
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import NatsError


@pytest.mark.parametrize(
    ("machine", "wanted"), [("x86_64", "amd64"), ("AMD64", "amd64"), ("aarch64", "arm64"), ("riscv64", "other")]
)
def test_architecture(machine: str, wanted: str) -> None:
    assert host.architecture(machine) == wanted
    assert host.architecture()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('ID=debian\nVERSION_ID="12"\n', ("debian", "12", "debian")),
        ('ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n', ("ubuntu", "24.04", "debian")),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"', ("rocky", "9.4", "redhat")),
        ("ID=alpine\nVERSION_ID=3.20.1\n", ("alpine", "3.20.1", "alpine")),
        ("", ("", "", "")),
    ],
)
def test_operating_system(tmp_path: Path, text: str, wanted: tuple[str, str, str]) -> None:
    (tmp_path / "os-release").write_text(text)
    assert tuple(host.operating_system(str(tmp_path / "os-release")).values()) == wanted


def test_a_system_without_os_release() -> None:
    assert host.operating_system("/nowhere") == {"id": "", "version_id": "", "family": ""}


def test_users_and_groups() -> None:
    assert host.user_id(getpass.getuser()) == os.getuid()
    assert host.user_id("nobody-has-this-name") is None
    assert host.group_id("nobody-has-this-name") is None


def program(folder: Path, text: str) -> str:
    place = folder / "program"
    place.write_text(text)
    place.chmod(0o755)
    return str(place)


def test_a_binary_is_described(tmp_path: Path) -> None:
    path = program(tmp_path, "#!/bin/sh\necho nats-server: v2.15.1\n")
    found = host.read_binary(path)
    assert found is not None
    assert (found.path, found.version, found.sha256) == (path, "2.15.1", host.sha256_of(path))
    unsummed = host.read_binary(path, checksum=False)
    assert unsummed is not None and unsummed.sha256 is None
    assert host.read_binary(str(tmp_path / "absent")) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("#!/bin/sh\necho hello\n", "does not answer"),
        ("#!/nowhere/sh\n", "does not run"),
        ("\x7fELF junk", "does not run"),
    ],
)
def test_what_is_no_nats_server_is_told(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(NatsError, match=words):
        host.binary_version(program(tmp_path, text))


@pytest.fixture
def listener() -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Go listens
    made.bind(("127.0.0.1", 0))
    made.listen()
    return made


def test_a_taken_port_and_one_of_our_own(listener: socket.socket) -> None:
    with listener:
        port = listener.getsockname()[1]
        wanted = [{"address": "127.0.0.1", "port": port, "purpose": "clients"}]
        taken = host.taken_ports(wanted, None)
        assert [(found.address, found.port, found.purpose) for found in taken] == [("127.0.0.1", port, "clients")]
        assert "taken by another program" in taken[0].message
        assert host.taken_ports(wanted, os.getpid()) == []
        assert port in host.ports_held_by(os.getpid())
    assert host.taken_ports(wanted, None) == []


@pytest.mark.skipif(sys.platform != "linux", reason="TEST-NET is routed nowhere on Linux")
@pytest.mark.parametrize(("address", "words"), [("192.0.2.1", "not an address of this host"), ("no host", "can't be")])
def test_an_address_that_is_not_ours(address: str, words: str) -> None:
    assert words in (host.why_not_bindable(address, 20001) or "")


def test_a_port_that_was_just_used_can_be_had_again(listener: socket.socket) -> None:
    address = listener.getsockname()
    client = socket.create_connection(address)
    server, _dummy = listener.accept()
    server.close()
    client.close()
    listener.close()
    assert host.why_not_bindable(*address) is None


def test_ports_that_the_server_chooses_are_left_out() -> None:
    assert host.taken_ports([{"address": "192.0.2.1", "port": port} for port in (0, -1)], None) == []
    assert host.ports_held_by(None) == frozenset()


def test_a_program_that_was_replaced_under_its_process(tmp_path: Path) -> None:
    program = tmp_path / "program"
    shutil.copy("/bin/sleep", program)
    with subprocess.Popen([str(program), "60"]) as running:
        try:
            assert not host.is_replaced(running.pid, str(program))
            fresh = tmp_path / "fresh"
            shutil.copy("/bin/sleep", fresh)
            fresh.replace(program)
            assert not host.is_replaced(running.pid, str(program)), "the same content"
            fresh.write_bytes(program.read_bytes() + b"\0")
            fresh.replace(program)
            assert host.is_replaced(running.pid, str(program))
            program.unlink()
            assert not host.is_replaced(running.pid, str(program)), "it can't be told"
        finally:
            running.kill()
