# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb of aegis.nats.node_config: files staged as one release, switched, proved, rolled back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Optional

from ..plan.changes import Plan
from ..plan.errors import NatsError
from ..plan.verb import Outcome, Surroundings, Verb
from .deployment import Deployment, Surveyed, Wanted
from .files import Ownership, WantedFile, wanted_directory, wanted_file
from .gates import is_whole
from .host import group_id, user_id
from .partial import in_use_but
from .release import check_name, make_release
from .services import MONITOR_SPEC, SERVICE_SPEC, make_monitor, make_service
from .staging import stage
from .store import Store, StoreWish
from .transaction import Releases

_FILE: Mapping[str, Any] = {
    "path": {"type": "str", "required": True},
    "content": {"type": "str", "no_log": True},
    "src": {"type": "path"},
    "pending": {"type": "bool", "default": False},
    "mode": {"type": "str", "default": "0640"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "secret": {"type": "bool", "default": False, "no_log": False},
}
_DIRECTORY: Mapping[str, Any] = {
    "path": {"type": "path", "required": True},
    "mode": {"type": "str", "default": "0750"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
}
_JETSTREAM: Mapping[str, Any] = {
    "path": {"type": "path", "required": True},
    "key_variable": {"type": "str", "required": True, "no_log": False},
    "fresh": {"type": "bool", "default": False},
}
_SPEC: Mapping[str, Any] = {
    "state": {"type": "str", "choices": ["staged", "active"], "required": True},
    "config_dir": {"type": "path", "default": "/etc/nats"},
    "config_file": {"type": "str", "default": "nats-server.conf"},
    "environment_file": {"type": "str"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "run_as": {"type": "str"},
    "files": {"type": "list", "elements": "dict", "options": _FILE, "default": []},
    "partial": {"type": "bool", "default": False},
    "system_files": {"type": "list", "elements": "dict", "options": _FILE, "default": []},
    "directories": {"type": "list", "elements": "dict", "options": _DIRECTORY, "default": []},
    "jetstream": {"type": "dict", "options": _JETSTREAM},
    "release": {"type": "str"},
    "keep": {"type": "int", "default": 3},
    "enabled": {"type": "bool", "default": True},
    "validate": {"type": "bool", "default": True},
    "lame_duck": {"type": "bool", "default": True},
    "start_timeout": {"type": "float", "default": 30.0},
    "restart_older_than": {"type": "float"},
    "server_version": {"type": "str"},
    "program": {"type": "path"},
    "program_coming": {"type": "bool", "default": False},
    "announce": {"type": "str"},
    "peers": {"type": "list", "elements": "str"},
    "jetstream_servers": {"type": "int"},
    **SERVICE_SPEC,
    **MONITOR_SPEC,
}


def _run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    deployment = _deployment(params, surroundings)
    with deployment.releases.locked(surroundings.check_mode):
        if params["state"] == "staged":
            return _staged(deployment, surroundings.check_mode, params["peers"], params["jetstream_servers"])
        return _active(deployment, surroundings.check_mode)


def _deployment(params: Mapping[str, Any], surroundings: Surroundings) -> Deployment:
    check_mode = surroundings.check_mode
    ownership = Ownership(params["owner"] or None, params["group"] or None)
    run_as = Ownership(params["run_as"] or ownership.owner, ownership.group)
    if check_mode and not _is_known(run_as):
        run_as = Ownership()
    environment_file = params["environment_file"]
    config_dir = params["config_dir"].rstrip("/")
    current = f"{config_dir}/current"
    service = make_service(
        params,
        f"{current}/{params['config_file']}",
        f"{current}/{environment_file}" if environment_file else None,
        run_as,
    )
    releases = Releases(config_dir, ownership)
    files = [wanted_file(entry, ownership) for entry in params["files"]]
    if params["partial"]:
        files = in_use_but(releases, files, ownership)
    wanted = replace(
        _wanted(params, files, ownership, run_as, check_mode),
        restart_before=_restart_before(params["restart_older_than"], surroundings.now),
    )
    return Deployment(wanted, releases, service, make_monitor(params), _store(params, releases))


def _store(params: Mapping[str, Any], releases: Releases) -> Optional[Store]:
    """JetStream's data, where the task says where they lie."""
    wish = params["jetstream"]
    if not wish:
        return None
    return Store(StoreWish(wish["path"], wish["key_variable"], wish["fresh"]), releases, params["environment_file"])


def _restart_before(older_than: Optional[float], now: datetime) -> Optional[datetime]:
    """By the host's own clock, so that no other clock has to agree with it."""
    return None if older_than is None else now - timedelta(seconds=older_than)


def _is_known(ownership: Ownership) -> bool:
    """In check mode the user may still have to be made."""
    user_there = ownership.owner is None or user_id(ownership.owner) is not None
    return user_there and (ownership.group is None or group_id(ownership.group) is not None)


def _wanted(
    params: Mapping[str, Any], files: Sequence[WantedFile], ownership: Ownership, run_as: Ownership, check_mode: bool
) -> Wanted:
    release = None
    if files:
        release = make_release(files, params["config_file"])
    elif params["state"] == "staged":
        raise NatsError("files: is empty: staging needs the files of the release")
    name: Optional[str] = params["release"]
    if release is None:
        name = check_name(name or "")
    return Wanted(
        config_dir=params["config_dir"].rstrip("/"),
        config_file=params["config_file"],
        binary=params["binary"],
        release=release,
        name=name or None,
        environment_file=params["environment_file"],
        system_files=tuple(_system_file(entry) for entry in params["system_files"]),
        directories=tuple(wanted_directory(entry, ownership) for entry in params["directories"]),
        ownership=ownership,
        run_as=run_as,
        version=params["server_version"],
        keep=max(params["keep"], 0),
        start_timeout=params["start_timeout"],
        lame_duck=params["lame_duck"],
        enabled=params["enabled"],
        validate=(params["validate"] and not params["program_coming"]) or not check_mode,
        program=params["program"],
        program_coming=params["program_coming"] and check_mode,
    )


def _system_file(entry: Mapping[str, Any]) -> Any:
    if not entry["path"].startswith("/"):
        raise NatsError(f"system_files: {entry['path']} must be absolute: files of the release belong to files")
    return wanted_file(entry)


def _staged(
    deployment: Deployment, check_mode: bool, peers: Optional[Sequence[str]], members: Optional[int]
) -> Outcome:
    staged = stage(deployment, check_mode)
    plan = Plan(
        reasons=staged.reasons, before=staged.before, after=staged.after, touched=staged.written or staged.pending
    )
    untouched = staged.found.running and not staged.pending
    whole = untouched and peers is not None and is_whole(deployment.monitor, peers, members)
    values = {"pending": staged.pending, "written": staged.written, "whole": whole, "removed": []}
    return Outcome(plan, {**_values(staged.name, staged.decision.action, staged.found), **values})


def _active(deployment: Deployment, check_mode: bool) -> Outcome:
    # Staging, which every host sees in every run, does without: hosts compile a module's files each time that it runs.
    from .switching import switch

    # In check mode, what staging does was told by the task that staged the release of this name.
    is_told = check_mode and deployment.wanted.name is not None
    staged = stage(deployment, check_mode) if deployment.wanted.release is not None and not is_told else None
    switched = switch(deployment, check_mode)
    written = staged.reasons if staged and staged.written else ()
    plan = Plan(
        reasons=(*written, *(reason for reason in switched.reasons if reason not in written)),
        before={**(staged.before if staged else {}), **switched.before},
        after={**(staged.after if staged else {}), **switched.after},
        touched=switched.changed or bool(written),
    )
    values = {"pending": False, "written": bool(written), "whole": False, "removed": list(switched.removed)}
    found = _values(switched.name, switched.decision.action, switched.found)
    return Outcome(plan, {**found, **values}, switched.warnings)


def _values(name: str, action: str, found: Surveyed) -> dict[str, Any]:
    is_current = found.current == name
    return {
        "release": name,
        "action": action,
        "previous": found.current,
        "running": found.running,
        "meta_leader": found.leads_meta,
        "missed_reload": is_current and found.running and action != "none" and not found.system_differences,
    }


CONFIG = Verb(name="node_config", argument_spec=_SPEC, run=_run, local_paths=())
