# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of a configuration, and that nothing secret is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.audit.configuration import (
    ConfigError,
    Loaded,
    facts,
    listeners,
    load,
    pairs,
)

#: Must never be told; each has a word of its own so that a leak names its place.
HUSH = "hush"
BCRYPT = "$2a$11$hushhushhushhushhushhuhushhushhushhushhushhushhushhu"
WHOLE = f"$2a$11${'h' * 53}"
SEED = "SUAHUSHHUSHHUSHHUSHHUSHHUSHHUSHHUSHHUSHHUSHHUSHHUSHHUSHHUSHA"


def loaded(folder: Path, text: str, environment: Mapping[str, str] | None = None) -> Loaded:
    (folder / "nats.conf").write_text(text)
    return load(str(folder / "nats.conf"), environment or {})


@pytest.fixture
def told(tmp_path: Path) -> Any:
    return lambda text, environment=None: facts(loaded(tmp_path, text, environment))


def test_an_empty_configuration(told: Any) -> None:
    found = told("")
    client = {"kind": "client", "address": "0.0.0.0", "port": 4222, "tls": None}
    assert found["listeners"] == [client]
    assert (found["accounts"], found["operator"], found["routes"]) == ([], [], [])
    assert found["login"]["users"] == [] and not found["login"]["token"]
    assert found["jetstream"] == {"enabled": False} and found["resolver"]["type"] == ""
    assert not found["proxy_protocol"] and not found["proxies"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("listen: '[::1]:4333'", [("client", "::1", 4333)]),
        ("host: 10.0.0.1, port: 5222", [("client", "10.0.0.1", 5222)]),
        ("cluster { listen: '10.0.0.1:6222' }", [("client", "0.0.0.0", 4222), ("route", "10.0.0.1", 6222)]),
        ("cluster { name: c }", [("client", "0.0.0.0", 4222)]),
        ("gateway { name: g, port: 7222 }", [("client", "0.0.0.0", 4222), ("gateway", "0.0.0.0", 7222)]),
        ("gateway { name: g, port: -1 }", [("client", "0.0.0.0", 4222)]),
        ("leafnodes { port: 7000 }", [("client", "0.0.0.0", 4222), ("leafnode", "0.0.0.0", 7000)]),
        ("leafnodes { host: 10.0.0.1 }", [("client", "0.0.0.0", 4222), ("leafnode", "10.0.0.1", 7422)]),
        ("leafnodes { remotes: [] }", [("client", "0.0.0.0", 4222)]),
        ("mqtt { listen: 1883 }", [("client", "0.0.0.0", 4222), ("mqtt", "0.0.0.0", 1883)]),
        ("http_port: 8222", [("client", "0.0.0.0", 4222), ("monitoring", "0.0.0.0", 8222)]),
        ("http: 8222", [("client", "0.0.0.0", 4222), ("monitoring", "0.0.0.0", 8222)]),
        ("monitor_port: 8222", [("client", "0.0.0.0", 4222), ("monitoring", "0.0.0.0", 8222)]),
        ("http: '127.0.0.1:8222'", [("client", "0.0.0.0", 4222), ("monitoring", "127.0.0.1", 8222)]),
        ("http: '[::1]:8222'", [("client", "0.0.0.0", 4222), ("monitoring", "::1", 8222)]),
        ("host: '10.0.0.1', http: 8222", [("client", "10.0.0.1", 4222), ("monitoring", "10.0.0.1", 8222)]),
        ("http: 0", [("client", "0.0.0.0", 4222)]),
        ("prof_port: 65432", [("client", "0.0.0.0", 4222), ("profiling", "0.0.0.0", 65432)]),
    ],
)
def test_where_a_server_listens(told: Any, text: str, wanted: list[tuple[str, str, int]]) -> None:
    found = told(text.replace(", ", "\n") if "{" not in text else text)["listeners"]
    assert [(one["kind"], one["address"], one["port"]) for one in found] == wanted


def test_what_tls_says(told: Any) -> None:
    text = """
    tls { cert_file: /c, key_file: /k, ca_file: /ca, verify: true, min_version: "1.2", pinned_certs: ["aa"] }
    allow_non_tls: true
    https: 8443
    cluster { port: 6222, tls { insecure: true }, authorization { user: r, password: p } }
    websocket { port: 8080, no_tls: true }
    """
    client, route, websocket, monitoring = told(text)["listeners"]
    files = {"cert_file": "/c", "key_file": "/k", "ca_file": "/ca"}
    assert {name: client["tls"][name] for name in files} == files
    assert (client["tls"]["verify"], client["tls"]["pins"], client["tls"]["allow_non_tls"]) == (True, True, True)
    assert (route["tls"], route["users"]) == ({"insecure": True, "pins": False}, True)
    assert websocket["tls"] is None and monitoring["tls"]["cert_file"] == "/c"


