# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Streams that exist and that no running server holds: what a lost server takes along.

The system account is told only what running servers hold. What an account should have, its own users are told, so one
of each account asks: signed by the account's key out of the trust store, in memory (``backup/members.py``).
"""

from __future__ import annotations

from collections.abc import Sequence

from ..backup.jetstream import JetStream, Refused
from ..backup.members import Member
from ..client.access import Access
from ..client.connect import connected
from .servers import Asset, Seen


async def unheld(access: Access, members: Sequence[Member], seen: Seen) -> tuple[Asset, ...]:
    """The streams of all accounts of which nobody told."""
    held = {(asset.account, asset.stream) for asset in seen.assets}
    found: list[Asset] = []
    for member in members:
        found += [
            Asset(member.public_key, member.account, name)
            for name in await _names(member.access(access))
            if (member.public_key, name) not in held
        ]
    return tuple(found)


async def _names(access: Access) -> list[str]:
    """Every stream that an account should have, those among them that nobody answers for."""
    async with connected(access) as client:
        jetstream = JetStream(client, access.timeout)
        there: list[str] = []
        missing: set[str] = set()
        while True:
            try:
                page = await jetstream.ask("STREAM.LIST", {"offset": len(there)})
            except Refused as error:
                if error.no_jetstream:
                    return []
                raise
            streams = [str(each["config"]["name"]) for each in page.get("streams") or ()]
            there += streams
            missing |= {str(name) for name in page.get("missing") or ()}
            if not streams or len(there) + len(missing) >= int(page.get("total") or 0):
                return sorted({*there, *missing})
