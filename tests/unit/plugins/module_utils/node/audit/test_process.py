# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process as proc(5) tells of it: this very one, and one that listens."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.audit import process


def made(*words: str, folder: str = "/srv") -> process.Process:
    return process.Process(1, "nats", "/usr/bin/nats-server", words, {}, folder)


@pytest.mark.parametrize(
    ("words", "config"),
    [
        (("nats-server", "-c", "/etc/nats.conf"), "/etc/nats.conf"),
        (("nats-server", "--config", "nats.conf"), "/srv/nats.conf"),
        (("nats-server", "--config=nats.conf"), "/srv/nats.conf"),
        (("nats-server", "-c=/a.conf", "-D"), "/a.conf"),
        (("nats-server", "-D", "-c"), None),
        (("nats-server", "-cluster", "nats://0.0.0.0:6222"), None),
    ],
)
def test_the_configuration(words: tuple[str, ...], config: str) -> None:
    assert made(*words).config == config


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("nats-server", "--user", "a", "--pass", "hush"), ["pass"]),
        (("nats-server", "-auth=hush"), ["auth"]),
        (("nats-server", "--routes", "nats://route:hush@10.0.0.1:6222"), ["a URL with a password"]),
        (("nats-server", "--cluster=nats://route:hush@0.0.0.0:6222"), ["cluster"]),
        (("nats-server", "--cluster=nats://0.0.0.0:6222", "-c", "a.conf"), []),
    ],
)
def test_secrets_among_the_words(words: tuple[str, ...], names: list[str]) -> None:
    assert made(*words).secret_words == names
    assert "hush" not in repr(made(*words))


def test_this_process() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        found = process.look(os.getpid())
        assert found is not None
        assert ("127.0.0.1", listening.getsockname()[1]) in found.sockets
    assert found.folder == os.getcwd() and found.environment["PATH"] == os.environ["PATH"]
    assert os.environ["PATH"] not in repr(found)


def test_an_ipv6_address() -> None:
    if not socket.has_ipv6 or not Path("/proc/net/if_inet6").exists():
        pytest.skip("this machine has no IPv6")
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listening:
        found = process.look(os.getpid())
        assert found is not None and ("::1", listening.getsockname()[1]) in found.sockets


def test_a_process_that_is_not_there() -> None:
    assert process.look(2**22 + 1) is None
    assert process.running("no-such-program") == []
    assert os.getpid() in process.running(os.path.basename(os.path.realpath("/proc/self/exe")))