def test_ways_to_log_in(told: Any) -> None:
    text = f"""
    authorization {{
      timeout: 2
      users: [
        {{user: clear, password: {HUSH}}}, {{username: hashed, pass: "{BCRYPT}"}}, {{nkey: UABC}}, {{user: subject}}
      ]
      default_permissions {{ publish: "orders.>" }}
    }}
    accounts {{
      A {{ users: [{{user: inner, password: {HUSH}}}], default_permissions {{ subscribe: [a, b] }} }}
      B {{}}
    }}
    """
    found = told(text)
    assert [(one["name"], one["login"], one["cost"]) for one in found["login"]["users"]] == [
        ("clear", "password", None),
        ("hashed", "bcrypt", 11),
        ("UABC", "nkey", None),
        ("subject", "certificate", None),
    ]
    assert found["login"]["default_permissions"]["publish"] == {"allow": ["orders.>"], "deny": []}
    first, second = found["accounts"]
    assert (first["name"], [one["name"] for one in first["users"]]) == ("A", ["inner"])
    assert first["default_permissions"]["subscribe"] == {"allow": ["a", "b"], "deny": []}
    assert (second["name"], second["users"], second["default_permissions"]) == ("B", [], None)


@pytest.mark.parametrize("word", ["password", "pass"])
def test_a_single_user_at_the_top(told: Any, word: str) -> None:
    (single,) = told(f"authorization {{ user: one, {word}: {HUSH} }}")["login"]["users"]
    assert (single["name"], single["login"]) == ("one", "password")


def test_a_token_is_told_of_and_not_told(told: Any) -> None:
    found = told(f"authorization {{ token: {HUSH} }}")
    assert found["login"]["token"] is True and HUSH not in repr(found)


ALL = {"allow": None, "deny": []}


def side(allow: list[str] | None, *deny: str) -> dict[str, Any]:
    return {"allow": allow, "deny": list(deny)}


@pytest.mark.parametrize(
    ("text", "publish", "subscribe"),
    [
        ("{}", ALL, ALL),
        ("{ publish: a }", side(["a"]), ALL),
        ("{ pub: [a, b], sub: c }", side(["a", "b"]), side(["c"])),
        ("{ import: a, export: c }", side(["a"]), side(["c"])),
        ("{ publish: { deny: a }, subscribe: { allow: b } }", side(None, "a"), side(["b"])),
        ('{ subscribe: { allow: ">", deny: "_INBOX.>" } }', ALL, side([">"], "_INBOX.>")),
        ('{ subscribe: ["orders.new workers"] }', ALL, side(["orders.new workers"])),
        ("{ allow_responses: true }", side([]), ALL),
        ("{ allow_responses: { max: 5 }, publish: { deny: a } }", side([], "a"), ALL),
        ("{ allow_responses: true, publish: a }", side(["a"]), ALL),
        ("{ allow_responses: false }", ALL, ALL),
        # Measured with 2.15.1: a list of nothing is no list.
        pytest.param(
            "{ publish: [], subscribe: { allow: [] } }",
            ALL,
            ALL,
        ),
    ],
)
def test_permissions(told: Any, text: str, publish: Any, subscribe: Any) -> None:
    (user,) = told(f"authorization {{ users: [{{user: a, password: b, permissions: {text}}}] }}")["login"]["users"]
    assert user["permissions"] == {"publish": publish, "subscribe": subscribe}


def test_no_permissions_are_none(told: Any) -> None:
    assert told("authorization { users: [{user: a, password: b}] }")["login"]["users"][0]["permissions"] is None


JETSTREAM = "jetstream { store_dir: /data, key: %s }"
LONG = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "environment", "kind", "is_path", "length"),
    [
        ("jetstream { store_dir: /data }", {}, "none", False, 0),
        ("jetstream: enabled", {}, "none", False, 0),
        (JETSTREAM % f'"{LONG}"', {}, "literal", False, 32),
        (JETSTREAM % "$KEY", {"KEY": f'"{LONG}"'}, "variable", False, 32),
        (f'KEY: "{LONG}"\n' + JETSTREAM % "$KEY", {}, "literal", False, 32),
        (JETSTREAM % '"/etc/nats/js.key"', {}, "literal", True, 16),
        (JETSTREAM % "$KEY", {"KEY": '"./js.key"'}, "variable", True, 8),
        (JETSTREAM % '"file:js.key"', {}, "literal", True, 11),
        ('jetstream { ek: "short" }', {}, "literal", False, 5),
        ("jetstream { encryption_key: $KEY }", {"KEY": "short"}, "variable", False, 5),
        pytest.param(
            JETSTREAM % "$KEY",
            {"KEY": '"/Hq8vG2b0X1m5Rk9wYpTzQeUuIiOoPaSdFgHjKlZxc="'},
            "variable",
            False,
            43,
        ),
    ],
)
def test_the_key_of_jetstream(  # noqa: PLR0917
    told: Any, text: str, environment: dict[str, str], kind: str, is_path: bool, length: int
) -> None:
    found = told(text, environment)["jetstream"]
    assert (found["enabled"], found["key"], found["is_path"], found["length"]) == (True, kind, is_path, length)


