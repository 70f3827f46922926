# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of this room share: the vectors, a tree, a clock, keys that come out the same every time."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Optional

from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Seal, Surroundings, perform
from ansible_collections.aegis.nats.plugins.module_utils.trust import keys, verb_trust
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import KeyPair, Role

VECTORS = Path(__file__).resolve().parents[4] / "vectors"
NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=timezone.utc)
DAY = timedelta(days=1)

ORDERS: dict[str, Any] = {
    "operator": {"name": "Acme", "service_urls": ["tls://nats.example.com:4222"]},
    "accounts": [
        {
            "name": "TeamAlpha",
            "limits": {"connections": 500, "jetstream": {"memory": "1G", "disk": "10G", "streams": 100}},
            "exports": [{"name": "PublicOrders", "subject": "orders.public.>", "type": "service"}],
            "users": [
                {
                    "name": "order-service",
                    "publish": {"allow": ["orders.>"], "deny": ["orders.admin.>"]},
                    "subscribe": {"allow": ["orders.>", "_INBOX.>"]},
                    "responses": {"max": 1, "ttl": "5s"},
                    "expires": "90d",
                    "renew_before": "30d",
                }
            ],
        },
        {
            "name": "ExternalPartner",
            "imports": [
                {
                    "name": "PublicOrders",
                    "account": "TeamAlpha",
                    "subject": "orders.public.>",
                    "local_subject": "partner.orders.>",
                    "type": "service",
                }
            ],
            "users": [{"name": "gateway"}],
        },
    ],
}


def vectors(name: str) -> list[dict[str, Any]]:
    """The vectors of a file."""
    content = json.loads((VECTORS / name).read_text())
    found: list[dict[str, Any]] = content.get("vectors") or content["keys"]
    return found


def orders() -> dict[str, Any]:
    """A tree of its own to change."""
    return copy.deepcopy(ORDERS)


def key(role: Role, number: int) -> KeyPair:
    """A throwaway pair, always the same for a number."""
    return keys.make(role, hashlib.sha256(f"{role.value} {number}".encode()).digest())


def trust(
    path: Path, tree: Mapping[str, Any], now: datetime = NOW, seal: Optional[Seal] = None, **more: Any
) -> dict[str, Any]:
    """The result of the verb on a real folder. check_mode may be among ``more``."""
    params = {"path": str(path), "system_account": None, "accounts": [], "purge": False, **tree, **more}
    check_mode = bool(params.pop("check_mode", False))
    return perform(verb_trust.VERB, params, Surroundings(check_mode, now, seal or NoSeal()))


def files(path: Path) -> dict[str, bytes]:
    """Every file below a folder with its content, the lock and the cache of what was verified aside."""
    found = {str(each.relative_to(path)): each.read_bytes() for each in path.rglob("*") if each.is_file()}
    return {name: content for name, content in found.items() if Path(name).name not in (".lock", ".checked")}


class Reversed:
    """A seal that is quick: the text backwards behind the mark of a vault file."""

    active = True

    def close(self, content: bytes) -> bytes:
        return b"$ANSIBLE_VAULT;1.1;AES256\n" + content[::-1]

    def open(self, content: bytes, path: str) -> bytes:
        return content.split(b"\n", 1)[1][::-1]
