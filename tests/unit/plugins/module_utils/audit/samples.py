# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports that the tests render: a healthy cluster, a broken one, an enormous one, an empty one, a hostile one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

from ansible_collections.aegis.nats.plugins.module_utils.audit.model import (
    Control,
    Expiry,
    Finding,
    Report,
    Result,
    Severity,
    Verdict,
    Waiver,
)

MADE = datetime(2026, 11, 29, 6, 41, 12, tzinfo=timezone.utc)
ADVISORIES = date(2026, 11, 20)

CONTROLS = (
    Control("client-tls", "Clients speak TLS 1.3 and nothing older", Severity.CRITICAL, 1, ("nats_server_tls",)),
    Control("client-certificates", "A client shows a certificate", Severity.HIGH, 2, ("nats_server_tls_verify",)),
    Control("no-anonymous", "Nobody gets in without a login", Severity.CRITICAL, 3, ("nats_server_auth",)),
    Control("route-tls", "Routes speak TLS, with certificates on both sides", Severity.HIGH, 4),
    Control("monitoring-local", "Monitoring answers this host only", Severity.MEDIUM, 5, ("nats_server_monitoring",)),
    Control("key-files", "Private keys are readable by their owner only", Severity.CRITICAL, 6),
    Control("seeds-off-hosts", "No seed of operator or account lies on a server", Severity.CRITICAL, 7),
    Control("user-permissions", "No user may publish or hear everything", Severity.MEDIUM, 8, ("nats_trust_accounts",)),
    Control("jetstream-encryption", "Streams are encrypted on disk", Severity.MEDIUM, 9),
    Control("server-version", "The server has no known hole", Severity.HIGH, None, ("nats_server_version",)),
    Control("log-rotation", "Logs are turned over", Severity.LOW, None, ("nats_server_log_size_limit",)),
    Control("mqtt-tls", "MQTT speaks TLS", Severity.HIGH, 10),
)
HOSTS = ("nats-1", "nats-2", "nats-3")


def held(control: Control, *hosts: str, evidence: str = "as it should be") -> Result:
    return Result(control, tuple(Finding(f"server {host}", Verdict.PASS, evidence, host=host) for host in hosts))


def listener(kind: str, port: int, **other: Any) -> dict[str, Any]:
    made = {
        "kind": kind,
        "address": "0.0.0.0",
        "port": port,
        "tls": "TLS 1.3",
        "client_certificate": True,
        "login": True,
        "reached_from": ["10.0.0.0/8"],
    }
    return {**made, **other}


def server(
    name: str, names: tuple[str, ...], listeners: list[dict[str, Any]], version: str = "2.12.1"
) -> dict[str, Any]:
    return {
        "name": name,
        "host": f"{name}.example.com",
        "version": version,
        "listeners": listeners,
        "routes": [other for other in names if other != name],
    }


def topology(names: tuple[str, ...] = HOSTS) -> dict[str, Any]:
    listeners = [
        listener("client", 4222),
        listener("route", 6222, login=True, reached_from=["the other servers"]),
        listener(
            "monitoring", 8222, address="127.0.0.1", tls="none", client_certificate=False, login=False,
            reached_from=["the host itself"],
        ),
    ]  # fmt: skip
    return {"servers": [server(name, names, listeners) for name in names]}


def rights(publish: tuple[str, ...], subscribe: tuple[str, ...], deny: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "publish": {"allow": list(publish), "deny": list(deny)},
        "subscribe": {"allow": list(subscribe), "deny": []},
        "bearer": False,
    }


def trust() -> dict[str, Any]:
    operator = {"name": "aegis", "key": "OD" + "A" * 54, "signing_keys": ["OB" + "B" * 54, "OC" + "C" * 54]}
    orders = {
        "name": "ORDERS", "key": "AA" + "A" * 54, "system": False, "signed_by": operator["signing_keys"][0],
        "users": [
            {"name": "order-service", "key": "UA" + "A" * 54, **rights(("orders.>",), ("_INBOX_orders.>", "stock.*"))},
            {"name": "shop", "key": "UB" + "A" * 54, **rights(("orders.new",), ("_INBOX_shop.>",), ("orders.admin",))},
        ],
        "exports": [{"subject": "orders.done.>", "kind": "stream"}, {"subject": "orders.status", "kind": "service"}],
        "imports": [{"subject": "stock.level", "account": "STOCK", "kind": "service"}],
    }  # fmt: skip
    stock = {
        "name": "STOCK", "key": "AB" + "B" * 54, "system": False, "signed_by": operator["signing_keys"][0],
        "users": [{"name": "warehouse", "key": "UC" + "A" * 54, **rights(("stock.>",), ("orders.done.>", "stock.>"))}],
        "exports": [{"subject": "stock.level", "kind": "service"}],
        "imports": [{"subject": "orders.done.>", "account": "ORDERS", "kind": "stream"}],
    }  # fmt: skip
    partner = {
        "name": "PARTNER", "key": "AC" + "C" * 54, "system": False, "signed_by": operator["signing_keys"][1],
        "users": [{"name": "edi", "key": "UD" + "A" * 54, **rights(("status",), ("_INBOX_edi.>",)), "bearer": True}],
        "exports": [],
        "imports": [{"subject": "orders.status", "account": "ORDERS", "kind": "service"}],
    }  # fmt: skip
    system = {
        "name": "SYS", "key": "AD" + "D" * 54, "system": True, "signed_by": operator["key"],
        "users": [{"name": "push", "key": "UE" + "A" * 54, **rights(("$SYS.REQ.CLAIMS.>",), ("_INBOX.>",))}],
        "exports": [], "imports": [],
    }  # fmt: skip
    return {"operator": operator, "accounts": [orders, stock, partner, system]}


