# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens, byte for byte those of the official library; what it refuses to decode is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust import keys, tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.plugins.module_utils.trust.tokens import TokenProblem
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import key, vectors

VERDICTS = vectors("jwt_validation_vectors.json")
# The library fails while it decodes; here the token is read and the fault is found when it is judged.
JUDGED = {"export type bogus"}


@pytest.mark.parametrize("vector", vectors("jwt_positive_vectors.json"), ids=lambda vector: vector["name"])
def test_tokens_are_byte_exact(vector: dict[str, str]) -> None:
    claims = json.loads(vector["payload_json"])
    del claims["jti"], claims["iss"]
    assert tokens.sign(claims, keys.from_seed(vector["issuer_seed"])).text == vector["token"]
    assert tokens.read(vector["token"]).claims == json.loads(vector["payload_json"])


@pytest.mark.parametrize("vector", VERDICTS, ids=lambda vector: vector["name"])
def test_what_the_library_decodes_is_read(vector: dict[str, Any]) -> None:
    if vector["verdict"] == "decode-error" and vector["name"] not in JUDGED:
        with pytest.raises(TokenProblem):
            tokens.read(vector["token"])
    else:
        assert tokens.read(vector["token"] + "\n").text == vector["token"]


def test_a_key_that_may_not_sign_is_refused() -> None:
    claims = {"sub": key(Role.ACCOUNT, 1).public_key, "nats": {"type": "account", "version": 2}}
    with pytest.raises(TokenProblem, match="an account token can't be signed by the key of a user"):
        tokens.sign(claims, key(Role.USER, 1))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "three parts"),
        ("a.b", "three parts"),
        ("a.b.c", "not base64url"),
        ("a.bnVsbA.c", "not of NATS"),
        ("a.eyJpYXQiOiJ4IiwibmF0cyI6e319.c", "its iat"),
    ],
)
def test_what_is_no_token_is_told(text: str, says: str) -> None:
    with pytest.raises(TokenProblem, match=says):
        tokens.read(text)


def test_a_token_too_large_is_refused() -> None:
    claims = {"nats": {"type": "operator", "version": 2, "tags": ["x" * tokens.MAX_BYTES]}}
    with pytest.raises(TokenProblem, match="at most 1048576"):
        tokens.sign(claims, key(Role.OPERATOR, 1))
    with pytest.raises(TokenProblem, match="at most 1048576"):
        tokens.read("a" * (tokens.MAX_BYTES + 1))


def test_the_text_is_not_shown() -> None:
    token = tokens.read(vectors("jwt_positive_vectors.json")[4]["token"])
    assert token.text not in repr(token)
    assert (token.kind, token.name, token.expires) == ("user", "u", 0)
