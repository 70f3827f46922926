# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Account JWTs to every server of a cluster: ask, compare, send, delete, collect confirmations, look again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..client import libraries
from ..client.access import Access
from ..client.connect import connected, reason, run
from ..plan.changes import Plan, merge
from ..plan.problems import Problems
from .conversation import Conversation
from .plan import Held, Removed, Wanted, check_age, check_shut, plan_push, plan_removal
from .servers import (
    Expected,
    Incomplete,
    Listed,
    delete,
    in_use,
    is_shut,
    list_accounts,
    look_up,
    send,
    sentence,
    with_use,
)
from .signer import Signer, is_closed

_LINGER = 0.25


@dataclass(frozen=True)
class Order:
    """What is asked for: accounts that every server must hold, those that none may hold, and who may sign."""

    expected: Expected
    wanted: Sequence[Wanted]
    removed: Sequence[Removed]
    signer: Signer


@dataclass(frozen=True)
class Pushed:
    """What a push did, or in check mode would do.

    confirmed: by account name, the servers that confirmed it; in check mode empty. missing: servers that were expected
    and are not there. deleted, closed: names of purged accounts. strangers: by public key, the name of accounts that
    servers hold and nobody named.
    """

    plan: Plan
    accounts: tuple[str, ...]
    servers: tuple[str, ...]
    confirmed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    strangers: Mapping[str, str] = field(default_factory=dict)


def foresee(order: Order) -> Pushed:
    """What a push will do once the servers run that are still to be started, when no other runs."""
    coming = order.expected.coming
    plan, to_send = plan_push(order.wanted, _with_coming({}, order), len(coming))
    return Pushed(plan, tuple(account.name for account in to_send), tuple(sorted(coming)))


def _with_coming(held: Mapping[str, Held], order: Order) -> dict[str, Held]:
    """A server that is new holds nothing but what its configuration gives it: the system account."""
    found = dict(held)
    for account in order.wanted:
        known = held.get(account.public_key, Held())
        coming = () if account.system else order.expected.coming
        found[account.public_key] = replace(known, missing=tuple(sorted({*known.missing, *coming})))
    return found


async def push(access: Access, order: Order, check_mode: bool) -> Pushed:
    """Bring every server to hold what is wanted; raises Unreachable, Incomplete, Refused, StoreError or InputError."""
    async with connected(access) as client:
        talk = Conversation(client, access.timeout, order.expected.caching)
        await talk.start()
        listed = await list_accounts(talk, order.expected, access.timeout, _LINGER)
        missing = order.expected.missing(listed)
        held = await look_up(talk, _of_interest(order, listed), listed, order.wanted)
        unheeded = _stored(order.wanted, held)
        held, shut = await _used(talk, order.wanted, held, len(listed))
        order, outrun = _settled(order, held, shut)
        gone, closing = _leaving(order, held, listed, missing)
        plan, to_send = plan_push(order.wanted, _with_coming(held, order) if check_mode else held, len(listed))
        plan = merge(
            (replace(plan, changes=(*plan.changes, *order.signer.changes(outrun))), plan_removal(gone, missing))
        )
        servers = tuple(sorted(listed))
        done = Pushed(
            plan,
            tuple(account.name for account in to_send),
            servers,
            missing=missing,
            deleted=() if missing else tuple(account.name for account in gone),
            closed=tuple(account.name for account in closing),
            strangers=_strangers(order, held),
        )
        if check_mode or not plan.changed:
            return done
        order.signer.keep(outrun)
        to_send = tuple(
            order.signer.once_more(each) if each.public_key in unheeded and not each.instead_of else each
            for each in to_send
        )
        confirmed = await send(talk, (*to_send, *closing), servers)
        deleted = [] if missing else [account.public_key for account in gone]
        if deleted:
            await delete(talk, deleted, order.signer, servers)
        await _prove(talk, (*to_send, *closing), deleted, servers, access.timeout)
        return replace(done, confirmed={account.name: confirmed[account.name] for account in to_send})


def _of_interest(order: Order, listed: Listed) -> list[str]:
    """The accounts to look up: those that are wanted, and whatever else servers list."""
    wanted = [account.public_key for account in order.wanted]
    others = frozenset[str]().union(*listed.values()) - set(wanted)
    return [*wanted, *sorted(others)]