def test_without_jetstream(told: Any) -> None:
    assert told("jetstream: false")["jetstream"] == told("jetstream { enabled: false }")["jetstream"]
    assert told("jetstream: false")["jetstream"] == {"enabled": False}


def test_operator_and_resolver(told: Any) -> None:
    found = told("operator: eyJhbGci.eyJqdGki.x\nresolver { type: FULL, dir: /r, allow_delete: true }")
    assert (found["operator"], found["operator_files"]) == (["eyJhbGci.eyJqdGki.x"], [])
    assert found["resolver"] == {"type": "full", "dir": "/r"}
    found = told("operator: /o.jwt\nresolver: MEMORY")
    assert (found["operator"], found["operator_files"]) == ([], ["/o.jwt"])
    assert found["resolver"]["type"] == "memory"
    assert told('resolver: URL("http://localhost/jwt/v1")')["resolver"]["type"] == "url"


def test_how_accounts_are_fetched(told: Any) -> None:
    for text, in_clear in (("http://h/jwt", True), ("HTTP://h/jwt", True), ("https://h/jwt", False)):
        assert told(f'resolver: "URL({text})"')["resolver"]["in_clear"] is in_clear
    assert not told("resolver: MEMORY")["resolver"]["in_clear"]


def test_keys_in_place_of_an_operator(told: Any) -> None:
    assert told("trusted_keys: OABC")["trusted_keys"] is True and told("")["trusted_keys"] is False


@pytest.mark.parametrize(
    ("block", "by_name"),
    [
        ("authorization { user: N123, timeout: 2 }", True),
        (f"authorization {{ user: route, password: {HUSH} }}", False),
        ("authorization { user: 'CN=n1' }, tls { verify_and_map: true }", False),
        ("authorization { timeout: 2 }", False),
        ("name: c", False),
    ],
)
@pytest.mark.parametrize("kind", ["cluster", "gateway", "leafnodes"])
def test_peers_that_are_let_in_by_name(told: Any, kind: str, block: str, by_name: bool) -> None:
    found = told(f"{kind} {{ port: 6222, {block} }}")["listeners"][1]
    assert found["by_name"] is by_name


@pytest.mark.parametrize(
    ("password", "broken"), [(WHOLE, False), ("$2a$11$HASHEDPASSWORD", True), (f"{WHOLE}x", True), (HUSH, False)]
)
def test_what_only_begins_like_a_hash(told: Any, password: str, broken: bool) -> None:
    (single,) = told(f'authorization {{ user: one, password: "{password}" }}')["login"]["users"]
    assert single["broken"] is broken


def test_paths_are_told_from_the_root(tmp_path: Path) -> None:
    text = """
    tls { cert_file: "./c.pem", key_file: /k.pem, ca_file: ca.pem }
    cluster { port: 6222, tls { certs: [{cert_file: a.pem, key_file: a.key}, {cert_file: b.pem, key_file: b.key}] } }
    log_file: nats.log, resolver { type: full, dir: jwt }, jetstream { store_dir: js }
    """
    found = facts(loaded(tmp_path, text), "/srv/nats")
    client, route = (each["tls"] for each in found["listeners"])
    assert (client["cert_file"], client["key_file"], client["ca_file"]) == (
        "/srv/nats/./c.pem", "/k.pem", "/srv/nats/ca.pem"
    )  # fmt: skip
    assert [pair["cert_file"] for pair in pairs(client)] == ["/srv/nats/./c.pem"]
    assert [pair["key_file"] for pair in pairs(route)] == ["/srv/nats/a.key", "/srv/nats/b.key"]
    assert pairs(None) == [] and pairs({"verify": True}) == []
    assert found["logging"]["log_file"] == "/srv/nats/nats.log"
    assert (found["resolver"]["dir"], found["jetstream"]["store_dir"]) == ("/srv/nats/jwt", "/srv/nats/js")


