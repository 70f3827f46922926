# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb of aegis.nats.node_removal: nothing of a stopped server stays on its host."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..plan.changes import Plan
from ..plan.errors import NatsError
from ..plan.problems import Problems
from ..plan.verb import Outcome, Surroundings, Verb
from .files import NOBODY_NAMED
from .program import coming_path, kept_path
from .removal import Places, carry_out, plan
from .services import SERVICE_SPEC, make_service

_SPEC: Mapping[str, Any] = {
    "config_dir": {"type": "path", "default": "/etc/nats"},
    "config_file": {"type": "str", "default": "nats-server.conf"},
    "data": {"type": "list", "elements": "path", "default": []},
    "with_data": {"type": "bool", "default": False},
    "folders": {"type": "list", "elements": "path", "default": []},
    **SERVICE_SPEC,
}
_UNITS = "/etc/systemd/system"


def _run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    problems = Problems()
    for name in ("config_dir", "data", "folders"):
        for path in [params[name]] if isinstance(params[name], str) else params[name]:
            if not path.startswith("/") or len(Path(path).parts) < 3:
                problems.add(name, f"{path} is no folder of a server alone: name one below another, such as /etc/nats")
    problems.raise_if_any()
    service = make_service(
        params, f"{params['config_dir'].rstrip('/')}/current/{params['config_file']}", None, NOBODY_NAMED
    )
    # A check tells what goes of one that would be stopped before.
    if service.state().running and not surroundings.check_mode:
        raise NatsError("the server runs: stop it first (aegis.nats.node_service, state stopped); nothing was removed")
    systemd = params["service_manager"] == "systemd"
    name = params["service_name"].removesuffix(".service") if systemd else ""
    places = Places(
        params["config_dir"].rstrip("/"),
        (f"{_UNITS}/{name}.service",) if systemd else (),
        params["log_file"],
        params["pid_file"],
        tuple(path.rstrip("/") for path in params["data"]),
        tuple(path.rstrip("/") for path in params["folders"]),
        (coming_path(params["binary"]), kept_path(params["binary"])),
    )
    removal = plan(places, params["with_data"])
    if removal.paths and not surroundings.check_mode:
        carry_out(removal)
        if systemd:
            service.read_units()
    reasons = tuple(f"{path} is removed" for path in removal.paths)
    before: dict[str, Any] = {"paths": list(removal.paths)}
    after: dict[str, Any] = {"paths": []}
    done = Plan(reasons=reasons, before=before, after=after, touched=bool(removal.paths))
    return Outcome(done, {"removed": list(removal.paths), "kept": list(removal.kept)})


REMOVAL = Verb(name="node_removal", argument_spec=_SPEC, run=_run, local_paths=())
