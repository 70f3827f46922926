# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``jwt_info``: what a token or a creds file says, who signed it, how long it lasts and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional

from ..plan.changes import Plan
from ..plan.errors import StoreError
from ..plan.sealed import is_sealed
from ..plan.verb import Outcome, Surroundings, Verb
from . import creds, keys, tokens
from .judge import judge, other_claims, words
from .tokens import Token

_DAY = 86_400

ARGUMENTS = {
    "path": {"type": "path"},
    "token": {"type": "str", "no_log": True},
    "seal": {"type": "bool"},
}
CONSTRAINTS = {"mutually_exclusive": [["path", "token"]], "required_one_of": [["path", "token"]]}


def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Read and verify; the seed of a creds file is compared with the token and not returned."""
    token, problems = _read(params, surroundings)
    problems += [str(each) for each in judge(token)]
    now = int(surroundings.now.timestamp())
    if token.expires and token.expires <= now:
        problems.append(f"expired on {moment(token.expires)}")
    if token.not_before > now:
        problems.append(f"is not valid before {moment(token.not_before)}")
    values = {
        "type": token.kind,
        "name": token.name,
        "public_key": token.subject,
        "issuer": token.issuer,
        "issuer_account": token.nats.get("issuer_account"),
        "issued": moment(token.issued_at),
        "expires": moment(token.expires),
        "days_left": (token.expires - now) // _DAY if token.expires else None,
        "not_before": moment(token.not_before),
        "claims": _words(token),
        "other_claims": other_claims(token),
        "problems": problems,
    }
    return Outcome(Plan(), values)


def _words(token: Token) -> dict[str, Any]:
    """A user's token without any limit is that of a user with a role: its limits are those of the role, not 0."""
    found = words(token)
    if token.kind == "user" and not any(name in token.nats for name in ("subs", "data", "payload")):
        found.pop("limits", None)
    return found


def _read(params: Mapping[str, Any], surroundings: Surroundings) -> tuple[Token, list[str]]:
    if params.get("token"):
        return tokens.read(str(params["token"])), []
    path = str(params["path"])
    content = Path(path).read_bytes()
    if is_sealed(content):
        content = surroundings.seal.open(content, path)
    try:
        if b"BEGIN" not in content:
            return tokens.read(content.decode("ascii", "replace")), []
        held = creds.read(content)
        token = tokens.read(held.token)
        public = keys.from_seed(held.seed).public_key
    except (tokens.TokenProblem, creds.CredsProblem, keys.KeyProblem) as error:
        raise StoreError(f"{path}: {error}") from error
    if public != token.subject:
        return token, [f"its seed is that of {public}, but its token is that of {token.subject}: no login is possible"]
    return token, []


def moment(seconds: int) -> Optional[str]:
    """Unix seconds as ISO 8601 in UTC; None for 0, which is never."""
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat().replace("+00:00", "Z") if seconds else None


VERB = Verb("jwt_info", ARGUMENTS, run, CONSTRAINTS)
