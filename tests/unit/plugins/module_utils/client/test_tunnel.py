# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections through a program's input and output; through a real sshd in tests/integration."""

from __future__ import annotations

import sys
from typing import Any, Optional

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.client.tunnel import Tunnel, passage, read_tunnel
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems

ECHO = "import sys; print(sys.argv[1:], flush=True); print(sys.stdin.readline(), flush=True)"
COMPLAIN = "import sys; print('Permission denied\\n\\nPermission denied', file=sys.stderr)"


@pytest.mark.parametrize(("host", "target"), [("192.0.2.1", "192.0.2.1:4222"), ("2001:db8::1", "[2001:db8::1]:4222")])
def test_what_is_written_arrives_and_what_is_said_comes_back(host: str, target: str) -> None:
    with passage(Tunnel("n1", (sys.executable, "-c", ECHO), "192.0.2.9"), host, 4222) as way:
        way.connection.sendall(b"hello\n")
        received = b""
        while part := way.connection.recv(4096):
            received += part
        assert received.decode().split("\n")[:2] == [str(["-W", target, "--", "192.0.2.9"]), "hello"]
        assert way.complaint() == ""
    assert way._process.returncode is not None and way.complaint() == ""


def test_what_the_program_complains_of_is_one_line() -> None:
    with passage(Tunnel("n1", (sys.executable, "-c", COMPLAIN), "192.0.2.9"), "192.0.2.1", 4222) as way:
        assert way.connection.recv(4096) == b""
        assert way.complaint() == "ssh to n1: Permission denied"


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        Tunnel("n1", ("/nonexistent/ssh",), "192.0.2.9").open("192.0.2.1", 4222)


@pytest.mark.parametrize(
    ("way", "problem"),
    [
        (None, "via: goes with the controller's own"),
        ({"problem": "n1 is reached by local"}, "via: n1 is reached by local"),
    ],
)
def test_without_a_way_there_is_a_problem(way: Optional[dict[str, Any]], problem: str) -> None:
    problems = Problems()
    assert read_tunnel({"via": "n1", "way": way}, problems) is None
    assert len(problems) == 1 and str(next(iter(problems))).startswith(problem)


def test_a_way_is_a_tunnel() -> None:
    problems = Problems()
    assert read_tunnel({"via": None}, problems) is None
    way = {"command": ["ssh", "-o", "BatchMode=yes"], "address": "192.0.2.9"}
    assert read_tunnel({"via": "n1", "way": way}, problems) == Tunnel("n1", ("ssh", "-o", "BatchMode=yes"), "192.0.2.9")
    assert len(problems) == 0