def ends(what: str, kind: str, days: float, host: str = "") -> Expiry:
    return Expiry(what, kind, MADE + timedelta(days=days), host)


def healthy() -> Report:
    """Three servers on which everything holds that applies."""
    hour = timedelta(hours=5)
    expiries = [
        *(
            replace(ends("server certificate", "certificate", 71, host), at=MADE + timedelta(71) + hour)
            for host in HOSTS
        ),
        ends("cluster authority", "authority", 3402),
        ends("creds of push", "creds", 320),
    ]
    results = [held(control, *HOSTS) for control in CONTROLS[:-1]]
    results.append(Result(CONTROLS[-1], (Finding("mqtt", Verdict.NOT_APPLICABLE, "no server listens for MQTT"),)))
    return Report(
        "orders-production", MADE, "0.1.0", ADVISORIES, tuple(results), topology(), trust(), tuple(expiries), 8.25
    )


def broken() -> Report:
    """Every verdict, waivers for all and for some findings of a control, listeners of every sort."""
    results = {control.id: held(control, *HOSTS) for control in CONTROLS}
    by_id = {control.id: control for control in CONTROLS}

    def put(name: str, *findings: Finding, waived: Mapping[int, Waiver] | None = None) -> None:
        results[name] = Result(by_id[name], findings, waived or {})

    put(
        "client-tls",
        Finding(
            "client 0.0.0.0:4222", Verdict.FAIL,
            "a connection in plain text was let in: INFO without tls_required, then +OK",
            "nats_server_tls: true\nnats_server_tls_min_version: \"1.3\"", "nats-2",
        ),
        *(Finding("client 0.0.0.0:4222", Verdict.PASS, "TLS 1.2 is refused with protocol version", host=host)
          for host in ("nats-1", "nats-3")),
    )  # fmt: skip
    put(
        "key-files",
        *(Finding(f"/etc/nats/tls/{host}.key", Verdict.FAIL, "mode 0644, owner nats: everyone on the host can read it",
                  "nats_server_user: nats  # and run the role: it sets 0400", host) for host in ("nats-1", "nats-3")),
    )  # fmt: skip
    put(
        "server-version",
        *(Finding(f"nats-server 2.10.{n}", Verdict.FAIL,
                  "CVE-2026-11111 (fixed in 2.10.27): a client without an account can end the server. " * 4,
                  "nats_server_version: 2.12.1", host) for n, host in ((20, "nats-1"), (20, "nats-2"), (22, "nats-3"))),
    )  # fmt: skip
    put(
        "user-permissions",
        Finding("user legacy of account ORDERS", Verdict.FAIL, "may publish >", "publish: {allow: [orders.>]}"),
        Finding("user shop of account ORDERS", Verdict.WARN, "may hear _INBOX.>: everyone's", "inbox: _INBOX_shop"),
        waived={0: Waiver("user-permissions", "goes away with the old shop", date(2027, 1, 31), "legacy")},
    )  # fmt: skip
    put(
        "monitoring-local",
        *(Finding("monitoring 0.0.0.0:8222", Verdict.FAIL, "answers 10.0.0.7: /varz, /connz",
                  "nats_server_monitoring_host: 127.0.0.1", host) for host in HOSTS),
        waived={n: Waiver("monitoring-local", "Prometheus has no agent there; ticket OPS-12", date(2026, 12, 13))
                for n in range(3)},
    )  # fmt: skip
    put(
        "jetstream-encryption",
        Finding("server nats-1", Verdict.PASS, "aes", host="nats-1"),
        Finding(
            "server nats-3", Verdict.COULD_NOT_LOOK, "ssh: connect to host nats-3 port 22: timed out", host="nats-3"
        ),
    )
    put(
        "log-rotation",
        Finding("server nats-1", Verdict.WARN, "no limit", "nats_server_log_size_limit: 100MB", "nats-1"),
    )
    put("mqtt-tls", Finding("mqtt", Verdict.NOT_APPLICABLE, "no server listens for MQTT"))
    expiries = (
        ends("server certificate", "certificate", -3.5, "nats-2"),
        ends("server certificate", "certificate", 11, "nats-1"),
        ends("server certificate", "certificate", 11.2, "nats-3"),
        ends("waiver of monitoring-local", "waiver", 14.7),
        ends("waiver of user-permissions", "waiver", 63),
        ends("account PARTNER", "jwt", 150),
        ends("creds of edi", "creds", 364),
        ends("cluster authority", "authority", 1100),
    )
    return replace(healthy(), results=tuple(results.values()), topology=_broken_topology(), expiries=expiries)


