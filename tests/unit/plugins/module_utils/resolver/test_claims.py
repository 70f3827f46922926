# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an account JWT says."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.resolver.claims import decode

CLAIMS = {"sub": "A1", "iss": "O1", "iat": 100, "jti": "x", "name": "T", "nats": {"type": "account", "version": 2}}


def token(claims: Any) -> str:
    return "e30." + base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=") + ".c2ln"


def test_it_is_read() -> None:
    claims = decode(token({**CLAIMS, "exp": 200}) + "\n")
    assert (claims.subject, claims.issuer, claims.issued, claims.expires) == ("A1", "O1", 100, 200)
    assert decode(token(CLAIMS)).expires is None


def test_when_it_was_signed_does_not_count() -> None:
    first = decode(token(CLAIMS))
    assert first.says_the_same(decode(token({**CLAIMS, "iat": 500, "jti": "y"})))
    assert not first.says_the_same(decode(token({**CLAIMS, "name": "U"})))
    assert not first.says_the_same(decode(token({**CLAIMS, "iss": "O2"})))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "three parts"),
        ("a.b", "three parts"),
        ("a.!!.c", "base64url"),
        ("a.bm8.c", "base64url"),
        (token([]), "nats.type"),
        (token({**CLAIMS, "nats": {"type": "user"}}), "nats.type"),
        (token({**CLAIMS, "iat": "100"}), "iat"),
        (token({**CLAIMS, "sub": None}), "sub"),
    ],
)
def test_what_is_no_account_jwt_is_told_apart(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        decode(text)
