# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fifty random trees before a real server: it takes the tree, its users log in, those who may not are refused."""

from __future__ import annotations

import asyncio
import ipaddress
import subprocess
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional

import nats
import nats.errors
import pytest
from ansible_collections.aegis.nats.tests.integration.live_cluster import SERVERS, free_ports
from ansible_collections.aegis.nats.tests.integration.test_trust_official import SEED
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.random_trees import make
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import trust

pytestmark = pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server")
LOCAL = ipaddress.ip_address("127.0.0.1")


def may_log_in(account: Mapping[str, Any], user: Mapping[str, Any]) -> Optional[bool]:
    """Whether a plain client from here gets in; None where it hangs on more than the tree (the hour, a callout)."""
    roles = (
        {each["role"]: each for each in account.get("signing_keys", ()) if isinstance(each, dict)}
        if isinstance(account.get("signing_keys"), list)
        else {}
    )
    rights = roles[user["role"]].get("template", {}) if "role" in user else user
    if "times" in rights or "public_key" in user or "auth_callout" in account:
        return None
    networks = [ipaddress.ip_network(each, strict=False) for each in rights.get("source_networks", ())]
    if networks and not any(LOCAL in each for each in networks if each.version == 4):
        return False
    if rights.get("connection_types") and "STANDARD" not in rights["connection_types"]:
        return False
    limits = account.get("limits", {})
    # Zero is zero: who may have no subscription is told so at once.
    subscriptions = (limits.get("subscriptions"), rights.get("limits", {}).get("subscriptions"))
    return not rights.get("proxy_required") and limits.get("connections") != 0 and 0 not in subscriptions


def start(folder: Path, made: Mapping[str, Any], port: int) -> subprocess.Popen[str]:
    preload = "\n".join(f"  {each['public_key']}: {each['jwt']}" for each in made["accounts"])
    system = made["system_account"]["public_key"]
    (folder / "operator.jwt").write_text(made["operator"]["jwt"])
    (folder / "s.conf").write_text(
        f"listen: 127.0.0.1:{port}\noperator: {folder}/operator.jwt\nsystem_account: {system}\n"
        f"resolver: MEMORY\nresolver_preload {{\n{preload}\n}}\n"
    )
    server = subprocess.Popen([SERVERS[-1], "-c", f"{folder}/s.conf"], stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    log: list[str] = []
    for line in server.stderr:
        log.append(line)
        if "Server is ready" in line:
            return server
    raise AssertionError("".join(log))


async def logs_in(port: int, creds: str, closed_within: float = 0) -> bool:
    """Whether the user gets in and stays. The server tells who may have no subscription a moment after it let them in,
    and closes then: who expects that gives it the seconds."""

    async def note(error: Exception) -> None:
        """What is refused is seen by the connection."""

    try:
        client = await nats.connect(
            f"nats://127.0.0.1:{port}",
            user_credentials=creds,
            allow_reconnect=False,
            connect_timeout=5,
            error_cb=note,
        )
        await client.flush(5)
        until = time.monotonic() + closed_within
        while not client.is_closed and time.monotonic() < until:
            await asyncio.sleep(0.01)
        stayed = not client.is_closed
        await client.close()
    except (nats.errors.Error, OSError):
        return False
    return stayed


@pytest.mark.parametrize("number", range(SEED, SEED + 50))
def test_a_server_takes_the_tree_and_its_users(number: int, tmp_path: Path) -> None:
    raw = make(number)
    made = trust(tmp_path / "store", raw, datetime.now(timezone.utc))
    assert made.get("failed") is None, made
    accounts = {each["name"]: each for each in raw["accounts"]}
    port = free_ports(1)[0]
    server = start(tmp_path, made, port)
    try:
        for user in made["users"]:
            account = accounts.get(user["account"], {})
            words = next((each for each in account.get("users", ()) if each["name"] == user["name"]), {})
            expected = may_log_in(account, words) if user["creds"] else None
            if expected is not None:
                found = asyncio.run(logs_in(port, user["creds"], closed_within=0 if expected else 10))
                assert found == expected, (user, account)
        assert asyncio.run(
            logs_in(port, str(tmp_path / "store/keys/creds" / raw["operator"]["name"] / "SYS/sys.creds"))
        )
    finally:
        server.terminate()
        _out, log = server.communicate(timeout=20)
    refused = [line for line in log.splitlines() if "validation failed" in line or "[FTL]" in line]
    assert not refused, refused
