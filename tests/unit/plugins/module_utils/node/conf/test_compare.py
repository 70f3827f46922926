# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing, a reload or a restart. The measured rows are in test_reload_table."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.compare import Decision, compare
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.parse import parse

ROUTES = 'cluster { port: 6222, routes: ["tls://r:%s@n1:6222", "tls://r:%s@n2:6222"] }'
REMOTE = 'leafnodes { remotes: [ { url: "nats://a:7422"%s } ] }'


def verdict(old: str, new: str, version: str = "2.15.1", *files: str) -> Decision:
    return compare(parse(old), parse(new), version, files)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('listen: "0.0.0.0:4222"', "port: 4222"),
        ('lame_duck_duration: "2m"', ""),
        ("max_pending: 64MB", "max_pending: 67108864"),
        ("allow_non_tls: false", ""),
        ("jetstream { key: $KEY }", "jetstream { key: $KEY }"),
    ],
)
def test_what_means_the_same_needs_nothing(old: str, new: str) -> None:
    assert verdict(old, new) == Decision("none", ())


def test_a_restart_wins_and_all_reasons_are_told() -> None:
    found = verdict("cluster { port: 6222 }\ndebug: false", "cluster { port: 6223 }\ndebug: true")
    assert found == Decision(
        "restart", ("cluster.port 6222 -> 6223 needs a restart", "debug false -> true: a reload takes it")
    )


def test_routes_with_passwords() -> None:
    assert verdict(ROUTES % ("a", "a"), ROUTES % ("b", "b")).action == "restart"
    assert verdict(ROUTES % ("a", "a"), 'cluster { port: 6222, routes: ["tls://r:a@n1:6222"] }').action == "restart"
    added = verdict('cluster { port: 6222, routes: ["tls://r:a@n1:6222"] }', ROUTES % ("a", "a"))
    assert added == Decision("reload", ("cluster.routes adds tls://n2:6222: a reload takes it",))
    assert verdict('cluster { routes: ["nats://a:1"] }', 'cluster { routes: ["nats://b:1"] }').action == "reload"


@pytest.mark.parametrize(
    ("old", "new", "version", "action"),
    [
        (REMOTE % "", REMOTE % ", disabled: true", "2.15.1", "reload"),
        (REMOTE % "", REMOTE % ", hub: true", "2.15.1", "restart"),
        (REMOTE % "", REMOTE % ", credentials: x", "2.15.1", "restart"),
        (REMOTE % "", "leafnodes { remotes: [] }", "2.15.1", "reload"),
        (REMOTE % "", "leafnodes { remotes: [] }", "2.12.8", "restart"),
        ("jetstream { limits { max_ack_pending: 1 } }", "jetstream { }", "2.15.0", "restart"),
        ("jetstream { max_file: 1GB }", "jetstream { }", "2.15.1", "restart"),
        ("jetstream { }", "jetstream { max_file: 1GB }", "2.15.1", "restart"),
        ("jetstream: off", 'jetstream { store_dir: "/a", max_file: 1GB }', "2.15.1", "reload"),
        ("jetstream: off", 'jetstream { store_dir: "/a", key: "k" }', "2.15.1", "restart"),
        ('jetstream { store_dir: "/a", max_file: 1GB }', "jetstream: off", "2.15.1", "reload"),
        ("syslog: true", "syslog: false", "2.15.1", "reload"),
        ('operator: "/a"', 'operator: "/b"', "2.15.1", "restart"),
        ('resolver { type: full, interval: "2m" }', 'resolver { type: full, interval: "1m" }', "2.15.1", "restart"),
        ('resolver_preload { A: "x" }', 'resolver_preload { A: "y" }', "2.15.1", "reload"),
        ("unheard_of: 1", "unheard_of: 2", "2.15.1", "restart"),
    ],
)
def test_rules(old: str, new: str, version: str, action: str) -> None:
    assert verdict(old, new, version).action == action


def test_contents_of_files() -> None:
    config = 'operator: "/o.jwt"\ntls { cert_file: "/c.pem", key_file: "/k.pem" }\n'
    assert verdict(config, config, "2.15.1", "/c.pem") == Decision(
        "reload", ("the file of tls.cert_file has new contents: a reload takes it",)
    )
    assert verdict(config, config, "2.15.1", "/k.pem", "/o.jwt").action == "restart"
    assert verdict(config, config, "2.15.1", "/elsewhere") == Decision("none", ())


def test_no_secret_in_reasons() -> None:
    old = 'jetstream { key: "hush1" }\nauthorization { user: a, password: "hush2" }\n'
    old += 'accounts { A { users: [ {user: a, password: "hush3"} ] } }'
    new = old.replace("hush", "HUSH") + '\ngateway { authorization { user: a, password: "hush4" } }'
    found = verdict(old + "\n" + ROUTES % ("hush5", "hush5"), new + "\n" + ROUTES % ("hush6", "hush6"))
    assert found.action == "restart"
    assert len(found.reasons) == 6
    assert "hush" not in " ".join(found.reasons).lower()


@pytest.mark.parametrize(
    "before",
    [
        {"authorization": {"users": [{"user": "a", "password": "x"}]}},
        {"authorization": {"timeout": 2}, "accounts": {"A": {"users": [{"nkey": "U"}]}}},
    ],
)
def test_a_token_in_the_place_of_users_is_a_restart(before: dict[str, object]) -> None:
    """A reload leaves those users in: shown by a live server."""
    found = compare(before, {"authorization": {"token": "x"}}, "2.15.1")
    assert found.action == "restart"
    assert any("the users of before could still log in" in reason for reason in found.reasons)
    assert compare({}, {"authorization": {"token": "x"}}, "2.15.1").action == "reload"
    assert compare({"authorization": {"token": "x"}}, before, "2.15.1").action == "reload"
