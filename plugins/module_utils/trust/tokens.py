# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens: claims signed and read back, byte for byte as nats-io/jwt/v2 does (decoder.go, claims.go)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..plan.errors import NatsError
from . import claims as encoding
from . import libraries
from .keys import KeyPair, KeyProblem, Role, read_public

MAX_BYTES = 1024 * 1024
_VERSION = 2
_ISSUERS = {
    "operator": (Role.OPERATOR,),
    "account": (Role.ACCOUNT, Role.OPERATOR),
    "user": (Role.ACCOUNT,),
    "activation": (Role.ACCOUNT, Role.OPERATOR),
    "authorization_request": (Role.SERVER,),
    "authorization_response": (Role.ACCOUNT,),
}


class TokenProblem(NatsError):
    """A text is not a token that a server would take."""


class OldToken(TokenProblem):
    """A token of version 1: servers still take it, nothing here reads it."""


@dataclass(frozen=True)
class Token:
    """A token whose signature and issuer were verified. Its text is not shown by ``repr``: it may be a credential."""

    text: str = field(repr=False)
    claims: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """operator, account, user, activation, …; generic where the type is none of the library's."""
        found = str(self.claims.get("nats", {}).get("type", ""))
        return found if found in _ISSUERS else "generic"

    @property
    def nats(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.claims.get("nats", {})
        return found

    @property
    def subject(self) -> str:
        return str(self.claims.get("sub", ""))

    @property
    def issuer(self) -> str:
        return str(self.claims.get("iss", ""))

    @property
    def name(self) -> str:
        return str(self.claims.get("name", ""))

    @property
    def issued_at(self) -> int:
        return int(self.claims.get("iat", 0))

    @property
    def expires(self) -> int:
        """Unix seconds; 0 is never."""
        return int(self.claims.get("exp", 0))

    @property
    def not_before(self) -> int:
        """Unix seconds; 0 is from issue."""
        return int(self.claims.get("nbf", 0))


def sign(claims: Mapping[str, Any], signer: KeyPair) -> Token:
    """Issue a token: ``iss`` and ``jti`` are set here, ``iat`` by the caller. Raises KeyProblem, TokenProblem."""
    kind = claims.get("nats", {}).get("type", "")
    allowed = _ISSUERS.get(kind)
    if allowed and signer.role not in allowed:
        raise TokenProblem(f"{_article(kind)} token can't be signed by the key of {_article(signer.role.value)}")
    issued = {**claims, "iss": signer.public_key}
    issued["jti"] = encoding.token_id(issued)
    ordered = encoding.arrange(issued)
    text = libraries.sign_token(encoding.encode_arranged(ordered), signer)
    if len(text) > MAX_BYTES:
        raise TokenProblem(f"the token of {claims.get('name')} has {len(text)} bytes; servers take at most {MAX_BYTES}")
    return Token(text, ordered)


def read(text: str) -> Token:
    """Read a token and verify its signature and that its issuer may issue it. Raises TokenProblem."""
    text = text.strip()
    if len(text) > MAX_BYTES:
        raise TokenProblem(f"it has {len(text)} bytes; a token has at most {MAX_BYTES}")
    if text.count(".") != 2:
        raise TokenProblem("it is not a token: a token has three parts with dots between")
    claims = _claims(text.split(".")[1])
    nats = claims["nats"]
    if not isinstance(nats.get("version", 0), int) or nats.get("version", 0) > _VERSION:
        raise TokenProblem(f"it has version {nats.get('version')}, made by newer software than this; known is 2")
    if nats.get("version", 0) < _VERSION:
        raise OldToken("it is a version 1 token: issue it again with current tools")
    try:
        role, public = read_public(str(claims.get("iss", "")))
    except KeyProblem as error:
        raise TokenProblem(f"its issuer is no NKey: {error}") from error
    fault = libraries.token_fault(text, public)
    if fault:
        raise TokenProblem(fault)
    allowed = _ISSUERS.get(str(nats.get("type", "")))
    if allowed and role not in allowed:
        who = " or ".join(_article(each.value) for each in allowed)
        raise TokenProblem(f"it is signed by the key of {_article(role.value)}, expected {who}")
    return Token(text, claims)


def recall(text: str) -> Token:
    """A token whose very text was verified before: nothing is verified here."""
    text = text.strip()
    return Token(text, _claims(text.split(".")[1]))


def _claims(part: str) -> dict[str, Any]:
    try:
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError as error:
        raise TokenProblem("it is not a token: its middle part is not base64url of JSON") from error
    if not isinstance(claims, dict) or not isinstance(claims.get("nats"), dict):
        raise TokenProblem("it is a token, but not of NATS: it has no nats claims")
    for name in ("iat", "exp", "nbf"):
        if not isinstance(claims.get(name, 0), int):
            raise TokenProblem(f"its {name} is no whole number of seconds")
    return claims


def _article(word: str) -> str:
    return f"{'an' if word[:1] in 'aeio' else 'a'} {word}"
