# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks as they are written in a play."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.plugins.module_utils.probe.checks import KINDS, Check, read_checks


def read(*checks: dict[str, Any], clients: tuple[str, ...] = ("order", "partner")) -> tuple[list[Check], list[str]]:
    problems = Problems()
    return list(read_checks(checks, clients, problems)), [str(problem) for problem in problems]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_written(kind: str) -> None:
    fields = {"client": "order", "subject": "a.b", "responder": "partner", "keys": ["O1"]}
    found, problems = read({"kind": kind, **{name: fields[name] for name in KINDS[kind] if name in fields}})
    assert not problems and found[0].kind == kind and found[0].name
    assert found[0].allowed is (kind not in ("plaintext", "no_certificate", "no_credentials"))


@pytest.mark.parametrize(
    ("check", "path", "words"),
    [
        ({"kind": "conect"}, "checks[0].kind", "did you mean connect?"),
        ({}, "checks[0].kind", "is none of"),
        ({"kind": "connect"}, "checks[0].client", "is missing"),
        ({"kind": "connect", "client": "oder"}, "checks[0].client", "did you mean order?"),
        ({"kind": "plaintext", "client": "order"}, "checks[0].client", "is no field of plaintext"),
        ({"kind": "publish", "client": "order"}, "checks[0].subject", "is missing"),
        ({"kind": "publish", "client": "order", "subjet": "a"}, "checks[0].subjet", "did you mean subject?"),
        ({"kind": "publish", "client": "order", "subject": "a..b"}, "checks[0].subject", "empty token"),
        ({"kind": "publish", "client": "order", "subject": "a.*"}, "checks[0].subject", "wildcard"),
        ({"kind": "publish", "client": "order", "subject": 5}, "checks[0].subject", "is not a subject"),
        ({"kind": "publish", "client": "order", "subject": "a", "allowed": "no"}, "checks[0].allowed", "true or false"),
        ({"kind": "exchange", "client": "order", "subject": "a"}, "checks[0].responder", "is missing"),
        (
            {"kind": "stream_roundtrip", "client": "order", "subject": "a", "replicas": True},
            "checks[0].replicas",
            "1 to 5",
        ),
        (
            {"kind": "stream_roundtrip", "client": "order", "subject": "a", "replicas": 6},
            "checks[0].replicas",
            "1 to 5",
        ),
        ({"kind": "stream_roundtrip", "client": "order", "subject": "a", "stream": "a.b"}, "checks[0].stream", "name"),
    ],
)
def test_problems_have_their_path(check: dict[str, Any], path: str, words: str) -> None:
    _dummy, problems = read(check)
    assert any(problem.startswith(f"{path}: ") and words in problem for problem in problems), problems


def test_all_problems_come_together() -> None:
    _dummy, problems = read({"kind": "x"}, {"kind": "publish", "client": "y"}, {"kind": "plaintext", "allowed": 1})
    assert len(problems) == 4, problems


def test_the_only_client_need_not_be_named() -> None:
    found, problems = read({"kind": "connect"}, {"kind": "no_certificate"}, clients=("order",))
    assert not problems and [check.client for check in found] == ["order", "order"]


def test_without_clients_the_perimeter_can_be_checked() -> None:
    found, problems = read({"kind": "plaintext"}, {"kind": "no_certificate"}, {"kind": "no_credentials"}, clients=())
    assert not problems and [check.client for check in found] == [None] * 3


def test_a_subscription_may_have_a_wildcard() -> None:
    assert read({"kind": "subscribe", "client": "order", "subject": "a.>"})[1] == []


def test_names_tell_checks_apart() -> None:
    _dummy, problems = read({"kind": "connect", "client": "order"}, {"kind": "connect", "client": "order"})
    assert "is the name of 2 checks" in problems[0]
    found, _dummy = read({"kind": "publish", "client": "order", "subject": "a", "allowed": False})
    assert found[0].name == "order publishes to a is refused"


def test_no_checks() -> None:
    assert "checks: is empty" in read()[1][0]
