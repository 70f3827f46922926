# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.aegis.nats.plugins.module_utils.node.service import RUNNING, STOPPED, ServiceError, State
from ansible_collections.aegis.nats.plugins.module_utils.node.verb_client_files import VERB, run
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform


class Units:
    """Units of a host: those that run, and what they were told."""

    def __init__(self, *running: str) -> None:
        self.running = running
        self.told: list[str] = []
        self.fails = False

    def __call__(self, name: str) -> Any:
        return Unit(self, name)


class Unit:
    def __init__(self, units: Units, name: str) -> None:
        self.units, self.name = units, name

    def state(self) -> State:
        return State(RUNNING if self.name in self.units.running else STOPPED)

    def reload(self) -> None:
        self.units.told.append(f"reload {self.name}")

    def restart(self, lame_duck: bool, timeout: float) -> None:
        if self.units.fails:
            raise ServiceError("systemctl restart failed")
        self.units.told.append(f"restart {self.name}")


def call(units: Units, *entries: dict[str, Any], check_mode: bool = False) -> dict[str, Any]:
    checked = ArgumentSpecValidator(dict(VERB.argument_spec)).validate({"applications": list(entries)})
    assert not checked.error_messages
    surroundings = Surroundings(check_mode, datetime.now(timezone.utc), NoSeal())
    verb = replace(VERB, run=lambda params, world: run(params, world, units))
    return perform(verb, checked.validated_parameters, surroundings)


def entry(folder: Path, creds: str = "creds", **more: Any) -> dict[str, Any]:
    contents = {"creds": creds, "ca": "ca"}
    return {"name": "orders", "path": str(folder / "orders"), "servers": ["tls://n:4222"], "contents": contents, **more}


def test_services_that_run_are_told_once(tmp_path: Path) -> None:
    units = Units("orders", "orders-2")
    wanted = entry(tmp_path, services=["orders", "asleep", "orders-2"])
    would = call(units, wanted, check_mode=True)
    assert not units.told and not (tmp_path / "orders").exists()
    first = call(units, wanted)
    assert first["reasons"] == would["reasons"] and first["diff"] == would["diff"]
    assert "orders: service orders-2 is restarted: it knows other files" in first["reasons"]
    assert first["applications"]["orders"]["services"] == ["orders", "orders-2"]
    assert units.told == ["restart orders", "restart orders-2"]
    again = call(units, wanted)
    assert again["changed"] is False and again["reasons"] == [] and len(units.told) == 2
    call(units, entry(tmp_path, "renewed", services=["orders"], service_action="reload"))
    assert units.told[2:] == ["reload orders"]


def test_a_service_that_could_not_be_told_is_told_by_the_next_run(tmp_path: Path) -> None:
    units = Units("orders")
    units.fails = True
    assert call(units, entry(tmp_path, services=["orders"]))["msg"] == "systemctl restart failed"
    units.fails = False
    assert call(units, entry(tmp_path, services=["orders"]))["reasons"] == [
        "orders: service orders is restarted: it knows other files"
    ]
    assert units.told == ["restart orders"]


def test_a_run_that_ended_early_is_ended(tmp_path: Path) -> None:
    call(Units(), entry(tmp_path))
    (tmp_path / "orders" / ".delivered").write_text("")
    found = call(Units(), entry(tmp_path))
    assert found["reasons"] == ["orders: an earlier run ended before it had told the services"]
    assert call(Units(), entry(tmp_path))["changed"] is False


def test_what_is_wrong_is_told_together(tmp_path: Path) -> None:
    found = call(
        Units(),
        entry(tmp_path),
        entry(tmp_path, owner="aegis-nobody"),
        entry(tmp_path, group="aegis-nobody"),
        {**entry(tmp_path), "path": "/etc"},
        {**entry(tmp_path), "path": f"{tmp_path}/../x"},
        {"name": "x", "path": "/etc/nats-clients/x"},
    )
    said = [(problem["path"], problem["message"]) for problem in found["problems"]]
    assert [path for path, _dummy in said] == [f"applications[{number}]" for number in range(1, 6)]
    words = ["no user aegis-nobody", "no group aegis-nobody", "directly below /", "without ..", "has no contents"]
    assert all(word in message for word, (_dummy, message) in zip(words, said))
    assert not (tmp_path / "orders").exists()


@pytest.mark.parametrize("check_mode", [True, False])
def test_absent_needs_nothing_else(tmp_path: Path, check_mode: bool) -> None:
    call(Units(), entry(tmp_path))
    gone = {"name": "orders", "path": str(tmp_path / "orders"), "state": "absent", "owner": "aegis-nobody"}
    assert call(Units("orders"), {**gone, "services": ["orders"]}, check_mode=check_mode)["changed"] is True
    assert (tmp_path / "orders").exists() is check_mode


def test_the_group_is_the_owner_s_own(tmp_path: Path) -> None:
    found = call(Units(), entry(tmp_path, owner="root"), check_mode=True)
    assert found["changed"] is True
