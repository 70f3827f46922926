# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit put together: doors from what hosts tell, accounts from tokens, waivers, and the pictures."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit import run
from ansible_collections.aegis.nats.plugins.module_utils.audit.controls import CONTROLS
from ansible_collections.aegis.nats.plugins.module_utils.audit.knocking import Visitor
from ansible_collections.aegis.nats.plugins.module_utils.audit.model import Result, Verdict, Waiver
from ansible_collections.aegis.nats.plugins.module_utils.audit.seen import Door, Knocked
from ansible_collections.aegis.nats.plugins.module_utils.client.access import Access
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role, make
from ansible_collections.aegis.nats.plugins.module_utils.trust.tokens import sign
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit.cluster import (
    DAMAGED,
    NOW,
    account,
    claims,
    config,
    facts,
    found,
    listener,
    seen,
    user,
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


def test_a_port_that_two_listeners_share_on_two_addresses() -> None:
    """Monitoring on loopback beside clients on an address of the host, both 4222: a server takes that."""
    sockets = [{"address": "10.0.0.1", "port": 4222}, {"address": "127.0.0.1", "port": 4222}]
    client, monitoring = listener(), listener("monitoring")
    client["address"], monitoring["address"] = "10.0.0.1", "127.0.0.1"
    told = {"process": {"sockets": sockets}, "config": {"listeners": [client, monitoring]}}
    assert [door.bound for door in run.doors_of("h1", "10.0.0.1", told)] == ["10.0.0.1", "127.0.0.1"]


def test_loopback_of_a_host_is_not_knocked_at_here() -> None:
    """127.0.0.1 of the controller is another machine's."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        told = facts(
            process={"version": "2.15.1", "sockets": [{"address": "127.0.0.1", "port": port}]},
            config=config(listeners=[listener("mqtt", port)]),
        )
        visitor = Visitor(Access((), timeout=0.2))
        (found,) = run.audit({"h1": {"address": "192.0.2.1", "facts": told}}, [], visitor, NOW).knocked
    assert not found.reached


def test_a_user_s_token_is_no_account() -> None:
    user = make(Role.USER, os.urandom(32)).public_key
    claims = {"sub": user, "name": "u", "iat": 1, "nats": {"type": "user", "version": 2}}
    (found,) = run.accounts_of("h1", [{"file": f"{user}.jwt", "token": sign(claims, ACCOUNT).text}])
    assert found.problem


@pytest.mark.parametrize("control", ["data-encrypted", "logs", "secrets-stored", "verify-with-authority"])
def test_a_configuration_that_can_t_be_read_is_no_pass(control: str) -> None:
    """Without it nobody knows where log, keys and data are: COULD_NOT_LOOK, with the reason."""
    told = facts(config={"read": False, "why": "/etc/nats.conf can't be read: line 1"}, files=[], store=None)
    result = by_id(run.judged(seen({"h1": told})))[control]
    assert result.verdict is Verdict.COULD_NOT_LOOK
    assert any("can't be read: line 1" in finding.evidence for finding in result.findings)


def test_doors_known_by_url_are_not_knocked_at_twice() -> None:
    told = facts(config=config(listeners=[listener()]))
    visitor = Visitor(Access((), timeout=0.1))
    urls = [Door("", "x", "client", address, 4222) for address in ("127.0.0.2", "127.0.0.3")]
    found = run.audit({"h1": {"address": "127.0.0.2", "facts": told}}, urls, visitor, NOW)
    assert [(each.door.host, each.door.address) for each in found.knocked] == [("h1", "127.0.0.2"), ("", "127.0.0.3")]
    assert not found.has_certificate and not found.has_authority


def test_routes_and_what_is_known_of_a_listener() -> None:
    def told(name: str) -> dict[str, Any]:
        routes = ["tls://192.0.2.1:6222", "nats-route://192.0.2.2:6222", "tls://[2001:db8::3]:6222"]
        return facts(server={"reached": True, "server_name": name}, config=config(routes=routes))

    knocked = [
        found("route", host="h1", address="192.0.2.1", port=6222),
        replace(
            found("route", host="h2", address="192.0.2.2", port=6222), door=Door("h2", "n2", "route", "192.0.2.2", 6222)
        ),
        Knocked(Door("", "x:4222", "client", "x", 4222)),
    ]
    first, second, third = run.topology(seen({"h1": told("n1"), "h2": told("n2")}, knocked))["servers"]
    assert (first["name"], first["routes"]) == ("n1", ["n2", "2001:db8::3"])
    assert (second["name"], second["version"]) == ("n2", "2.99.0")
    assert (third["host"], third["version"], third["routes"]) == ("x:4222", "", [])
    (listening,) = first["listeners"]
    assert (listening["tls"], listening["client_certificate"], listening["login"]) == ("TLSv1.3", True, "needed")
    (unreached,) = third["listeners"]
    assert (unreached["tls"], unreached["client_certificate"], unreached["login"]) == ("unknown", None, "unknown")
    assert (listening["reached_from"], unreached["reached_from"]) == ("the controller", "")


def test_a_route_without_a_port_is_named_by_its_address() -> None:
    told = facts(config=config(routes=["nats-route://n9"]))
    (server,) = run.topology(seen({"h1": told}, [found("route")]))["servers"]
    assert server["routes"] == ["n9"]


def test_the_tree_with_who_is_known_in_it() -> None:
    shared = {"exports": [{"subject": "s.>", "type": "stream"}], "imports": [{"subject": "q", "account": "AX"}]}
    known = [account(host=host, nats=shared) for host in ("h1", "h2")] + [account(key="ASYS", name="SYS")]
    hosts = {"h1": facts(connected=[claims()], config=config(login={"users": [user("top")]}))}
    tree = run.trust(seen(hosts, accounts=known))
    assert tree["operator"] == {"name": "Acme", "key": "OKEY", "signing_keys": ["OSIGN"]}
    orders, system, plain = tree["accounts"]
    assert (orders["name"], orders["signed_by"], [one["name"] for one in orders["users"]]) == (
        "ORDERS",
        "OSIGN",
        ["app"],
    )
    assert orders["exports"] == [{"subject": "s.>", "kind": "stream"}]
    assert orders["imports"] == [{"subject": "q", "kind": "", "account": "AX"}]
    assert (system["system"], orders["system"]) == (True, False)
    assert (plain["name"], [one["name"] for one in plain["users"]]) == ("$G", ["top"])
    assert run.trust(seen()) == {"operator": None, "accounts": []}


def test_a_control_of_two_judges_tells_what_both_find() -> None:
    told = facts(
        config=config(resolver={"type": "full", "dir": "/r", "in_clear": True}),
        server={"reached": True, "server_name": "n1", "system_account": "AELSE", "operators": []},
        connected=[claims(issuer="ASYS", issuer_account="ASYS", account="ASYS")],
    )
    found_by = by_id(run.judged(seen({"h1": told}, accounts=[account(problem="its signature is wrong")])))
    evidence = [finding.evidence for finding in found_by["resolver-contents"].findings]
    assert any("signature" in words for words in evidence) and any("http" in words for words in evidence)
    assert any("in no resolver" in finding.evidence for finding in found_by["system-users"].findings)
