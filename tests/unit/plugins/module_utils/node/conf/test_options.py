# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that a version does not know are told with their path."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.options import (
    canonical,
    child_block,
    problems_for_version,
    version_tuple,
)

CONFIG = {
    "server_name": "n1",
    "server_metadata": {"any thing": "x"},
    "LISTEN": "127.0.0.1:4222",
    "jetstream": {"strict": True, "limits": {"batch": {"max_msgs": 1}}},
    "accounts": {"APP": {"msg_trace": {"dest": "x"}, "users": [{"user": "a", "proxy_required": True}]}},
    "cluster": {"authorization": {"user": "a"}, "write_deadline": "5s"},
    "leafnodes": {"remotes": [{"url": "x"}, {"disabled": True}]},
}


def told(config: dict[str, object], version: str) -> dict[str, str]:
    return {problem.path: problem.message for problem in problems_for_version(config, version)}


def test_a_new_server_knows_all() -> None:
    assert told(CONFIG, "2.15.1") == {}


def test_an_old_server_knows_less() -> None:
    found = told(CONFIG, "2.10.26")
    assert list(found) == [
        "server_metadata",
        "jetstream.strict",
        "jetstream.limits.batch",
        "accounts.APP.msg_trace",
        "accounts.APP.users[0].proxy_required",
        "cluster.write_deadline",
        "leafnodes.remotes[1].disabled",
    ]
    assert found["server_metadata"] == (
        "nats-server 2.10.26 does not know this option, 2.12.0 is the first that does: leave it out"
    )


@pytest.mark.parametrize(
    ("config", "path", "message"),
    [
        ({"max_payloads": 1}, "max_payloads", "did you mean max_payload?"),
        ({"foo": 1}, "foo", "no nats-server knows this option"),
        ({"cluster": {"authorization": {"nkey": "N"}}}, "cluster.authorization.nkey", "no nats-server knows"),
        ({"resolver": {"intervall": "2m"}}, "resolver.intervall", "did you mean interval?"),
        ({"tls": {"ciphers": []}}, "tls.ciphers", "did you mean"),
    ],
)
def test_what_no_server_knows(config: dict[str, object], path: str, message: str) -> None:
    assert message in told(config, "2.15.1")[path]


def test_other_names_and_blocks() -> None:
    assert canonical("top", "Monitor_Port") == "http_port"
    assert canonical("jetstream", "max_mem") == "max_memory_store"
    assert canonical("user", "pass") == "password"
    assert child_block("top", "leaf") == "leafnodes"
    assert child_block("top", "accounts") == "named account"
    assert child_block("top", "debug") == ""


def test_versions() -> None:
    assert version_tuple("v2.14.0-RC.1") == (2, 14, 0)
    assert version_tuple("2.9.21") < version_tuple("2.10.0")
    with pytest.raises(ValueError, match="write it like 2"):
        version_tuple("latest")
