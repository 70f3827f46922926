# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which keys of operators a server trusts, as it says itself (nats-server monitor.go, Varz.TrustedOperatorsClaim)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .checks import Check
from .perimeter import Finding
from .session import Sessions, request


async def check_operator_keys(check: Check, sessions: Sessions, url: str) -> Finding:
    """Ask the server that the client is connected to; a user of the system account may."""
    client = await sessions.client(check.client or "", url)
    server = str(client.nats._server_info.get("server_id", ""))
    reply, why = await request(client, f"$SYS.REQ.SERVER.{server}.VARZ", b"", sessions.timeout)
    if reply is None:
        return Finding(None, f"the server does not say: {why}")
    return judge(check, json.loads(reply.data).get("data") or {})


def judge(check: Check, varz: Mapping[str, Any]) -> Finding:
    """Whether a server trusts the keys that it should, and none that it should not."""
    trusted: set[str] = set()
    for claims in varz.get("trusted_operators_claim") or ():
        trusted.update((str(claims.get("sub")), *((claims.get("nats") or {}).get("signing_keys") or ())))
    if not trusted:
        return Finding(None, "the server names no operator: is it in operator mode?")
    missing = [each for each in check.keys if each not in trusted]
    left = [each for each in check.without if each in trusted]
    words = [f"does not trust {each} yet" for each in missing] + [f"still trusts {each}" for each in left]
    return Finding(bool(words) is not check.allowed, "; ".join(words) or f"trusts {len(trusted)} keys, as it should")
