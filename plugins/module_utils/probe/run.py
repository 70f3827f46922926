# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run checks against running servers, one after another, each at every server where that means something."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Callable

from ..client import libraries
from ..client.connect import Unreachable
from .checks import Check
from .operator_keys import check_operator_keys
from .perimeter import Finding, check_perimeter
from .permissions import check_connect, check_exchange, check_publish, check_request, check_subscribe
from .session import Sessions
from .stream import check_stream

_LEAVES_A_TRACE = ("publish", "request", "exchange", "stream_roundtrip")
AtServer = Callable[[Check, Sessions, str], Awaitable[Finding]]
_AT_EACH: dict[str, AtServer] = {
    "connect": check_connect,
    "operator_keys": check_operator_keys,
    "publish": check_publish,
    "subscribe": check_subscribe,
    "request": check_request,
}
_ACROSS: dict[str, Callable[[Check, Sessions], Awaitable[Finding]]] = {
    "exchange": check_exchange,
    "stream_roundtrip": check_stream,
}


@dataclass(frozen=True)
class Verdict:
    """ok: as expected at every server; detail: what happened; skipped: not run in check mode."""

    name: str
    ok: bool
    detail: str
    skipped: bool = False


async def run_checks(checks: Sequence[Check], sessions: Sessions, check_mode: bool) -> tuple[Verdict, ...]:
    """The verdicts in the order of the checks. Never raises for what servers do: that is a verdict."""
    try:
        return tuple([await _one(check, sessions, check_mode) for check in checks])
    finally:
        await sessions.close()


async def _one(check: Check, sessions: Sessions, check_mode: bool) -> Verdict:
    if check_mode and check.kind in _LEAVES_A_TRACE:
        return Verdict(check.name, True, "not run in check mode: it sends messages", skipped=True)
    if check.kind in _ACROSS:
        found = await _caught(_ACROSS[check.kind](check, sessions))
        return Verdict(check.name, bool(found.ok), found.detail)
    at_each = [_caught(_at(check, sessions, url)) for url in sessions.servers]
    findings = await asyncio.gather(*at_each)
    return Verdict(check.name, all(found.ok for found in findings), _together(sessions.servers, findings))


async def _at(check: Check, sessions: Sessions, url: str) -> Finding:
    if check.kind in _AT_EACH:
        return await _AT_EACH[check.kind](check, sessions, url)
    return await check_perimeter(check, sessions.access(check.client), url)


async def _caught(work: Awaitable[Finding]) -> Finding:
    try:
        return await work
    except Unreachable as error:
        return Finding(None, f"not connected: {error}")
    except (OSError, asyncio.TimeoutError, libraries.nats_error()) as error:
        return Finding(None, str(error) or "no answer in time")


def _together(servers: Sequence[str], findings: Sequence[Finding]) -> str:
    """One sentence where all servers agree; otherwise each server with its own."""
    details = {found.detail for found in findings}
    if len(details) == 1 and len(findings) > 1:
        return f"at all {len(findings)} servers: {findings[0].detail}"
    lines = (f"{url}: {found.detail}" for url, found in zip(servers, findings))
    return "; ".join(lines)
