# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operator mode with each resolver but the full one: who gets in, how a change of the tree arrives, nothing twice."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nats
import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust import tokens
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate, Run, put
from ansible_collections.aegis.nats.tests.end_to_end.test_config_mode import publishing, talk

PUSH = "Push the accounts and have every server confirm"
NEW = "fresh.>"


def creds(estate: Estate, user: str) -> str:
    return str(estate.root / "nats" / "trust" / "keys" / "creds" / "MyCompany" / "TeamAlpha" / f"{user}.creds")


def forbidden(estate: Estate, user: str, *subjects: str, node: int = 0) -> list[str]:
    """Which of the subjects a user may not publish to."""
    errors = talk(estate, publishing(*subjects), node=node, user_credentials=creds(estate, user))
    return [subject for subject in subjects if any(f'"{subject}"' in error for error in errors)]


def tasks(run: Run) -> set[str]:
    return {str(result["task"]) for result in run.results if result["outcome"] == "ok"}


def good(estate: Estate, *options: str) -> Run:
    run = estate.deploy(*options)
    assert run.code == 0, run.told
    return run


def unchanged(estate: Estate) -> None:
    before, running = estate.snapshot(), estate.processes()
    assert good(estate).changes == []
    assert (estate.snapshot(), estate.processes()) == (before, running)


@pytest.fixture
def alone(tmp_path: Path, binary: str) -> Iterator[Estate]:
    """One server."""
    made = Estate(tmp_path / "estate", binary, nodes=("n1",))
    made.settings["nats_server_cluster"] = False
    yield made
    made.close()


def test_memory(alone: Estate) -> None:
    alone.settings["nats_server_resolver"] = "memory"
    first = good(alone)
    assert PUSH not in tasks(first)
    assert forbidden(alone, "order-service", "orders.new", "fresh.x") == ["fresh.x"]
    unchanged(alone)

    running = alone.processes()
    accounts = alone.settings["nats_trust_accounts"]
    put(accounts[0], "default_permissions", {"publish": {"allow": [NEW]}})
    accounts[0]["users"].append({"name": "fresh"})
    accounts.append({"name": "Further", "users": [{"name": "guest"}]})
    run = good(alone)
    assert [reason for result in run.results for reason in result["reasons"] if "resolver_preload" in str(reason)]
    assert alone.processes() == running
    assert forbidden(alone, "fresh", "orders.new", "fresh.x") == ["orders.new"]
    unchanged(alone)


class Accounts(http.server.BaseHTTPRequestHandler):
    """Answers with the token of an account, as a file of the trust store has it."""

    store: Path
    asked: list[str]

    def do_GET(self) -> None:
        key = self.path.rpartition("/")[2]
        self.asked.append(key)
        found = [place.read_text() for place in self.store.rglob("*.jwt") if _subject(place) == key]
        self.send_response(200 if found or not key else 404)
        self.end_headers()
        self.wfile.write(found[0].strip().encode() if found else b"")

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on stderr."""


def _subject(place: Path) -> str:
    return tokens.read(place.read_text()).subject


@pytest.fixture
def account_server(alone: Estate) -> Iterator[type[Accounts]]:
    handler: type[Accounts] = type("Of", (Accounts,), {"store": alone.root / "nats" / "trust" / "stores", "asked": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    alone.settings["nats_server_resolver"] = "url"
    alone.settings["nats_server_resolver_url"] = f"http://127.0.0.1:{server.server_address[1]}/jwt/v1/accounts/"
    yield handler
    server.shutdown()
    server.server_close()


def test_url(alone: Estate, account_server: type[Accounts]) -> None:
    run = good(alone)
    assert PUSH not in tasks(run)
    assert "is http: whoever is between could keep a revocation from the servers" in run.text
    assert forbidden(alone, "order-service", "orders.new", "fresh.x") == ["fresh.x"]
    team = next(place for place in account_server.store.rglob("TeamAlpha.jwt"))
    assert _subject(team) in account_server.asked
    unchanged(alone)


def test_cache(tmp_path: Path, binary: str) -> None:
    """One server keeps all accounts; the others ask it, and take what is pushed of what they have in use."""
    estate = Estate(tmp_path / "estate", binary)
    try:
        for name in ("n2", "n3"):
            estate.hosts[name].update(nats_server_resolver="cache", nats_server_resolver_ttl="1h")
        assert PUSH in tasks(good(estate))
        for node in range(3):
            assert forbidden(estate, "order-service", "orders.new", "fresh.x", node=node) == ["fresh.x"]
        unchanged(estate)
        put(estate.settings["nats_trust_accounts"][0], "default_permissions", {"publish": {"allow": [NEW]}})
        estate.settings["nats_trust_accounts"][0]["users"].append({"name": "fresh"})
        good(estate)
        for node in range(3):
            assert forbidden(estate, "fresh", "orders.new", "fresh.x", node=node) == ["orders.new"]
        unchanged(estate)
    finally:
        estate.close()


def test_a_user_of_nowhere_is_refused(alone: Estate) -> None:
    """The check that the others rest on: without the account's token there is no login."""
    alone.settings["nats_server_resolver"] = "memory"
    good(alone)
    alone.settings["nats_trust_accounts"] = [{"name": "Further"}]
    alone.settings["nats_trust_purge"] = True
    creds_before = Path(creds(alone, "order-service")).read_text()
    good(alone)
    place = alone.scratch / "gone.creds"
    place.write_text(creds_before)
    with pytest.raises(nats.errors.Error, match=r"(?i)authorization violation"):
        talk(alone, publishing("orders.new"), user_credentials=str(place))
