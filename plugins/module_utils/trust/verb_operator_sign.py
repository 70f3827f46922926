# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``operator_sign``: on the machine that has the root key, a request shown and answered."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..plan.changes import Plan
from ..plan.errors import StoreError
from ..plan.verb import Outcome, Surroundings, Verb
from . import keys, operator_request, tokens
from .accounts import plain_keys
from .carrying import read_file, response_beside, write_file
from .issue import picture, why
from .judge import judge
from .keys import KeyPair, Role
from .operator_request import Request
from .operator_token import sign_request
from .store import seed_path
from .tokens import Token

ARGUMENTS = {
    "request": {"type": "path", "required": True},
    "response": {"type": "path"},
    "key": {"type": "path", "required": True, "no_log": False},
}


def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Verify the request and its key, say what it changes, and write the response unless in check mode."""
    place = Path(params["request"])
    request = _request(place)
    root = _root(Path(params["key"]), request.signer, surroundings)
    response = Path(params["response"]) if params.get("response") else response_beside(place)
    now = int(surroundings.now.timestamp())
    held = read_file(response)
    answered = held is not None and not operator_request.faults(held, request, now)
    token = tokens.read((held or b"").decode("ascii")) if answered else sign_request(request, now, root)
    reasons = tuple(why(request.replaces, request.wish, now)) or ("is issued again",)
    plan = Plan() if answered else _plan(request, reasons)
    if plan.changed and not surroundings.check_mode and response is not None:
        write_file(response, token.text.encode() + b"\n")
    values = {
        "operator": {
            "name": token.name,
            "public_key": token.subject,
            "jwt": token.text,
            "signing_keys": list(plain_keys(token)),
        },
        "changes": list(reasons),
        "claims": picture(request.wish, request.wish.nats, full=False),
        "digest": request.digest,
        "response": str(response),
    }
    return Outcome(plan, values)


def _plan(request: Request, reasons: tuple[str, ...]) -> Plan:
    what = f"operator {request.wish.name}"
    before = {what: picture(request.wish, request.replaces.nats)}
    after = {what: picture(request.wish, request.wish.nats)}
    return Plan((), tuple(f"{what}: {reason}" for reason in reasons), before, after, touched=True)


def _request(place: Path) -> Request:
    content = read_file(place)
    if content is None:
        raise StoreError(f"{place}: there is no request")
    try:
        request = operator_request.read(content)
    except operator_request.RequestProblem as error:
        raise StoreError(f"{place}: {error}. Nothing was signed") from error
    problems = judge(Token("", {"name": request.wish.name, "sub": request.signer, "nats": request.wish.nats}))
    if len(problems):
        found = "; ".join(str(each) for each in problems)
        raise StoreError(f"{place}: what it wants is no valid operator, nothing was signed: {found}")
    return request


def _root(place: Path, public_key: str, surroundings: Surroundings) -> KeyPair:
    """The root key from a file of its own, or from the store that a folder holds."""
    if place.is_dir():
        below = seed_path(public_key)
        candidates = (place / below, place / below.partition("/")[2], place / f"{public_key}.nk")
        place = next((each for each in candidates if each.exists()), candidates[0])
    content = read_file(place)
    if content is None:
        raise StoreError(f"{place}: the seed of {public_key} has to sign this request and is not there")
    try:
        pair = keys.from_seed(surroundings.seal.open(content, str(place)).decode("ascii", "replace"), Role.OPERATOR)
    except keys.KeyProblem as error:
        raise StoreError(f"{place}: {error}") from error
    if pair.public_key != public_key:
        raise StoreError(f"{place}: holds the seed of {pair.public_key}; this request needs that of {public_key}")
    return pair


VERB = Verb("operator_sign", ARGUMENTS, run, local_paths=tuple(ARGUMENTS))
