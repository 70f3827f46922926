# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.client.applications import (
    Application,
    Defaults,
    parse_applications,
    with_absolute_files,
)
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems

DEFAULTS = Defaults(("tls://n1:4222",), owner="app", group="apps", certificate={"days": 90, "key_type": "ed25519"})


def parse(*entries: Any, defaults: Defaults = DEFAULTS) -> tuple[list[Application], list[tuple[str, str]]]:
    problems = Problems()
    found = parse_applications(list(entries), defaults, problems)
    return found, [(problem.path, problem.message) for problem in problems]


def test_what_is_not_said() -> None:
    found, problems = parse({"name": "orders", "account": "A"})
    assert not problems
    (only,) = found
    assert (only.user, only.path, only.owner, only.group) == ("orders", "/etc/nats-clients/orders", "app", "apps")
    assert (only.servers, only.service_action, only.present) == (("tls://n1:4222",), "restart", True)
    assert only.certificate_name("app-1") == "clients/app-1/orders"


def test_what_is_said() -> None:
    entry = {
        "name": "orders",
        "account": "A",
        "user": "writer",
        "owner": "orders",
        "path": "/srv/orders/nats",
        "servers": ["tls://other:4222"],
        "certificate": {"common_name": "writer", "days": 30},
        "tls_files": {"ca": "a", "certificate": "b", "key": "c"},
        "services": ["orders"],
        "service_action": "reload",
    }
    (only,), problems = parse(entry)
    assert not problems
    assert (only.user, only.path, only.owner, only.group) == ("writer", "/srv/orders/nats", "orders", None)
    assert only.certificate == {"common_name": "writer", "days": 30, "key_type": "ed25519"}
    assert only.services == ("orders",) and only.service_action == "reload"


def test_absent_needs_a_name_alone() -> None:
    (only,), problems = parse({"name": "orders", "state": "absent"}, defaults=Defaults(()))
    assert not problems and not only.present


ACCOUNT = {"name": "x", "account": "A"}


@pytest.mark.parametrize(
    ("entry", "path", "words"),
    [
        (5, "", "must be a dict"),
        ({"account": "A"}, ".name", "is needed"),
        ({**ACCOUNT, "name": "a b"}, ".name", "is needed"),
        ({**ACCOUNT, "name": "a..b"}, ".name", "is needed"),
        ({"name": "x"}, "", "has no way to log in"),
        ({"name": "x", "user": "u"}, ".account", "which account is the user u of?"),
        ({**ACCOUNT, "creds": "c"}, "", "has account and creds"),
        ({**ACCOUNT, "acount": "c"}, ".acount", "is not known"),
        ({**ACCOUNT, "owner": 0}, ".owner", "0 is no text"),
        ({**ACCOUNT, "description": "a\nb"}, ".description", "must be one line"),
        ({**ACCOUNT, "state": "here"}, ".state", "'here' is not one of present, absent"),
        ({**ACCOUNT, "service_action": "kill"}, ".service_action", "is not one of restart, reload"),
        ({**ACCOUNT, "path": "a/b"}, ".path", "must be absolute"),
        ({**ACCOUNT, "path": "/a/../b"}, ".path", "must be absolute"),
        ({**ACCOUNT, "path": "/a/b c"}, ".path", "must be absolute"),
        ({**ACCOUNT, "path": "/a/$(id)"}, ".path", "must be absolute"),
        ({**ACCOUNT, "services": "orders"}, ".services", "must be a list of texts"),
        ({**ACCOUNT, "certificate": "x"}, ".certificate", "must be a dict"),
        ({**ACCOUNT, "certificate": {"name": "x"}}, ".certificate.name", "is not known: write one of common_name"),
        ({**ACCOUNT, "tls_files": {"ca": "x"}}, ".tls_files", "the three files ca, certificate and key"),
        ({**ACCOUNT, "servers": ["tls://a:1", "b"]}, ".servers[1]", "'b' is not a server URL"),
        ({**ACCOUNT, "servers": ["tls://u:p@a:1"]}, ".servers[0]", "must not hold a user or password"),
        ({**ACCOUNT, "servers": ["nats://a:1"]}, ".servers", "must be tls:// URLs"),
    ],
)
def test_what_is_wrong_is_told_with_its_path(entry: Any, path: str, words: str) -> None:
    found, problems = parse(entry)
    assert found == []
    assert len(problems) == 1, problems
    assert problems[0][0] == f"applications[0]{path}"
    assert words in problems[0][1]


def test_names_and_folders_are_of_one() -> None:
    both = {"name": "y", "account": "A", "path": "/etc/nats-clients/x"}
    _dummy, problems = parse(ACCOUNT, ACCOUNT, both)
    assert problems == [
        ("applications[1].name", "'x' is also applications[0]: names are unique on a host"),
        ("applications[2].path", "/etc/nats-clients/x is also that of applications[0]: give each its own folder"),
    ]


def test_servers_of_all_are_told_once_by_their_variable() -> None:
    problems = Problems()
    parse_applications([ACCOUNT, {**ACCOUNT, "name": "y"}], Defaults(()), problems, "nats_client_")
    assert [problem.path for problem in problems] == ["nats_client_servers"]
    plain = Defaults(("nats://n:4222",), tls=False)
    assert not parse(ACCOUNT, defaults=plain)[1]


def test_a_list_is_needed() -> None:
    problems = Problems()
    assert parse_applications("x", DEFAULTS, problems) == [] and len(problems) == 1


def test_files_become_absolute() -> None:
    entries = [
        "odd",
        {"nkey": "a.nk", "name": "x"},
        {"creds": None, "tls_files": {"ca": "c", "key": 5}},
        {"tls_files": 1},
    ]
    assert with_absolute_files(entries, lambda path: f"/play/{path}") == [
        "odd",
        {"nkey": "/play/a.nk", "name": "x"},
        {"creds": None, "tls_files": {"ca": "/play/c", "key": 5}},
        {"tls_files": 1},
    ]
