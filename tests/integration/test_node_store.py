# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""JetStream's data through a change of their key, with real servers: refused, set aside, put back, killed anywhere."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import nats
import pytest
from ansible_collections.aegis.nats.tests.integration.node_host import PLANTED, SERVERS, Host, leaked, perform_with

pytestmark = pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server")
LATEST = SERVERS[-1] if SERVERS else ""
NEW_KEY = "another planted js key Zq6"


class Keyed(Host):
    """A host whose data are encrypted, and the key is to change."""

    def env(self, key: str) -> str:
        return f"JS_KEY='\"{key}\"'\n" if key else "\n"

    def keyed(self, state: str, key: str, fresh: bool, body: str = "", **more: Any) -> dict[str, Any]:
        """Parameters that stage or switch in a release with a key; without one, JetStream is not encrypted."""
        jetstream = self.jetstream() if key else f'jetstream {{ store_dir: "{self.root}/data" }}'
        files = self.files(self.config(f"{jetstream}\n{body}"))
        files[1]["content"] = self.env(key)
        store = {"path": f"{self.root}/data", "key_variable": "JS_KEY", "fresh": fresh}
        return self.params(state=state, files=files, jetstream=store, **more)

    def switch(self, key: str, fresh: bool = False, body: str = "", check_mode: bool = False) -> dict[str, Any]:
        return perform_with("node_config", self.keyed("active", key, fresh, body), check_mode)

    def ask(self, work: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:
        async def over() -> Any:
            client = await nats.connect(f"nats://127.0.0.1:{self.port}", user="app", password=PLANTED["password"])
            try:
                return await work(client.jetstream(timeout=5))
            finally:
                await client.close()

        return asyncio.run(over())

    def fill(self) -> None:
        async def work(js: Any) -> None:
            await js.add_stream(name="ORDERS", subjects=["orders.>"])
            for number in range(10):
                await js.publish(f"orders.{number}", b"marker-in-the-clear-Zq5" * 20)
            subscription = await js.pull_subscribe("orders.>", durable="d")
            for message in await subscription.fetch(4, timeout=5):
                await message.ack_sync()

        self.ask(work)

    def messages(self) -> int:
        """How many the stream has; -1 where there is no stream."""

        async def work(js: Any) -> int:
            try:
                return int((await js.stream_info("ORDERS")).state.messages)
            except nats.js.errors.NotFoundError:
                return -1

        found: int = self.ask(work)
        return found

    def at_rest(self, check_mode: bool = False) -> dict[str, Any]:
        return perform_with("node_encrypted", {"path": f"{self.root}/data"}, check_mode)

    def holding(self, text: bytes) -> list[Path]:
        """Files of JetStream that hold a text as it is."""
        return [place for place in (self.root / "data").rglob("*") if place.is_file() and text in place.read_bytes()]

    @property
    def beside(self) -> list[str]:
        """What lies in JetStream's folder but for the data in use."""
        return sorted(place.name for place in (self.root / "data").iterdir() if place.name != "jetstream")


@pytest.fixture(params=[LATEST])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Keyed]:
    made = Keyed(tmp_path, request.param)
    good(made.switch(PLANTED["key"]))
    made.fill()
    yield made
    made.close()


def good(result: dict[str, Any]) -> dict[str, Any]:
    assert not result.get("failed"), result
    return result


def test_another_key_is_refused_before_anything_is_switched(host: Keyed) -> None:
    pid, tree = host.pid, host.tree()
    for key, word in ((NEW_KEY, "rotate_jetstream_key"), ("", "encryption would end")):
        for state in ("staged", "active"):
            for check_mode in (True, False):
                refused = perform_with("node_config", host.keyed(state, key, False), check_mode)
                assert refused["failed"] and word in refused["msg"], refused
                assert not leaked(refused) and NEW_KEY not in str(refused)
    current = {path: seen for path, seen in host.tree().items() if path in tree}
    assert (host.pid, current) == (pid, tree)
    assert host.messages() == 10


def test_the_data_are_made_anew_with_the_new_key(host: Keyed) -> None:
    staged = perform_with("node_config", host.keyed("staged", NEW_KEY, True), True)
    assert staged["action"] == "restart" and any("is set aside, made anew" in each for each in staged["reasons"]), (
        staged
    )
    assert host.messages() == 10
    done = good(host.switch(NEW_KEY, fresh=True))
    assert any("is set aside, made anew" in each for each in done["reasons"])
    assert host.messages() == -1 and host.beside == []
    # The key before is nowhere on the host any more.
    assert not [
        place
        for place in (host.root / "etc").rglob("*")
        if place.is_file() and PLANTED["key"].encode() in place.read_bytes()
    ]
    host.fill()
    again = good(host.switch(NEW_KEY))
    assert (again["changed"], again["reasons"], host.messages()) == (False, [], 10)


def test_what_was_set_aside_comes_back_with_a_release_that_fails(host: Keyed) -> None:
    failed = host.switch(NEW_KEY, fresh=True, body="max_payload: 128MB\nmax_pending: 1MB")
    assert failed["failed"] and "Rolled back to release" in failed["msg"], failed
    assert host.messages() == 10 and host.beside == []
    assert good(host.switch(PLANTED["key"]))["reasons"] == []


