# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb of aegis.nats.node_service: one server started, stopped, restarted, reloaded - and proved."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Optional

from ..plan.changes import Plan
from ..plan.errors import NatsError
from ..plan.verb import Outcome, Surroundings, Verb
from .deployment import Deployment, Wanted
from .files import Ownership
from .monitor import Varz
from .proving import Proof, any_digest, prove_reload, prove_start
from .scrub import last_lines
from .service import Service
from .services import MONITOR_SPEC, SERVICE_SPEC, make_monitor, make_service
from .transaction import Releases

_SPEC: Mapping[str, Any] = {
    "state": {"type": "str", "choices": ["started", "stopped", "restarted", "reloaded"], "required": True},
    "config": {"type": "path", "default": "/etc/nats/current/nats-server.conf"},
    "environment_file": {"type": "path"},
    "run_as": {"type": "str"},
    "group": {"type": "str"},
    "enabled": {"type": "bool"},
    "lame_duck": {"type": "bool", "default": True},
    "timeout": {"type": "float", "default": 150.0},
    **SERVICE_SPEC,
    **MONITOR_SPEC,
}


def _run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    deployment = _deployment(params)
    service = deployment.service
    before = service.state()
    action = _action(params["state"], before.running)
    reasons = [f"the server is {action}ed" if action != "stop" else "the server is stopped"] if action else []
    if params["enabled"] and service.enable(surroundings.check_mode):
        reasons.append("the service starts with the host from now on")
    if params["enabled"] is False and service.disable(surroundings.check_mode):
        reasons.append("the service does not start with the host any more")
    proof = Proof()
    if action and not surroundings.check_mode:
        proof = _carry_out(deployment, action, params["lame_duck"], params["timeout"])
    after = before if surroundings.check_mode else service.state()
    values = {"pid": after.pid, "running": after.running, "previous_pid": before.pid}
    pictures = ({"state": before.state}, {"state": _expected(action, before.state)})
    plan = Plan(reasons=tuple(reasons), before=pictures[0], after=pictures[1], touched=bool(reasons))
    return Outcome(plan, values, proof.warnings)


def _action(state: str, running: bool) -> str:
    wishes = {"started": "" if running else "start", "stopped": "stop" if running else ""}
    return {**wishes, "restarted": "restart" if running else "start", "reloaded": "reload"}[state]


def _expected(action: str, state: str) -> str:
    return {"": state, "stop": "stopped"}.get(action, "running")


def _deployment(params: Mapping[str, Any]) -> Deployment:
    run_as = Ownership(params["run_as"] or None, params["group"] or None)
    service: Service = make_service(params, params["config"], params["environment_file"], run_as)
    folder = Path(params["config"]).parent
    wanted = Wanted(str(folder.parent), Path(params["config"]).name, params["binary"], run_as=run_as)
    return Deployment(wanted, Releases(wanted.config_dir, run_as), service, make_monitor(params))


def _carry_out(deployment: Deployment, action: str, lame_duck: bool, timeout: float) -> Proof:
    service = deployment.service
    known: Optional[Varz] = deployment.ask_varz() if action in ("restart", "reload") else None
    mark = service.mark()
    try:
        if action == "reload":
            service.reload()
            return prove_reload(deployment, known, any_digest, mark, timeout)
        if action in ("stop", "restart"):
            service.stop(lame_duck, timeout)
        if action == "stop":
            return Proof()
        service.start()
        return prove_start(deployment, known, any_digest, timeout)
    except NatsError as error:
        time.sleep(0.2)
        secrets = deployment.secrets(_contents(deployment))
        said = last_lines(service.log_since(mark), secrets=secrets)
        raise NatsError(
            f"{secrets.hide(str(error))}; the server's last words:\n{said}" if said else str(error)
        ) from error


def _contents(deployment: Deployment) -> dict[str, bytes]:
    """The configuration in use, for its secrets."""
    return deployment.releases.contents(deployment.releases.current()) or {}


SERVICE = Verb(name="node_service", argument_spec=_SPEC, run=_run, local_paths=())