def _stored(wanted: Sequence[Wanted], held: Mapping[str, Held]) -> frozenset[str]:
    """System accounts of which a server has the very token: it would take no notice of it."""
    return frozenset(
        account.public_key
        for account in wanted
        if account.system and any(copy.token == account.claims.token for copy in held[account.public_key].copies)
    )


async def _used(
    talk: Conversation, wanted: Sequence[Wanted], held: Mapping[str, Held], servers: int
) -> tuple[dict[str, Held], frozenset[str]]:
    """What is held, with what servers go by of the system account; and the accounts that they shut everybody out of."""
    asked = [each.public_key for each in wanted if each.system or held[each.public_key].missing]
    said = await in_use(talk, asked, servers)
    system = {
        each.public_key: with_use(held[each.public_key], said[each.public_key], servers)
        for each in wanted
        if each.system
    }
    return {**held, **system}, frozenset(key for key in asked if is_shut(said[key]))


def _settled(order: Order, held: Mapping[str, Held], shut: frozenset[str]) -> tuple[Order, tuple[Wanted, ...]]:
    """The order with every account issued again that servers hold signed later or shut everybody out of; and those."""
    if order.signer.folder is None:
        problems = Problems()
        check_age(order.wanted, held, problems)
        check_shut(order.wanted, shut, problems)
        problems.raise_if_any()
    wanted = tuple(
        order.signer.outrun(account, held[account.public_key])
        if held[account.public_key].later_than(account.claims) or account.public_key in shut
        else account
        for account in order.wanted
    )
    return replace(order, wanted=wanted), tuple(account for account in wanted if account.instead_of)


def _leaving(
    order: Order, held: Mapping[str, Held], listed: Listed, missing: Sequence[str]
) -> tuple[tuple[Removed, ...], tuple[Wanted, ...]]:
    """The purged accounts that servers list, and those to close instead of deleting them.

    A server that missed a deletion brings the account back to all others when it returns; what it missed of a closed
    account it takes from them. So while servers are missing, accounts are closed.
    """
    found = [
        replace(account, servers=tuple(sorted(name for name, keys in listed.items() if account.public_key in keys)))
        for account in order.removed
    ]
    gone = tuple(account for account in found if account.servers)
    if gone:
        order.signer.require("purged accounts are still on servers, and deleting them")
    if not missing:
        return gone, ()
    open_ones = tuple(
        account for account in gone if not all(is_closed(copy) for copy in held[account.public_key].copies)
    )
    return open_ones, tuple(order.signer.close(each.name, held[each.public_key]) for each in open_ones)


def _strangers(order: Order, held: Mapping[str, Held]) -> dict[str, str]:
    known = {account.public_key for account in order.wanted} | {account.public_key for account in order.removed}
    return {
        key: str(found.copies[0].body.get("name", "")) if found.copies else ""
        for key, found in held.items()
        if key not in known
    }


async def _prove(
    talk: Conversation, sent: Sequence[Wanted], deleted: Sequence[str], servers: tuple[str, ...], patience: float
) -> None:
    """Look again: every server must hold what was sent, and none what was deleted."""
    listed = await list_accounts(talk, Expected(servers), patience)
    held = await look_up(talk, [account.public_key for account in sent], listed, sent)
    failures: list[str] = []
    for account in sent:
        found = held[account.public_key]
        same = sum(copy.token == account.claims.token for copy in found.copies)
        failures.extend(f"{account.name}: {name} confirmed it and does not list it" for name in found.missing)
        if not found.missing and same < len(servers):
            failures.append(f"{account.name}: {same} of {len(servers)} servers hold what was sent")
    failures += [f"{key}: was deleted, and {name} has it" for key in deleted for name in listed if key in listed[name]]
    if failures:
        raise Incomplete(sentence("pushed, but the servers do not hold it", failures))


def run_push(access: Access, order: Order, check_mode: bool) -> Pushed:
    """``push`` for callers that are not asynchronous."""
    try:
        return run(push(access, order, check_mode))
    except (OSError, asyncio.TimeoutError, libraries.nats_error()) as error:
        if isinstance(error, OSError) and error.filename:
            raise  # a file of the trust store, not the connection
        raise Incomplete(f"the connection failed: {reason(error, access)}; run it again") from error
