# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit put together: doors from what hosts tell, accounts from tokens, waivers, and the pictures."""

from __future__ import annotations

import os
from datetime import date
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit import run
from ansible_collections.aegis.nats.plugins.module_utils.audit.controls import CONTROLS
from ansible_collections.aegis.nats.plugins.module_utils.audit.model import Result, Verdict, Waiver
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role, make
from ansible_collections.aegis.nats.plugins.module_utils.trust.tokens import sign
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit.cluster import (
    DAMAGED,
    NOW,
    account,
    config,
    facts,
    listener,
    seen,
)

OPERATOR, ACCOUNT = make(Role.OPERATOR, os.urandom(32)), make(Role.ACCOUNT, os.urandom(32))


def token(**nats: Any) -> str:
    claims = {"sub": ACCOUNT.public_key, "name": "A", "iat": 1, "nats": {"type": "account", "version": 2, **nats}}
    return sign(claims, OPERATOR).text


def by_id(results: tuple[Result, ...]) -> dict[str, Result]:
    return {result.control.id: result for result in results}


@pytest.mark.parametrize(
    ("bound", "place"),
    [("0.0.0.0", "192.0.2.1"), ("::", "192.0.2.1"), ("127.0.0.1", "127.0.0.1"), ("10.0.0.1", "10.0.0.1")],
)
def test_a_door_is_where_the_process_listens(bound: str, place: str) -> None:
    told = {
        "process": {"sockets": [{"address": bound, "port": 4222}]},
        "server": {"server_name": "n1"},
        "config": {"listeners": [listener(port=4222, handshake_first=True)]},
    }
    door = run.doors_of("h1", "192.0.2.1", told)[0]
    assert (door.server, door.kind, door.address, door.bound, door.tls_first) == ("n1", "client", place, bound, True)


def test_routes_have_no_handshake_first() -> None:
    told = {"config": {"listeners": [listener("route", 6222, handshake_first=True), listener("client", 4222)]}}
    assert [(door.kind, door.tls_first) for door in run.doors_of("h1", "192.0.2.1", told)] == [
        ("route", False),
        ("client", False),
    ]


@pytest.mark.parametrize("told", DAMAGED)
def test_a_host_that_told_nothing_is_no_pass(told: dict[str, Any]) -> None:
    assert run.doors_of("h1", "192.0.2.1", told) == []
    found = by_id(run.judged(seen({"h1": told})))
    for name in ("data-encrypted", "logs", "secrets-stored", "verify-with-authority", "version"):
        if not told.get("process"):
            assert found[name].verdict is Verdict.COULD_NOT_LOOK, name


def test_accounts_are_read_and_verified() -> None:
    good = token()
    entries = [
        {"file": f"{ACCOUNT.public_key}.jwt", "token": good},
        {"file": "TeamAlpha.jwt", "token": good},
        {"file": "broken.jwt", "token": good[:-6] + "AAAAAA"},
        {"file": "empty.jwt", "token": ""},
    ]
    first, renamed, broken, empty = run.accounts_of("h1", entries)
    assert (first.key, first.name, first.issuer, first.problem) == (ACCOUNT.public_key, "A", OPERATOR.public_key, "")
    assert renamed.problem == f"it is that of {ACCOUNT.public_key}"
    assert broken.problem and empty.problem and not broken.key


def test_every_control_is_judged_once() -> None:
    assert [result.control for result in run.judged(seen())] == list(CONTROLS)


def test_a_waiver_covers_until_its_day() -> None:
    bad = {"h1": facts(config=config(proxy_protocol=True))}
    before = by_id(run.judged(seen(bad)))["proxy-protocol"]
    assert before.verdict is Verdict.FAIL
    waiver = Waiver("proxy-protocol", "a firewall", NOW.date())
    assert by_id(run.judged(seen(bad), [waiver]))["proxy-protocol"].verdict is not Verdict.FAIL
    ended = Waiver("proxy-protocol", "a firewall", date(2026, 11, 28))
    found = by_id(run.judged(seen(bad), [ended]))["proxy-protocol"]
    assert found.verdict is Verdict.FAIL
    assert found.findings[-1].evidence == "ended on 2026-11-28: a firewall"
    other = Waiver("proxy-protocol", "a firewall", NOW.date(), subject="n9")
    assert by_id(run.judged(seen(bad), [other]))["proxy-protocol"].verdict is Verdict.FAIL


def test_the_report_has_all_pictures() -> None:
    waiver = Waiver("logs", "shipped elsewhere", date(2027, 6, 30))
    made = run.report(seen({"h1": facts()}, accounts=[account()]), [waiver], "prod", "1.2.3")
    assert made.cluster == "prod" and made.collection == "1.2.3" and len(made.results) == len(CONTROLS)
    assert {"servers"} == set(made.topology) and {"operator", "accounts"} == set(made.trust)
    assert any(expiry.kind == "waiver" and expiry.at.date() == waiver.until for expiry in made.expiries)
    assert run.timed(made, 1.234).seconds == 1.2


def test_routes_are_named_by_their_servers() -> None:
    told = {
        "h1": facts(
            config=config(listeners=[listener("route", 6222)], routes=["tls://192.0.2.9:6222", "nats://[::1]:1"])
        ),
    }
    found = run.topology(seen(told))
    assert all(isinstance(server["routes"], list) for server in found["servers"])