def test_what_weakens_and_what_is_logged(told: Any) -> None:
    found = told("proxy_protocol: true\nno_auth_user: guest\nlog_file: /l\ntrace: true")
    assert found["proxy_protocol"] and not found["proxies"] and found["no_auth_user"] == "guest"
    assert (found["logging"]["log_file"], found["logging"]["trace"]) == ("/l", True)
    assert told("proxies { trusted: [{key: PABC}] }")["proxies"]


def test_what_is_shared_between_accounts(told: Any) -> None:
    found = told('accounts { A { exports: [{stream: "s.>"}, {service: q, accounts: [B]}] } }')
    assert found["accounts"][0]["exports"] == [
        {"kind": "stream", "subject": "s.>"},
        {"kind": "service", "subject": "q"},
    ]


def test_an_import_is_told_by_its_subject(told: Any) -> None:
    found = told("accounts { A {}, B { imports: [{service: {account: A, subject: q}}] } }")
    assert found["accounts"][1]["imports"][0]["subject"] == "q"


EVERYTHING = f"""
KEY: "jskey-{HUSH}-0123456789"
authorization {{
  user: single, password: top-{HUSH}, token: token-{HUSH}
  users: [{{user: a, password: users-{HUSH}}}, {{user: b, password: "{BCRYPT}"}}]
  auth_callout {{ issuer: ABC, auth_users: [a], xkey: XABC }}
}}
accounts {{ A {{ users: [{{user: c, password: account-{HUSH}}}, {{user: d, password: "{BCRYPT}"}}] }} }}
cluster {{
  port: 6222, authorization {{ user: r, password: cluster-{HUSH} }}
  routes: ["nats-route://r:route-{HUSH}@10.0.0.2:6222", "nats-route://tok-{HUSH}@10.0.0.3:6222", "nats://[::1]:1"]
}}
gateway {{
  name: g, port: 7222, authorization {{ user: g, password: gateway-{HUSH} }}
  gateways: [{{name: h, url: "nats://g:remote-{HUSH}@h:7222"}}]
}}
leafnodes {{
  port: 7422, authorization {{ user: l, password: leaf-{HUSH} }}
  remotes: [{{url: "nats-leaf://l:leaf-{HUSH}@hub:7422", credentials: /creds, nkey: {SEED}}}]
}}
websocket {{ port: 8080, no_tls: true, token: ws-{HUSH} }}
mqtt {{ port: 1883, authorization {{ username: m, password: mqtt-{HUSH} }} }}
jetstream {{ store_dir: /data, key: $KEY }}
tls {{ cert_file: /c, key_file: /k }}
"""


def test_no_secret_is_told(told: Any) -> None:
    found = repr(told(EVERYTHING))
    assert HUSH not in found.lower()
    assert "nats-route://10.0.0.2:6222" in found and "nats-route://10.0.0.3:6222" in found


def test_a_password_with_an_at_sign_is_not_told(told: Any) -> None:
    found = told(f'cluster {{ port: 6222, routes: ["nats-route://r:a@{HUSH}@10.0.0.2:6222"] }}')
    assert found["routes"] == ["nats-route://10.0.0.2:6222"]


@pytest.mark.parametrize(
    "text",
    [
        f'authorization {{ password: "{HUSH} }}',
        f"authorization {{ password: {HUSH}",
        f"password: ${HUSH[:-1]}",
        f"password: {HUSH} {HUSH} }}",
        f"jetstream {{ key: [{HUSH} }}",
    ],
)
def test_what_is_wrong_is_told_without_the_text(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text)
    assert HUSH not in str(caught.value)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        load(str(tmp_path / "nowhere.conf"), {})
    with pytest.raises(ConfigError, match="absent"):
        loaded(tmp_path, "include absent.conf")


def test_a_configuration_is_read_with_its_files_and_the_process_s_environment(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below/users.conf").write_text("user: $WHO, password: $WHAT")
    found = loaded(tmp_path, "authorization { include below/users.conf }", {"WHO": "me", "WHAT": HUSH})
    assert sorted(set(found.files)) == [str(tmp_path / "below/users.conf"), str(tmp_path / "nats.conf")]
    assert facts(found)["login"]["users"][0]["name"] == "me" and HUSH not in repr(facts(found))
    os.utime(tmp_path / "nats.conf", (1_000, 1_000))
    os.utime(tmp_path / "below/users.conf", (2_000, 2_000))
    assert found.changed_at == 2_000


@pytest.mark.parametrize(
    "values",
    [
        {"tls": "x", "cluster": None, "leafnodes": [], "websocket": 7, "mqtt": "on", "http": None},
        {"accounts": [], "authorization": "me", "jetstream": None, "resolver": 7, "operator": None},
    ],
)
def test_what_is_no_block_where_one_should_be(values: dict[str, Any]) -> None:
    assert [one["kind"] for one in listeners(values)] == ["client"]
