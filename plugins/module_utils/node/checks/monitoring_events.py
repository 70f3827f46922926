# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the one host that hears the servers' events: its settings, and the login that it is given."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Optional

from ...plan.problems import Problems
from ..events import SUBJECTS

_USERS = "nats_trust_system_account.users"


def events_problems(values: Mapping[str, Any], tree: Mapping[str, Any]) -> list[str]:
    """Every problem, with the variable's name. tree: as aegis.nats.trust_info tells it, or as it is to be made."""
    found = Problems()
    if not values["agent"]:
        found.add(
            "nats_monitoring_events_host", "has no agent, which sends the events: write nats_monitoring_agent: true"
        )
    if not values["otlp_endpoint"]:
        found.add(
            "nats_monitoring_agent_otlp_endpoint",
            "is empty, and events are sent and not counted: name the receiver, or leave nats_monitoring_events out",
        )
    _program(found, values)
    size = str(values["file_size"])
    if not size.isdigit() or int(size) < 1:
        found.add("nats_monitoring_events_file_size", f"{size!r} is no number of KiB")
    _login(found, str(values["user"]), tree.get("system_account"))
    return [str(problem) for problem in found]


def _program(found: Problems, values: Mapping[str, Any]) -> None:
    method, source = values["install_method"], str(values["binary_src"])
    if method not in ("local", "preinstalled"):
        found.add("nats_monitoring_events_install_method", f"{method!r} is none of local, preinstalled")
    elif method == "local" and not os.path.isfile(os.path.expanduser(source)):
        where = f"{source} is not there" if source else "is empty"
        found.add("nats_monitoring_events_binary_src", f"{where}: name the nats program's file on the controller")


def _login(found: Problems, name: str, account: Optional[Mapping[str, Any]]) -> None:
    """The user has to hear both subjects, and may do nothing else."""
    place = "nats_monitoring_events_user"
    if not account:
        found.add(place, "there is no system account in the trust store: run aegis.nats.deploy first")
        return
    user = next((each for each in account.get("users") or [] if each.get("name") == name), None)
    if user is None:
        found.add(place, f"the system account has no user {name}: write {_wanted(name)}, and run aegis.nats.deploy")
        return
    if user.get("revoked"):
        found.add(place, f"{name} is revoked: name another user")
    if user.get("public_key"):
        found.add(place, f"the trust store has no seed of {name}, so there are no creds to deliver: name another user")
    rights = _rights(user, account)
    faults = [*_hears(rights.get("subscribe") or {}), *_publishes(rights)]
    if rights.get("bearer"):
        faults.append("gets in without its key")
    if faults:
        found.add(
            place,
            f"{name} {', '.join(faults)}: this login stands on a host, and may do nothing but hear two subjects: "
            f"write {_wanted(name)}, and run aegis.nats.deploy",
        )


def _rights(user: Mapping[str, Any], account: Mapping[str, Any]) -> Mapping[str, Any]:
    """Its own, those of its role, or the account's where it has none (nats-server server/accounts.go)."""
    none: Mapping[str, Any] = {}
    if user.get("role"):
        keys = account.get("signing_keys")
        listed = [each for each in keys if isinstance(each, Mapping)] if isinstance(keys, list) else []
        role = next((each for each in listed if user["role"] in (each.get("role"), each.get("key"))), none)
        return role.get("template") or none
    if any(user.get(each) for each in ("publish", "subscribe", "responses")):
        return user
    return {**user, **(account.get("default_permissions") or none)}


def _hears(subscribe: Mapping[str, Any]) -> list[str]:
    allowed = {str(each) for each in subscribe.get("allow") or []}
    if not allowed:
        return ["may hear everything"]
    found = [f"may hear {each}" for each in sorted(allowed - set(SUBJECTS))]
    return found + [f"may not hear {each}" for each in SUBJECTS if each not in allowed or each in _denied(subscribe)]


def _publishes(rights: Mapping[str, Any]) -> list[str]:
    found = [] if ">" in _denied(rights.get("publish") or {}) else ["may publish"]
    return found + (["may answer"] if rights.get("responses") else [])


def _denied(rule: Mapping[str, Any]) -> list[str]:
    return [str(each) for each in rule.get("deny") or []]


def _wanted(name: str) -> str:
    heard = ", ".join(f'"{subject}"' for subject in SUBJECTS)
    return f'{{name: {name}, publish: {{deny: [">"]}}, subscribe: {{allow: [{heard}]}}}} into {_USERS}'
