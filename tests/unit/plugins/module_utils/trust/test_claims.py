# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Payloads are the very bytes of the official library, whatever order the claims come in."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust import claims
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import vectors


def shuffled(value: Any, source: random.Random) -> Any:
    if isinstance(value, dict):
        items = list(value.items())
        source.shuffle(items)
        return {name: shuffled(content, source) for name, content in items}
    return [shuffled(item, source) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("vector", vectors("jwt_positive_vectors.json"), ids=lambda vector: vector["name"])
def test_payloads_are_byte_exact(vector: dict[str, str]) -> None:
    wanted = json.loads(vector["payload_json"])
    for seed in range(5):
        mixed = shuffled(wanted, random.Random(seed))
        assert claims.encode(mixed).decode() == vector["payload_json"]
        assert claims.token_id(mixed) == vector["jti"]


def test_zeros_are_left_out_and_minus_one_is_not() -> None:
    nats = {"type": "account", "limits": {"subs": 0, "data": -1, "wildcards": False}, "exports": [], "tags": None}
    assert claims.arrange({"nats": nats})["nats"] == {
        "limits": {"data": -1},
        "default_permissions": {"pub": {}, "sub": {}},
        "authorization": {},
        "type": "account",
    }


def test_exports_imports_and_signing_keys_are_sorted() -> None:
    nats = {
        "type": "account",
        "exports": [{"subject": "b"}, {"subject": "a"}],
        "imports": [{"subject": "d"}, {"subject": "c"}],
        "signing_keys": ["AB", {"key": "AA", "kind": "user_scope"}],
    }
    found = claims.arrange({"nats": nats})["nats"]
    assert [each["subject"] for each in found["exports"]] == ["a", "b"]
    assert [each["subject"] for each in found["imports"]] == ["c", "d"]
    assert found["signing_keys"][1] == "AB"


def test_what_go_escapes_is_escaped() -> None:
    text = claims.encode({"name": "<&>" + "\u2028\u2029\x01\u00e9" + '"\\', "nats": {}}).decode()
    assert text == r'{"name":"\u003c\u0026\u003e\u2028\u2029\u0001' + "\u00e9" + r'\"\\","nats":{}}'


def test_claims_of_the_future_are_kept() -> None:
    nats = {"type": "user", "new_thing": 1, "another": {"b": 2, "a": 1}}
    assert list(claims.arrange({"nats": nats})["nats"]) == ["pub", "sub", "type", "another", "new_thing"]
