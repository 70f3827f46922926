# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.aegis.nats.plugins.module_utils.node.verb_service import SERVICE, _action
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform


@pytest.mark.parametrize(
    ("state", "running", "action"),
    [
        ("started", True, ""),
        ("started", False, "start"),
        ("stopped", True, "stop"),
        ("stopped", False, ""),
        ("restarted", True, "restart"),
        ("restarted", False, "start"),
        ("reloaded", True, "reload"),
        ("reloaded", False, "reload"),
    ],
)
def test_what_a_state_takes(state: str, running: bool, action: str) -> None:
    assert _action(state, running) == action


def run(folder: Path, check_mode: bool, **params: Any) -> dict[str, Any]:
    values = {"service_manager": "process", "binary": "/absent", "config": str(folder / "current/c.conf"), **params}
    checked = ArgumentSpecValidator(dict(SERVICE.argument_spec)).validate(values)
    assert not checked.error_messages
    surroundings = Surroundings(check_mode, datetime.now(timezone.utc), NoSeal())
    return perform(SERVICE, checked.validated_parameters, surroundings)


def test_a_server_that_does_not_run(tmp_path: Path) -> None:
    assert run(tmp_path, False, state="stopped")["changed"] is False
    would = run(tmp_path, True, state="started")
    assert (would["changed"], would["running"], would["reasons"]) == (True, False, ["the server is started"])
    assert "can't be started" in run(tmp_path, False, state="started")["msg"]
    assert "does not run" in run(tmp_path, False, state="reloaded")["msg"]
