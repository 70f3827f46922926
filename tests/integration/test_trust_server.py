# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers take what ``trust`` makes, and hold users to it. AEGIS_NATS_SERVERS names the programs."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import nats
import nats.errors
import pytest
from ansible_collections.aegis.nats.tests.integration.live_cluster import SERVERS, free_ports
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import orders, trust

pytestmark = pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server")


def tree(strict: bool, revoked: bool) -> dict[str, Any]:
    raw = orders()
    raw["system_account"] = {"name": "SYS", "users": [{"name": "sys"}]}
    raw["accounts"][0]["limits"]["connections"] = 2
    raw["accounts"][0]["users"] += [
        {"name": "elsewhere", "source_networks": ["10.9.0.0/16"]},
        {"name": "short", "expires": "2s"},
        {"name": "jetstream"},
        {"name": "gone", "revoked": revoked},
        {"name": "reader", "role": "reader", "tags": ["team:x"]},
    ]
    raw["accounts"][0]["exports"][0]["token_required"] = True
    template = {"publish": {"allow": ["mine.{{tag(team)}}"]}, "subscribe": {"allow": ["_INBOX.>"]}}
    raw["accounts"][0]["signing_keys"] = [1, {"role": "reader", "template": template}]
    raw["accounts"][0]["mappings"] = [{"subject": "old.*", "to": [{"subject": "new.$1"}]}]
    raw["accounts"][1]["default_permissions"] = {"publish": {"deny": ["forbidden.>"]}}
    if not strict:
        raw["operator"].update(signing_keys=0, strict_signing_key_usage=False)
        for account in (raw["system_account"], *raw["accounts"]):
            account["signing_keys"] = [0, *account.get("signing_keys", [1])[1:]] if "signing_keys" in account else 0
    return raw


class Server:
    """One server in operator mode with everything preloaded."""

    def __init__(self, program: str, folder: Path, made: dict[str, Any]) -> None:
        self.creds = {(each["account"], each["name"]): each["creds"] for each in made["users"]}
        self.port = free_ports(1)[0]
        preload = "\n".join(f'{each["public_key"]}: "{each["jwt"]}"' for each in made["accounts"])
        (folder / "server.conf").write_text(
            f"""listen: "127.0.0.1:{self.port}"
server_name: "n1"
operator: "{made["operator"]["jwt"]}"
system_account: "{made["system_account"]["public_key"]}"
resolver: MEMORY
resolver_preload {{
{preload}
}}
jetstream {{store_dir: "{folder}/js", max_memory_store: 2GB, max_file_store: 20GB}}
log_file: "{folder}/log"
"""
        )
        self.log = folder / "log"
        self.process = subprocess.Popen([program, "-c", str(folder / "server.conf")])
        end = time.monotonic() + 15
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        self.process.kill()
        raise AssertionError(self.log.read_text() if self.log.exists() else "the server said nothing")

    async def connect(self, account: str, user: str, errors: list[Exception]) -> Any:
        async def note(error: Exception) -> None:
            errors.append(error)

        return await nats.connect(
            f"nats://127.0.0.1:{self.port}",
            user_credentials=self.creds[(account, user)],
            allow_reconnect=False,
            connect_timeout=5,
            error_cb=note,
        )

    async def refuses(self, account: str, user: str) -> None:
        """The client may return from connecting before it reads the refusal, so it has to be answered once."""
        with pytest.raises((nats.errors.Error, OSError)):
            await (await self.connect(account, user, [])).flush(timeout=2)


@pytest.fixture(params=[(path, strict) for path in SERVERS for strict in (True, False)], ids=str)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    program, strict = request.param
    before = trust(tmp_path / "trust", tree(strict, revoked=False), datetime.now(timezone.utc))
    made = trust(tmp_path / "trust", tree(strict, revoked=True), datetime.now(timezone.utc))
    assert made.get("failed") is None, made
    running = Server(program, tmp_path, {**made, "users": before["users"]})
    yield running
    running.process.terminate()
    running.process.wait(20)


def test_users_may_do_what_the_tree_says_and_no_more(server: Server) -> None:
    asyncio.run(_permissions(server))
    expected = ("Publish Violation", "Bad src Ip", "authentication error")
    errors = [line for line in server.log.read_text().splitlines() if "[ERR]" in line]
    assert [line for line in errors if not any(word in line for word in expected)] == []


async def _answer_of(client: Any, subject: str, question: bytes) -> bytes:
    """A server that has just loaded an account says for a moment that nobody answers on its imports."""
    end = time.monotonic() + 5
    while True:
        try:
            return (await client.request(subject, question, timeout=3)).data
        except nats.errors.NoRespondersError:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.05)


async def _is_refused(subject: str, errors: list[Exception]) -> bool:
    """Whether the server's word arrives in time: nats-py may let its PING out before what was published."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        told = [str(error).lower() for error in errors]
        if any("permissions violation" in each and subject in each for each in told):
            return True
        await asyncio.sleep(0.02)
    return False


async def _permissions(server: Server) -> None:
    errors: list[Exception] = []
    service = await server.connect("TeamAlpha", "order-service", errors)
    partner = await server.connect("ExternalPartner", "gateway", errors)

    async def answer(message: Any) -> None:
        await message.respond(b"answer to " + message.data)

    await service.subscribe("orders.public.>", cb=answer)
    await service.flush()
    assert await _answer_of(partner, "partner.orders.new", b"one") == b"answer to one"
    with pytest.raises(nats.errors.NoRespondersError):
        await partner.request("orders.admin.reset", b"", timeout=3)
    assert not errors
    for client, subject in ((service, "orders.admin.reset"), (service, "billing"), (partner, "forbidden.x")):
        errors.clear()
        await client.publish(subject, b"")
        assert await _is_refused(subject, errors), errors
    await service.close()
    await partner.close()
    await server.refuses("TeamAlpha", "elsewhere")
    await server.refuses("TeamAlpha", "gone")


def test_a_role_gives_what_its_template_says(server: Server) -> None:
    asyncio.run(_role(server))


async def _role(server: Server) -> None:
    errors: list[Exception] = []
    reader = await server.connect("TeamAlpha", "reader", errors)
    other = await server.connect("TeamAlpha", "jetstream", errors)
    mine, mapped = await other.subscribe("mine.x"), await other.subscribe("new.a")
    await other.publish("old.a", b"mapped")
    await other.flush()
    assert (await mapped.next_msg(timeout=3)).data == b"mapped"
    for subject in ("mine.x", "mine.y"):
        await reader.publish(subject, b"")
    await mine.next_msg(timeout=3)
    assert await _is_refused("mine.y", errors), errors
    await reader.close()
    await other.close()


def test_limits_and_ends_are_kept(server: Server) -> None:
    asyncio.run(_limits(server))


async def _limits(server: Server) -> None:
    errors: list[Exception] = []
    with contextlib.suppress(nats.errors.Error):
        short = await server.connect("TeamAlpha", "short", errors)
        await asyncio.sleep(2.5)
        assert not short.is_connected
    await server.refuses("TeamAlpha", "short")
    clients = [await server.connect("TeamAlpha", "jetstream", errors) for _dummy in range(2)]
    await server.refuses("TeamAlpha", "jetstream")
    stream = clients[0].jetstream()
    account = await stream.account_info()
    assert (account.limits.max_memory, account.limits.max_storage) == (10**9, 10**10)
    assert (account.limits.max_streams, account.limits.max_consumers) == (100, -1)
    await stream.add_stream(name="S", subjects=["s.>"])
    assert (await stream.publish("s.1", b"kept")).seq == 1
    for client in clients:
        await client.close()