def _broken_topology() -> dict[str, Any]:
    open_monitoring = listener(
        "monitoring", 8222, tls="none", client_certificate=False, login=False, reached_from=["anyone"]
    )
    route = listener("route", 6222, login=True, reached_from=["the other servers"])
    first = server("nats-1", HOSTS, [listener("client", 4222), route, open_monitoring], "2.10.20")
    clear = listener("client", 4222, tls="none", client_certificate=False, login=True, reached_from=["anyone"])
    second = server("nats-2", HOSTS, [clear, route, open_monitoring], "2.10.20")
    more = [
        listener("websocket", 8080, client_certificate=False, reached_from=["anyone", "10.0.0.0/8"]),
        listener("leafnode", 7422, tls="TLS 1.2", reached_from=["192.0.2.0/24"]),
        listener("profiling", 65432, address="127.0.0.1", tls="unknown", client_certificate=None, login=None,
                 reached_from=[]),
    ]  # fmt: skip
    third = server("nats-3", HOSTS, [listener("client", 4222), route, open_monitoring, *more], "2.10.22")
    third["routes"] = ["nats-1"]
    second["routes"] = ["nats-1"]
    first["routes"] = ["nats-2"]
    return {"servers": [first, second, third]}


def enormous(servers: int = 100, accounts: int = 500) -> Report:
    """A hundred servers, five hundred accounts, a finding on each."""
    names = tuple(f"nats-{n:03}" for n in range(servers))
    results = [
        Result(
            replace(control, id=f"{control.id}-{turn}"),
            tuple(
                Finding(f"server {name}", list(Verdict)[(at + turn) % 5], f"seen {at % 3}", "write this instead", name)
                for at, name in enumerate(names)
            ),
        )
        for turn in range(4)
        for control in CONTROLS
    ]
    made = trust()
    people = [{"name": f"user-{n}", "key": f"U{n:055}", **rights(("a.>",), ("b.>",))} for n in range(6)]
    for n in range(accounts):
        each: dict[str, Any] = {"name": f"TENANT-{n:03}", "key": f"A{n:055}", "system": False, "users": people}
        each.update(signed_by=made["operator"]["key"], exports=[{"subject": f"t{n}.>", "kind": "stream"}], imports=[])
        if n:
            each["imports"] = [{"subject": f"t{n - 1}.>", "account": f"TENANT-{n - 1:03}", "kind": "stream"}]
        made["accounts"].append(each)
    expiries = [ends("server certificate", "certificate", n * 4.5 - 20, name) for n, name in enumerate(names)]
    expiries += [ends(f"account TENANT-{n:03}", "jwt", 30 + n) for n in range(accounts)]
    shape = topology(names)
    shape["servers"][7 % servers]["routes"] = shape["servers"][7 % servers]["routes"][:-2]
    shape["servers"][9 % servers]["version"] = "2.11.9"
    return replace(healthy(), results=tuple(results), topology=shape, trust=made, expiries=tuple(expiries))


def empty() -> Report:
    """Nothing was looked at, and nothing is known."""
    return Report("", MADE.replace(tzinfo=None), "", ADVISORIES, (), {}, {"operator": None, "accounts": []}, ())


def hostile(text: str) -> Report:
    """The text in every field that takes one."""
    control = Control(text, text, Severity.HIGH, 1, (text, text))
    waiver = Waiver(text, text, date(2027, 1, 1), text)
    findings = tuple(Finding(text, verdict, text, text, text) for verdict in Verdict)
    waived = Result(replace(control, id=text + " "), findings[1:2], {0: waiver})
    door: dict[str, Any] = dict.fromkeys(listener("", 1), text)
    door["reached_from"] = [text]
    shape = {"servers": [{"name": text, "host": text, "version": text, "listeners": [door], "routes": [text]}] * 2}
    right = {"allow": [text], "deny": [text]}
    user = {"name": text, "key": text, "publish": right, "subscribe": right, "bearer": True}
    give = {"subject": text, "kind": text}
    account = {"name": text, "key": text, "system": True, "signed_by": text, "users": [user]}
    account.update(exports=[give], imports=[{**give, "account": text}])
    tree = {"operator": {"name": text, "key": text, "signing_keys": [text]}, "accounts": [account, account]}
    expiries = (Expiry(text, text, MADE + timedelta(days=3), text),)
    return Report(text, MADE, text, ADVISORIES, (Result(control, findings), waived), shape, tree, expiries)


#: Markup that would show if it got through, and a name as long as names get.
HOSTILE = "<b id=\"x\" onclick='a()'>&amp;</b><script>]]>" + "n" * 200


def all_of_them() -> dict[str, Report]:
    """Every sample by its name."""
    return {
        "healthy": healthy(), "broken": broken(), "enormous": enormous(), "empty": empty(), "hostile": hostile(HOSTILE),
    }  # fmt: skip