@pytest.mark.parametrize("binary", SERVERS)
def test_data_in_plaintext_become_encrypted(tmp_path: Path, binary: str) -> None:
    host = Keyed(tmp_path, binary)
    marker = b"marker-in-the-clear-Zq5"
    subject = b"orders.7"
    try:
        good(host.switch(""))
        host.fill()
        before = host.at_rest()
        assert before["failed"] and "1.blk: its messages can be read" in before["msg"], before
        assert "meta.inf can be read" in before["msg"] and "obs/d: has no key of its own" in before["msg"], before
        assert host.holding(marker) and host.holding(subject)
        good(host.switch(PLANTED["key"]))
        assert host.messages() == 10
        for check_mode in (True, False):
            proved = good(host.at_rest(check_mode))
            # The state of the stream, as it was left in plaintext.
            assert [Path(each).name for each in proved["removed"]] == ["index.db"], proved
        assert good(host.at_rest())["reasons"] == []
        assert not host.holding(marker) and not host.holding(subject)
        host.kill()
        good(host.service("started"))
        assert host.messages() == 10
        assert good(host.switch(PLANTED["key"]))["changed"] is False
    finally:
        host.close()


def test_a_server_that_has_encrypted_its_data_does_not_go_back_to_a_release_without_a_key(tmp_path: Path) -> None:
    host = Keyed(tmp_path, LATEST)
    # Nobody but a start finds that a port is taken, and JetStream has started by then.
    with socket.create_server(("127.0.0.1", 0)) as taken:
        broken = f'leafnodes {{ listen: "127.0.0.1:{taken.getsockname()[1]}" }}'
        try:
            good(host.switch(""))
            host.fill()
            failed = host.switch(PLANTED["key"], body=broken)
            assert failed["failed"] and "data are encrypted by now" in failed["msg"], failed
            assert good(host.switch(PLANTED["key"]))["action"] == "start"
            assert host.messages() == 10
        finally:
            host.close()


def test_data_that_are_elsewhere_by_a_link_are_left_alone(host: Keyed) -> None:
    place = host.root / "data" / "jetstream"
    place.rename(host.root / "elsewhere")
    place.symlink_to(host.root / "elsewhere")
    refused = host.switch(NEW_KEY, fresh=True)
    assert refused["failed"] and "is a link or a mount" in refused["msg"]
    assert host.messages() == 10


def killed(host: Keyed, change: int, fresh: bool = True) -> bool:
    """Whether the switch to the new key was killed before its n-th change."""
    code, said = host.killed_at(change, host.keyed("active", NEW_KEY, fresh))
    assert code in (0, 137), said
    return code == 137


@pytest.mark.parametrize("by_hand", [False, True], ids=["left alone", "started by hand"])
@pytest.mark.long
def test_killed_at_each_change(tmp_path: Path, by_hand: bool) -> None:
    """The next run ends where the first would have, with the new data; started by hand in between or not."""
    seen: set[tuple[str, ...]] = set()
    change = 0
    while True:
        change += 1
        host = Keyed(tmp_path / str(change), LATEST)
        host.root.mkdir()
        try:
            good(host.switch(PLANTED["key"]))
            host.fill()
            if not killed(host, change):
                break
            wait_until_at_rest(host)
            if by_hand and host.pid is None:
                host.service("started")
                assert host.monitor.health("js-enabled-only=true").ok
            seen.add(tuple(each.split("-")[0] for each in host.beside))
            done = good(host.switch(NEW_KEY, fresh=True))
            assert host.messages() == -1 and host.beside == [], (change, done)
            assert good(host.switch(NEW_KEY))["reasons"] == [], change
            assert_opens(host, NEW_KEY)
        finally:
            host.close()
    assert (".aside",) in seen and (".doomed",) in seen, seen


@pytest.mark.long
def test_killed_at_each_change_and_gone_back(tmp_path: Path) -> None:
    """A deploy with the key before, after a run that was killed: the data are back, or it is refused."""
    outcomes: set[str] = set()
    change = 0
    while True:
        change += 1
        host = Keyed(tmp_path / str(change), LATEST)
        host.root.mkdir()
        try:
            good(host.switch(PLANTED["key"]))
            host.fill()
            if not killed(host, change):
                break
            wait_until_at_rest(host)
            aside = [each for each in host.beside if each.startswith(".aside")]
            complete = not aside and NEW_KEY in (host.current / "nats-server.env").read_text()
            back = host.switch(PLANTED["key"])
            if back.get("failed"):
                assert "rotate_jetstream_key" in back["msg"], back
                outcomes.add("refused")
                good(host.switch(NEW_KEY, fresh=True))
                assert host.beside == []
            else:
                # Killed at its very end, it was as good as done: what was there before is gone.
                assert host.messages() == (-1 if complete else 10) and host.beside == [], (change, back)
                outcomes.add("done" if complete else "back")
        finally:
            host.close()
    assert outcomes == {"back", "done", "refused"}


def wait_until_at_rest(host: Keyed) -> None:
    """A server that was told to stop does so though nobody waits for it; one that was started gets up."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        pid = host.pid
        time.sleep(0.3)
        if pid is None and host.pid is None:
            return
        if pid is not None and host.pid == pid:
            try:
                host.monitor.varz()
                return
            except Exception:
                continue


def assert_opens(host: Keyed, key: str) -> None:
    """Data that are written now open with this key, and with the one before they do not."""
    host.fill()
    pid = host.pid
    assert pid
    os.kill(pid, signal.SIGTERM)
    while host.pid:
        time.sleep(0.05)
    place = host.current / "nats-server.env"
    for text, messages in ((host.env(PLANTED["key"]), -1), (host.env(key), 10)):
        place.write_text(text)
        host.service("started")
        assert host.messages() == messages
        host.service("stopped")
