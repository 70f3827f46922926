# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is connected: claims are told, tokens are not."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.audit.users import claims_of, connected, permissions_of


def token(**claims: Any) -> str:
    parts = ({"alg": "ed25519-nkey"}, {"sub": "UABC", "iss": "AABC", "name": "app", "nats": {}, **claims})
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, "c2lnbmF0dXJl"])


def test_one_entry_a_user_and_no_token() -> None:
    text = token(nats={"bearer_token": True, "issuer_account": "AROOT"}, exp=5)
    found = connected([{"jwt": text, "account": "AROOT"}, {"jwt": text, "account": "AROOT"}])
    assert len(found) == 1
    assert (found[0]["connections"], found[0]["bearer"], found[0]["expires"]) == (2, True, 5)
    assert (found[0]["issuer"], found[0]["issuer_account"]) == ("AABC", "AROOT")
    assert text not in repr(found) and text.split(".")[1] not in repr(found)


def test_users_without_a_token_by_account_and_name() -> None:
    found = connected(
        [{"authorized_user": "a", "account": "A"}, {"authorized_user": "a", "account": "B"}, {"account": "A"}], {"a"}
    )
    assert [(user["account"], user["name"]) for user in found] == [("A", ""), ("A", "a"), ("B", "a")]


@pytest.mark.parametrize("text", ["", "a.b", "a.!.c", "a.bm90IGpzb24.c"])
def test_what_is_no_token(text: str) -> None:
    assert claims_of(text) is None


def test_permissions() -> None:
    assert permissions_of({}) is None
    found = permissions_of({"pub": {"allow": ["a"]}, "sub": {"deny": ["b"]}})
    assert found == {"publish": {"allow": ["a"], "deny": []}, "subscribe": {"allow": None, "deny": ["b"]}}
    # Whoever may answer may publish nothing else.
    answers = permissions_of({"resp": {"max": 1}})
    assert answers is not None and answers["publish"]["allow"] == []
