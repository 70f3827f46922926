# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers as servers give them, cut to what is read of them, and a conversation that gives them back in their order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from ansible_collections.aegis.nats.plugins.module_utils.jetstream.servers import peer_id

Result = TypeVar("Result")


def replica(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "peer": peer_id(name), "current": True, "active": 1, **more}


def group(leader: str, *others: Mapping[str, Any]) -> dict[str, Any]:
    return {"leader": leader, "replicas": list(others)}


def jsz(server: str, *, leader: str = "", others: Sequence[Mapping[str, Any]] = (), **more: Any) -> dict[str, Any]:
    """What one server says; ``others`` as the meta leader knows them. more: accounts, tags."""
    accounts = more.get("accounts", [])
    meta = {"leader": leader, "replicas": list(others), "cluster_size": len(others) + 1}
    data = {"meta_cluster": meta, "account_details": accounts, "total": len(accounts)}
    return {"server": {"name": server, "id": f"N{server}", "tags": more.get("tags", [])}, "data": data}


def whole(leader: str = "n1") -> list[dict[str, Any]]:
    """Three servers, all there."""
    names = ("n1", "n2", "n3")
    others = [replica(name) for name in names if name != leader]
    return [jsz(name, leader=leader, others=others if name == leader else ()) for name in names]


class Talk:
    """Gives each question its next answers, and keeps what was asked."""

    def __init__(self, *turns: Sequence[Mapping[str, Any]]) -> None:
        self._turns = list(turns)
        self.asked: list[tuple[str, Any]] = []

    async def ask(self, requests: Sequence[tuple[str, bytes]], *_count: Any, **_more: Any) -> list[list[bytes]]:
        self.asked += [(subject, json.loads(payload or b"null")) for subject, payload in requests]
        turn = self._turns.pop(0) if len(self._turns) > 1 else self._turns[0]
        return [[json.dumps(answer).encode() for answer in turn]]


def run(work: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(work)
