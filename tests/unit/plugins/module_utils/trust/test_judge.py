# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official library's verdicts on the 64 vectors, and what a token says in words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust import libraries, tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.judge import judge, other_claims, words
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import key, vectors

READABLE = [each for each in vectors("jwt_validation_vectors.json") if each["verdict"] != "decode-error"]


@pytest.mark.parametrize("vector", READABLE, ids=lambda vector: vector["name"])
def test_the_verdict_is_the_official_one(vector: dict[str, Any]) -> None:
    token = tokens.read(vector["token"])
    blocking = any(issue["blocking"] for issue in vector["issues"])
    assert bool(len(judge(token))) == blocking, [str(each) for each in judge(token)]


def test_an_export_of_an_unknown_type_is_told() -> None:
    vector = next(each for each in vectors("jwt_validation_vectors.json") if each["name"] == "export type bogus")
    assert [each.path for each in judge(tokens.read(vector["token"]))] == ["exports[0].type"]


def test_the_words_are_those_of_the_tree() -> None:
    full = next(each for each in vectors("jwt_positive_vectors.json") if each["name"] == "user_full")
    assert words(tokens.read(full["token"])) == {
        "name": "u",
        "publish": {"allow": ["a.>"], "deny": ["a.secret"]},
        "subscribe": {"allow": ["q v1"]},
        "responses": {"ttl": "1m"},
        "source_networks": ["10.0.0.0/8", "192.168.0.1/32"],
        "times": [{"start": "08:00:00", "end": "18:00:00"}],
        "times_location": "Europe/Berlin",
        "bearer": True,
        "proxy_required": True,
        "connection_types": ["STANDARD", "WEBSOCKET"],
        "tags": ["team:a"],
    }
    assert other_claims(tokens.read(full["token"])) == {}


@pytest.mark.parametrize("junk", [7, "text", [1], {"a": 1}, [None], [{"subject": 3}]])
@pytest.mark.parametrize("name", ["exports", "imports", "limits", "default_permissions", "signing_keys", "tags"])
def test_junk_in_a_token_is_a_problem_and_not_a_crash(name: str, junk: Any) -> None:
    owner = key(Role.OPERATOR, 1)
    nats = {"type": "account", "version": 2, name: junk}
    claims = {"iss": owner.public_key, "sub": key(Role.ACCOUNT, 1).public_key, "name": "A", "nats": nats}
    token = tokens.read(libraries.sign_token(json.dumps(claims).encode(), owner))
    assert judge(token) is not None
    assert other_claims(token) is not None
