# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The libraries, and what is said where one is missing."""

from __future__ import annotations

import builtins
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import MissingLibrary
from ansible_collections.aegis.nats.plugins.module_utils.trust import libraries
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role, make, read_public


def test_sha512_256_is_the_standard_one() -> None:
    # FIPS 180-4, the digest of "abc".
    expected = "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"
    assert libraries.sha512_256(b"abc").hex() == expected


def test_signatures_verify_with_the_right_key_only() -> None:
    pair, other = make(Role.USER, bytes(32)), make(Role.USER, b"1" * 32)
    signature = pair.sign(b"data")
    assert libraries.ed25519_verifies(read_public(pair.public_key)[1], b"data", signature)
    assert not libraries.ed25519_verifies(read_public(other.public_key)[1], b"data", signature)
    assert not libraries.ed25519_verifies(read_public(pair.public_key)[1], b"date", signature)


@pytest.mark.parametrize("missing", ["nkeys", "cryptography", "jwt"])
def test_a_missing_library_is_named(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        if name.split(".", maxsplit=1)[0] == missing:
            raise ImportError(name)
        return real(name, *rest, **more)

    calls = {
        "nkeys": libraries.nkeys.__wrapped__,
        "cryptography": lambda: libraries.sha512_256(b""),
        "jwt": libraries._jws.__wrapped__,
    }
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingLibrary, match="pip install " + {"jwt": "PyJWT"}.get(missing, missing)):
        calls[missing]()
