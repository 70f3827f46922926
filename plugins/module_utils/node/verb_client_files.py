# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb ``client_files``: applications of a host get what lets them in, and their services are told."""

from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Callable, Optional

from ..plan.changes import Plan
from ..plan.errors import NatsError
from ..plan.problems import Problems
from ..plan.verb import Outcome, Surroundings, Verb
from .client_files import NAMES, Delivery, Step, carry_out, conclude, pictures, plan
from .files import Ownership
from .private_folder import PrivateFolder
from .service import Service
from .service_systemd import SystemdService

_APPLICATION: Mapping[str, Any] = {
    "name": {"type": "str", "required": True},
    "path": {"type": "path", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "servers": {"type": "list", "elements": "str", "default": []},
    "description": {"type": "str", "default": ""},
    **{what: {"type": "path"} for what in ("ca", "certificate", "key", "creds", "nkey")},
    "inbox_prefix": {"type": "str", "default": ""},
    "contents": {"type": "dict", "no_log": True, "default": {}},
    "services": {"type": "list", "elements": "str", "default": []},
    "service_action": {"type": "str", "choices": ["restart", "reload"], "default": "restart"},
}
_SPEC: Mapping[str, Any] = {
    "applications": {"type": "list", "elements": "dict", "required": True, "options": _APPLICATION},
    "pending": {"type": "list", "elements": "path", "default": []},
}
_RESTART_SECONDS = 120.0


def run(
    params: Mapping[str, Any], surroundings: Surroundings, make_service: Callable[[str], Service] = SystemdService
) -> Outcome:
    """Compare, write what differs, tell the services that run of it."""
    problems = Problems()
    steps: list[Step] = []
    for number, entry in enumerate(params["applications"]):
        try:
            steps.append(plan(_delivery(entry)))
        except (NatsError, OSError) as error:
            problems.add(f"applications[{number}]", str(error))
    problems.raise_if_any()
    before, after = pictures(steps)
    reasons: list[str] = []
    told: dict[str, list[str]] = {}
    for step in steps:
        reasons += step.reasons
        if not surroundings.check_mode:
            carry_out(step)
        told[step.delivery.name] = _tell(step, surroundings.check_mode, make_service)
        reasons += [_sentence(step, service) for service in told[step.delivery.name]]
        if step.untold and not (step.reasons or told[step.delivery.name]):
            reasons.append(f"{step.delivery.name}: an earlier run ended before it had told the services")
        if not surroundings.check_mode:
            conclude(step)
    applications = {
        step.delivery.name: {
            "path": str(step.delivery.folder.root),
            "changed": step.changed,
            "services": told[step.delivery.name],
        }
        for step in steps
    }
    changes = Plan(reasons=tuple(reasons), before=before, after=after, touched=any(step.changed for step in steps))
    return Outcome(changes, {"applications": applications})


def _tell(step: Step, check_mode: bool, make_service: Callable[[str], Service]) -> list[str]:
    """The services that run and get, or would get, to know their new files. One that does not run reads them itself."""
    delivery = step.delivery
    if not delivery.present or not step.untold:
        return []
    found = [name for name in delivery.services if make_service(name).state().running]
    for name in found if not check_mode else ():
        if delivery.service_action == "reload":
            make_service(name).reload()
        else:
            make_service(name).restart(True, _RESTART_SECONDS)
    return found


def _sentence(step: Step, service: str) -> str:
    return f"{step.delivery.name}: service {service} is {step.delivery.service_action}ed: it knows other files"


def _delivery(entry: Mapping[str, Any]) -> Delivery:
    present = entry["state"] == "present"
    contents = entry.get("contents") or {}
    if present and not contents:
        raise NatsError("has no contents: they are read by this module's action, which runs on the controller")
    return Delivery(
        name=entry["name"],
        folder=PrivateFolder(_absolute(entry["path"]), _ownership(entry) if present else Ownership()),
        present=present,
        servers=tuple(entry["servers"]),
        description=entry["description"],
        inbox_prefix=entry["inbox_prefix"],
        contents={what: str(contents[what]).encode("utf-8") for what in NAMES if contents.get(what) is not None},
        services=tuple(entry["services"]),
        service_action=entry["service_action"],
    )


def _absolute(path: str) -> Path:
    if not os.path.isabs(path) or os.path.normpath(path) != path.rstrip("/") or len(Path(path).parts) < 3:
        raise NatsError(f"path: {path!r} must be absolute, without .. and not directly below /")
    return Path(path)


def _ownership(entry: Mapping[str, Any]) -> Ownership:
    """Owner and group that this host knows; without a group it is the owner's own. Raises NatsError."""
    owner: Optional[str] = entry.get("owner") or None
    group: Optional[str] = entry.get("group") or None
    if owner and not group:
        try:
            number = pwd.getpwnam(owner).pw_gid
            group = grp.getgrgid(number).gr_name
        except KeyError:
            group = None
    found = Ownership(owner, group)
    try:
        found.ids()
    except NatsError as error:
        raise NatsError(f"owner: {error}") from error
    return found


VERB = Verb(name="client_files", argument_spec=_SPEC, run=run, local_paths=())
