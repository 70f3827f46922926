# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pair of files that carries a change of the operator's token to the machine that has the root key, and back.

The request is JSON: the claims that are wanted, the token that they replace, the key that must sign, what changes in
words, and a digest of all but the words. The response is the signed token itself. Neither holds a secret: of the keys
only the public halves travel.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Optional

from ..plan.errors import NatsError
from . import claims, tokens
from .accounts import plain_keys
from .issue import Wish, why
from .tokens import Token
from .tree import Operator

FORM = "aegis.nats operator request 1"
_NAMES = frozenset({"form", "name", "signer", "replaces", "claims", "lifetime", "renew_before", "changes", "digest"})
# A signed token may be this far ahead of our clock; every later one has to be later still.
_AHEAD = 86_400


class RequestProblem(NatsError):
    """A text is no request, or not as it was written."""


@dataclass(frozen=True)
class Request:
    """replaces: the token in force, verified; wish: what the new one has to say; changes: in words, for readers."""

    replaces: Token
    wish: Wish
    changes: tuple[str, ...] = ()

    @property
    def signer(self) -> str:
        """The public key that must sign: the identity of the operator."""
        return self.wish.subject

    @property
    def new_keys(self) -> tuple[str, ...]:
        """The signing keys that it adds, by their public halves."""
        held = plain_keys(self.replaces)
        return tuple(each for each in self.wish.nats.get("signing_keys") or () if each not in held)

    @property
    def digest(self) -> str:
        """Of all that decides what is signed, hexadecimal."""
        return hashlib.sha256(json.dumps(self._body(), sort_keys=True).encode()).hexdigest()

    def _body(self) -> dict[str, Any]:
        wanted = {"name": self.wish.name, "sub": self.wish.subject, "nats": self.wish.nats}
        return {
            "form": FORM,
            "name": self.wish.name,
            "signer": self.signer,
            "replaces": self.replaces.text,
            "claims": claims.arrange(wanted)["nats"],
            "lifetime": self.wish.lifetime,
            "renew_before": self.wish.renew_before,
        }

    def written(self) -> bytes:
        """The file."""
        content = {**self._body(), "changes": list(self.changes), "digest": self.digest}
        return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def operator_wish(
    subject: str, name: str, nats: Mapping[str, Any], lifetime: Optional[int], renew_before: Optional[int]
) -> Wish:
    """What an operator's token has to say: its identity key alone signs it."""
    # nsc signs it with a signing key, too, once it is told to require them: such a token may stay.
    accepted = tuple(nats.get("signing_keys") or ())
    return Wish(Operator, subject, name, nats, (subject,), lifetime, renew_before, accepted=accepted)


def read(content: bytes) -> Request:
    """The request that a file holds; its digest and the token that it replaces are verified.

    Raises RequestProblem.
    """
    try:
        found = json.loads(content)
    except ValueError as error:
        raise RequestProblem("it is no request: it is not JSON, or was cut") from error
    if not isinstance(found, dict) or found.get("form") != FORM:
        raise RequestProblem(f'it is no request: its form is not "{FORM}"')
    if set(found) != _NAMES:
        raise RequestProblem(f"it is not as it was written: {', '.join(sorted(set(found) ^ _NAMES))}")
    request = _read(found)
    if request.digest != found["digest"]:
        raise RequestProblem("it is not as it was written: its digest is another")
    return request


def _read(found: Mapping[str, Any]) -> Request:
    try:
        replaces = tokens.read(str(found["replaces"]))
    except tokens.TokenProblem as error:
        raise RequestProblem(f"the token that it replaces: {error}") from error
    nats = found["claims"]
    if replaces.kind != "operator" or not isinstance(nats, dict) or nats.get("type") != "operator":
        raise RequestProblem("it is not about the token of an operator")
    if replaces.subject != found["signer"]:
        raise RequestProblem(f"it wants the signature of {found['signer']} on the token of {replaces.subject}")
    times = [found[name] for name in ("lifetime", "renew_before")]
    if not all(each is None or (isinstance(each, int) and each > 0) for each in times):
        raise RequestProblem("its lifetime is no number of seconds")
    wish = operator_wish(replaces.subject, str(found["name"]), nats, *times)
    wish = replace(wish, not_before=replaces.not_before)
    return Request(replaces, wish, tuple(str(each) for each in found["changes"] or ()))


def faults(response: bytes, request: Request, now: int) -> list[str]:
    """Why a response is not the answer to a request; none when it is. now: Unix seconds."""
    try:
        token = tokens.read(response.decode("ascii", "replace"))
    except tokens.TokenProblem as error:
        return [str(error)]
    if token.kind != "operator":
        return [f"it is a token of type {token.kind}, expected operator"]
    found: list[str] = []
    if token.issuer != request.signer:
        found.append(f"it is signed by {token.issuer}, expected the identity key {request.signer}")
    if token.issued_at <= request.replaces.issued_at:
        found.append("it is not later than the token that is in force")
    if token.issued_at > now + _AHEAD:
        found.append("it was issued more than a day from now: set the clocks of both machines")
    different = why(token, _signed_by_anyone(request.wish, token), now)
    return [*found, *(f"what is wanted now differs from it: {each}" for each in different)]


def _signed_by_anyone(wish: Wish, token: Token) -> Wish:
    return replace(wish, issuers=(token.issuer,), accepted=())
