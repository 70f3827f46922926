# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.comparing import comparer
from ansible_collections.aegis.nats.plugins.module_utils.node.decide import Decision
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import NatsError

ETC = Path("/etc/nats")
CONFIG = b"""
operator: "/etc/nats/current/operator.jwt"
tls { cert_file: "/etc/nats/current/tls/server.pem" }
jetstream { key: $JS_KEY }
include "sub/limits.conf"
"""
OLD = {
    "nats-server.conf": CONFIG,
    "sub/limits.conf": b"max_payload: 1MB\n",
    "operator.jwt": b"o",
    "tls/server.pem": b"c",
    "notes.txt": b"n",
}


def judge(version: str = "2.15.1", **changes: bytes) -> Decision:
    return comparer(ETC, "nats-server.conf", version)(OLD, {**OLD, **changes})


def test_nothing_changed() -> None:
    assert judge() == Decision()
    assert judge(**{"nats-server.conf": b"# a comment\n" + CONFIG}) == Decision()


@pytest.mark.parametrize(
    ("path", "content", "action"),
    [
        ("sub/limits.conf", b"max_payload: 2MB", "reload"),
        ("sub/limits.conf", b"max_payload: 1MB\nport: 5222", "restart"),
        ("tls/server.pem", b"another", "reload"),
        ("operator.jwt", b"another", "restart"),
        ("notes.txt", b"another", "none"),
    ],
)
def test_what_a_changed_file_needs(path: str, content: bytes, action: str) -> None:
    decision = judge(**{path: content})
    assert decision.action == action
    assert bool(decision.reasons) is (action != "none")


def test_what_can_t_be_read_is_a_restart() -> None:
    assert judge(**{"nats-server.conf": b"a {"}).action == "restart"
    assert judge(**{"nats-server.conf": b'include "outside.conf"'}).action == "restart"


def test_an_unknown_version_is_careful_and_a_wrong_one_is_told() -> None:
    assert judge("", **{"operator.jwt": b"another"}).action == "restart"
    with pytest.raises(NatsError, match="server_version"):
        judge("newest", **{"sub/limits.conf": b"max_payload: 2MB"})
