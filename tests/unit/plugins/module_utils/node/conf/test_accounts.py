# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts in the tree's words, written as nats-server reads them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.accounts import (
    accounts_of,
    callout_of,
    permissions_of,
    users_of,
)
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.options import problems_for_version

KEY = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"


def account(**fields: Any) -> Any:
    return accounts_of([{"name": "A", **fields}])["A"]


def user(**fields: Any) -> Any:
    return account(users=[fields])["users"][0]


def test_users_without_accounts() -> None:
    assert users_of([{"name": "a", "password": "x", "publish": {"allow": ["a.>"]}}]) == [
        {"user": "a", "password": "x", "permissions": {"publish": {"allow": ["a.>"]}}}
    ]
    assert permissions_of({"subscribe": {"deny": ["a"]}, "responses": {"ttl": "5s"}}) == {
        "subscribe": {"deny": ["a"]},
        "allow_responses": {"max": 1, "expires": "5s"},
    }


def test_callout() -> None:
    said = {"issuer": "A", "account": "AUTH", "auth_users": ["a"], "xkey": "", "allowed_accounts": []}
    assert callout_of(said) == {"issuer": "A", "account": "AUTH", "auth_users": ["a"]}
    with pytest.raises(ValueError, match="issuer"):
        callout_of({"account": "AUTH"})


def test_ways_to_log_in() -> None:
    assert user(name="a", nkey=KEY) == {"nkey": KEY}
    assert user(name="a", password='x"y') == {"user": "a", "password": 'x"y'}
    assert user(name="CN=a,O=b") == {"user": "CN=a,O=b"}
    assert user(name=7, password="") == {"user": "7"}


def test_permissions() -> None:
    written = user(
        name="a",
        nkey=KEY,
        publish={"allow": ["a", "b.>"], "deny": []},
        subscribe={"deny": ["c queue"]},
        responses={"max": 3, "ttl": "1d"},
        connection_types=["STANDARD", "WEBSOCKET"],
        proxy_required="yes",
    )
    assert written == {
        "nkey": KEY,
        "permissions": {
            "publish": {"allow": ["a", "b.>"]},
            "subscribe": {"deny": ["c queue"]},
            "allow_responses": {"max": 3, "expires": "24h"},
        },
        "allowed_connection_types": ["STANDARD", "WEBSOCKET"],
        "proxy_required": True,
    }


@pytest.mark.parametrize(
    ("responses", "written"),
    [({}, {"max": 1}), ({"max": -1}, {"max": -1}), ({"max": "unlimited", "ttl": "0s"}, {"max": -1})],
)
def test_responses_mean_what_the_tree_says(responses: dict[str, Any], written: dict[str, Any]) -> None:
    """One reply where nothing is said; the server itself would take that for its own default, too."""
    assert user(name="a", nkey=KEY, responses=responses)["permissions"]["allow_responses"] == written


def test_limits() -> None:
    limits = {"connections": "10", "subscriptions": -1, "payload": "1KiB", "leafnodes": 0, "jetstream": {"disk": "1G"}}
    assert account(limits=limits) == {
        "limits": {"max_connections": 10, "max_payload": 1024, "max_leafnodes": 0},
        "jetstream": {"max_store": 10**9},
    }
    assert account(limits={"jetstream": {}}) == {"jetstream": "enabled"}
    assert account(limits={"jetstream": {"streams": "unlimited", "max_bytes_required": True}}) == {
        "jetstream": {"max_bytes_required": True}
    }
    assert account(limits={"connections": "unlimited"}) == {}


def test_sharing_and_mapping() -> None:
    written = account(
        description="told nobody",
        default_permissions={"publish": {"deny": [">"]}},
        exports=[
            {"name": "Orders", "subject": "o.>", "type": "service", "response_type": "Stream", "accounts": ["B"]},
            {
                "subject": "p.*",
                "type": "service",
                "account_token_position": 2,
                "response_threshold": "2m",
                "latency": {"results": "lat", "sampling": 50},
                "allow_trace": True,
            },
        ],
        imports=[
            {"account": "B", "subject": "s.>", "type": "stream", "local_subject": "b.s.>"},
            {"account": "B", "subject": "q", "type": "service", "share": True},
        ],
        mappings=[{"subject": "m.*", "to": [{"subject": "n.$1"}, {"subject": "k", "weight": 5, "cluster": "east"}]}],
    )
    assert written == {
        "default_permissions": {"publish": {"deny": [">"]}},
        "exports": [
            {"service": "o.>", "accounts": ["B"], "response_type": "Stream"},
            {
                "service": "p.*",
                "response_threshold": "2m",
                "latency": {"sampling": 50, "subject": "lat"},
                "account_token_position": 2,
                "allow_trace": True,
            },
        ],
        "imports": [
            {"stream": {"account": "B", "subject": "s.>"}, "to": "b.s.>"},
            {"service": {"account": "B", "subject": "q"}, "share": True},
        ],
        "mappings": {
            "m.*": [{"destination": "n.$1", "weight": 100}, {"destination": "k", "weight": 5, "cluster": "east"}]
        },
    }
    assert problems_for_version({"accounts": {"A": written}}, "2.15.1") == []


@pytest.mark.parametrize(
    ("accounts", "message"),
    [
        ({"A": {}}, "accounts: is not a list"),
        (["A"], r"\[0\]: is not a mapping"),
        ([{}], r"\[0\].name: is not a text"),
        ([{"name": "A"}, {"name": "A"}], r"\[1\].name: another account has this name"),
        ([{"name": "A", "users": [{"name": "u", "password": ["hush"]}]}], r"\[0\].users\[0\].password: is not a text"),
        ([{"name": "A", "users": [{"name": "u", "publish": {"allow": "a"}}]}], r"publish.allow: is not a list"),
        ([{"name": "A", "limits": {"payload": "big"}}], r"\[0\].limits.payload: 'big' is not a size"),
    ],
)
def test_what_has_no_place(accounts: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message) as told:
        accounts_of(accounts)
    assert "hush" not in str(told.value)
