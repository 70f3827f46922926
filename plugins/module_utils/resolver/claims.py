# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an account JWT says: as much of it as comparing and pushing needs."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional


@dataclass(frozen=True)
class AccountClaims:
    """The claims of one account JWT.

    issued: ``iat``, seconds since 1970; expires: ``exp`` or None when it never does.
    body: every claim without ``iat`` and ``jti``: what two tokens are compared by.
    """

    token: str
    subject: str
    issuer: str
    issued: int
    expires: Optional[int]
    body: Mapping[str, Any]

    def says_the_same(self, other: AccountClaims) -> bool:
        """Whether two tokens say the same, whenever they were signed."""
        return self.body == other.body


def decode(token: str) -> AccountClaims:
    """The claims of an account JWT; raises ValueError with a sentence. The signature is not looked at."""
    parts = token.strip().split(".")
    if len(parts) != 3:
        raise ValueError("it is not a JWT: it does not have three parts between dots")
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error) as error:
        raise ValueError("it is not a JWT: its middle part is not base64url of JSON") from error
    nats = claims.get("nats") if isinstance(claims, dict) else None
    if not isinstance(nats, dict) or nats.get("type") != "account":
        raise ValueError("it is not an account's JWT: its nats.type is not account")
    subject, issuer, issued = claims.get("sub"), claims.get("iss"), claims.get("iat")
    if not isinstance(subject, str) or not isinstance(issuer, str) or not isinstance(issued, int):
        raise ValueError("it is not a whole account JWT: sub, iss or iat is missing")
    expires = claims.get("exp")
    return AccountClaims(
        token=token.strip(),
        subject=subject,
        issuer=issuer,
        issued=issued,
        expires=expires if isinstance(expires, int) and expires > 0 else None,
        body={name: value for name, value in claims.items() if name not in ("iat", "jti")},
    )
