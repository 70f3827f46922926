# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs of aegis.nats.cluster_info and aegis.nats.cluster_wait: the cluster as one of its servers sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Optional, Union

from ..plan.errors import NatsError
from ..plan.verb import Outcome, Surroundings, Verb
from .gates import View, look, wait
from .services import MONITOR_SPEC, need_monitor

_URL: Mapping[str, Any] = {**MONITOR_SPEC, "monitor": {"type": "str", "default": "http://127.0.0.1:8222"}}


def _info(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    return Outcome(values=describe(look(need_monitor(params))))


def describe(view: View) -> dict[str, Any]:
    """A view as the values that a task returns."""
    js, server = view.jetstream, view.server
    behind = [
        {"account": group.account, "stream": group.stream, "replica": replica.name, "lag": replica.lag}
        for group in js.groups
        if group.leader == server.name
        for replica in group.replicas
        if replica.lag or replica.offline or not replica.current
    ]
    return {
        "server": {
            "name": server.name,
            "id": server.server_id,
            "version": server.version,
            "config_digest": server.config_digest,
            "config_load_time": _text(server.config_load_time),
            "tls_cert_not_after": _text(server.tls_cert_not_after),
            "start": _text(server.start),
            "tls": server.tls,
            "cluster_tls": server.cluster_tls,
        },
        "routes": [{"remote_name": peer.name, "remote_id": peer.id} for peer in view.peers],
        "jetstream": {
            "enabled": js.enabled,
            "meta_leader": js.meta_leader or None,
            "cluster_size": js.cluster_size,
            "replicas": [asdict(replica) for replica in js.meta_replicas],
            "streams": len(js.groups),
            "streams_behind": behind,
            "streams_alone": [
                {"account": group.account, "stream": group.stream}
                for group in js.groups
                if group.leader == server.name and not group.replicas
            ],
            "streams_held": [{"account": account, "stream": stream} for account, stream in js.held],
        },
        "health": {"ok": view.health.ok, "status": view.health.status, "error": view.health.error},
    }


def _text(moment: Optional[datetime]) -> Optional[str]:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def _wait(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    monitor = need_monitor(params)
    expected = _expected(params["peers"])
    left, report_after = max(params["timeout"] - params["waited"], 0.0), params["report_after"]
    is_last = report_after is None or report_after >= left
    bound = 0.0 if surroundings.check_mode else left if is_last else report_after
    interval = max(params["interval"], 0.1)
    members = params["jetstream_servers"]
    waited = wait(monitor, expected, jetstream=params["jetstream"], members=members, timeout=bound, interval=interval)
    seconds = params["waited"] + waited.seconds
    if not waited.whole and is_last and not surroundings.check_mode:
        words = "\n".join(f"  - {word}" for word in waited.missing)
        raise NatsError(f"the cluster is not whole after {seconds:.0f} s:\n{words}")
    seen = describe(waited.view) if waited.view else {}
    times = {"seconds": round(seconds, 2), "timeout": params["timeout"]}
    return Outcome(values={**seen, **times, "missing": list(waited.missing)})


def _expected(peers: Any) -> Union[list[str], int, None]:
    """Names of servers, or how many there are."""
    if peers is None or (isinstance(peers, list) and all(isinstance(name, str) for name in peers)):
        return peers or None
    if isinstance(peers, int) and not isinstance(peers, bool):
        return peers
    if isinstance(peers, str) and peers.isdigit():
        return int(peers)
    raise NatsError(f"peers: {peers!r} is neither a list of server names nor a count: write [n1, n2, n3] or 3")


CLUSTER_INFO = Verb(name="cluster_info", argument_spec=_URL, run=_info, local_paths=())
CLUSTER_WAIT = Verb(
    name="cluster_wait",
    argument_spec={
        **_URL,
        "peers": {"type": "raw"},
        "jetstream": {"type": "bool", "default": True},
        "jetstream_servers": {"type": "int"},
        "timeout": {"type": "float", "default": 60.0},
        "interval": {"type": "float", "default": 0.5},
        "report_after": {"type": "float"},
        "waited": {"type": "float", "default": 0.0},
    },
    run=_wait,
    local_paths=(),
)
