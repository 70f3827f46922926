# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A verb becomes the result of a module; errors become one message."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Callable

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.changes import FileChange, Plan
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import InputError, SealError, StoreError
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problem
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import (
    NoSeal,
    Outcome,
    Surroundings,
    Verb,
    perform,
    run_module,
)

HERE = Surroundings(False, datetime(2026, 1, 1, tzinfo=timezone.utc), NoSeal())


def verb(run: Callable[[Mapping[str, Any], Surroundings], Outcome]) -> Verb:
    return Verb("thing", {"path": {"type": "path"}}, run, {"required_one_of": [["path"]]})


def failing(error: Exception) -> Verb:
    def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
        raise error

    return verb(run)


class Module:
    """Records how a module would end."""

    def __init__(self) -> None:
        self.params: dict[str, Any] = {"path": "x"}
        self.check_mode = True
        self.ended: list[Any] = []

    def exit_json(self, **kwargs: Any) -> None:
        self.ended.append(("exit", kwargs))

    def fail_json(self, msg: str, **kwargs: Any) -> None:
        self.ended.append(("fail", {"msg": msg, **kwargs}))

    def warn(self, warning: str) -> None:
        self.ended.append(("warn", warning))


def test_an_outcome_is_reported() -> None:
    plan = Plan((FileChange("a", b"x"),), ("a is new",), {}, {"a": 1})
    found = perform(verb(lambda params, surroundings: Outcome(plan, {"value": 1}, ("careful",))), {}, HERE)
    assert found == {
        "value": 1,
        "changed": True,
        "reasons": ["a is new"],
        "diff": {"before": "", "after": '{\n  "a": 1\n}\n'},
        "warnings": ["careful"],
    }


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (StoreError("x is cut"), "x is cut"),
        (InputError([Problem("a", "b")]), "a: b"),
        (PermissionError(13, "Permission denied", "/x"), "/x: Permission denied"),
        (OSError(28, "No space left on device"), "No space left on device"),
    ],
)
def test_errors_become_one_message(error: Exception, says: str) -> None:
    found = perform(failing(error), {}, HERE)
    assert (found["failed"], found["changed"], found["msg"]) == (True, False, says)


def test_a_bug_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        perform(failing(ZeroDivisionError()), {}, HERE)


def test_modules_exit_with_warnings_or_fail() -> None:
    module = Module()
    run_module(module, verb(lambda params, surroundings: Outcome(Plan(), {"check": surroundings.check_mode}, ("w",))))
    assert module.ended[0] == ("warn", "w")
    assert module.ended[1][1]["check"] is True
    module = Module()
    run_module(module, failing(StoreError("broken")))
    assert module.ended == [("fail", {"msg": "broken", "changed": False})]


def test_the_front_gets_the_arguments_once() -> None:
    arguments = verb(lambda params, surroundings: Outcome()).module_arguments()
    assert arguments == {
        "argument_spec": {"path": {"type": "path"}},
        "supports_check_mode": True,
        "required_one_of": [["path"]],
    }


def test_without_a_seal_a_sealed_file_is_an_error_that_says_so() -> None:
    assert NoSeal().open(b"text", "x") == NoSeal().close(b"text") == b"text"
    assert not NoSeal().active
    with pytest.raises(SealError, match="x is sealed"):
        NoSeal().open(b"$ANSIBLE_VAULT;1.1", "x")
