# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator's token: the one thing that the root key signs, here or on the machine that has it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Optional

from ..plan.changes import FileChange
from ..plan.errors import StoreError
from . import store as layout
from .accounts import plain_keys
from .draft import Draft, Identity
from .fields import to_claims
from .issue import Wish, issue, picture, why
from .keys import KeyPair
from .operator_request import Request, faults, operator_wish
from .tokens import Token, recall
from .tree import Operator


@dataclass(frozen=True)
class Elsewhere:
    """How a change of the operator reaches a root key that is not here.

    ask: whether a request may be written. response: what came back, None where nothing did; its place, for messages.
    """

    ask: bool = False
    response: Optional[bytes] = None
    place: str = ""


HERE = Elsewhere()


def sign_request(request: Request, now: int, root: KeyPair) -> Token:
    """The answer to a request, on the machine that has the root key. now: Unix seconds."""
    return issue(request.replaces, request.wish, now, root)


def plan_operator(
    draft: Draft, keys: Identity, system: Identity, elsewhere: Elsewhere
) -> tuple[Token, Optional[Request]]:
    """The token in force when the plan is carried out; and what still has to be signed elsewhere, if anything."""
    wish = _wish(draft, keys, system)
    old, path, what = draft.existing.operator, layout.operator_path(wish.name), f"operator {wish.name}"
    if old is None:
        draft.changes.append(FileChange(layout.marker_path(wish.name), layout.marker(wish.name)))
        return draft.settle(None, wish, path, what), None
    reasons = why(old, wish, draft.now)
    if not reasons or draft.at_hand(wish.subject):
        _forget_request(draft, keys)
        return draft.settle(old, wish, path, what), None
    request = Request(old, wish, tuple(reasons))
    if elsewhere.response is not None:
        _forget_request(draft, keys)
        return _install(draft, request, elsewhere, path, what), None
    if not elsewhere.ask:
        token = draft.settle(old, wish, path, what)
        draft.missing[-1] += " (operator_request carries it to where the key is)"
        return token, None
    _ask(draft, request, keys, what)
    return old, request


def unpublished(draft: Draft) -> tuple[str, ...]:
    """The signing keys of an earlier request whose seeds are here: they are not made a second time.

    Those that a rotation made are its own.
    """
    asked, seeds = draft.existing.request, draft.existing.seeds - set(draft.turn.keys.values())
    return tuple(each for each in asked.new_keys if each in seeds) if asked else ()


def _wish(draft: Draft, keys: Identity, system: Identity) -> Wish:
    wanted: Operator = draft.tree.operator
    old = draft.existing.operator
    nats = {
        **to_claims(wanted),
        "signing_keys": [*draft.turn.listed(keys.signing_keys), *draft.turn.guests],
        "system_account": system.public_key,
        "type": "operator",
        "version": 2,
    }
    # Servers go on with an operator token that others gave an end: without a word of the tree it keeps it.
    lifetime = wanted.expires or (old.expires - old.issued_at if old and old.expires else None)
    wish = operator_wish(keys.public_key, wanted.name, nats, lifetime, wanted.renew_before)
    # There is no word for the time that it is taken from, which servers do not look at: it stays as it is.
    wish = replace(wish, not_before=old.not_before if old else 0)
    return replace(wish, names={system.public_key: draft.tree.system_account.name})


def _install(draft: Draft, request: Request, elsewhere: Elsewhere, path: str, what: str) -> Token:
    response = elsewhere.response or b""
    found = faults(response, request, draft.now)
    if found:
        raise StoreError(
            f"{elsewhere.place}: the response is refused, nothing was changed: {'; '.join(found)}. "
            "Move it away, and have the request of now signed"
        )
    token = recall(response.decode("ascii"))
    draft.changes.append(FileChange(path, token.text.encode()))
    draft.reasons += [f"{what}: {reason}, as signed elsewhere" for reason in request.changes]
    draft.before[what] = picture(request.wish, request.replaces.nats, full=False)
    draft.after[what] = picture(request.wish, request.wish.nats, full=False)
    return token


def _ask(draft: Draft, request: Request, keys: Identity, what: str) -> None:
    """Keep the request in the store: the next run goes on from it, whatever becomes of the file that travels."""
    held = draft.existing.request
    if held is not None and held.digest == request.digest:
        return
    _drop_unused(draft, keys)
    draft.changes.append(FileChange(layout.request_path(request.wish.name), request.written()))
    draft.reasons += [f"{what}: {reason}, once {request.signer} has signed it" for reason in request.changes]


def _forget_request(draft: Draft, keys: Identity) -> None:
    if draft.existing.request is not None:
        _drop_unused(draft, keys)
        draft.changes.append(FileChange(layout.request_path(draft.tree.operator.name), None))


def _drop_unused(draft: Draft, keys: Identity) -> None:
    """Signing keys that were asked for, never published, and are not wanted any more."""
    held = plain_keys(draft.existing.operator)
    for each in unpublished(draft):
        if each not in (keys.public_key, *keys.signing_keys, *held):
            draft.changes.append(FileChange(layout.seed_path(each), None))
            draft.reasons.append(f"signing key {each} was never published and is not wanted any more, is removed")
