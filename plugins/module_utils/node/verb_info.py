# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb of aegis.nats.node_info: what a cluster host is and has. It changes nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Optional

from ..plan.verb import Outcome, Surroundings, Verb
from .files import NOBODY_NAMED, Ownership
from .host import (
    Binary,
    architecture,
    group_id,
    is_replaced,
    operating_system,
    read_binary,
    sha256_of,
    taken_ports,
    user_id,
)
from .keys.openssl import find_openssl
from .keys.records import keys_folder, read_keys
from .keys.served import served
from .program import coming_path, kept_path, running_version
from .service import ABSENT, State
from .service_systemd import SystemdService
from .services import SERVICE_SPEC, make_service
from .transaction import Releases

_SPEC: Mapping[str, Any] = {
    "config_dir": {"type": "path", "default": "/etc/nats"},
    "config_file": {"type": "str", "default": "nats-server.conf"},
    "checksum": {"type": "bool", "default": True},
    "user": {"type": "str", "default": "nats"},
    "group": {"type": "str", "default": "nats"},
    "keys_owner": {"type": "str", "no_log": False},
    "keys_group": {"type": "str", "no_log": False},
    "ports": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "address": {"type": "str", "default": "0.0.0.0"},
            "port": {"type": "int", "required": True},
            "purpose": {"type": "str", "default": ""},
        },
    },
    **SERVICE_SPEC,
}


def _run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    releases = Releases(params["config_dir"].rstrip("/"), NOBODY_NAMED)
    state = _state(params)
    binary = read_binary(params["binary"], params["checksum"])
    current, loaded = releases.current(), releases.loaded()
    keys_ownership = Ownership(params["keys_owner"] or None, params["keys_group"] or None)
    uid, gid = user_id(params["user"]), group_id(params["group"])
    return Outcome(
        values={
            "architecture": architecture(),
            "os": operating_system(),
            "python": ".".join(str(part) for part in sys.version_info[:3]),
            "binary": asdict(binary) if binary else None,
            "user": {"exists": uid is not None, "uid": uid},
            "group": {"exists": gid is not None, "gid": gid},
            "program_coming": _named(coming_path(params["binary"])),
            "program_before": _kept(kept_path(params["binary"]), binary),
            "service": {
                "manager": params["service_manager"],
                "state": state.state,
                "pid": state.pid,
                "version": running_version(state.pid, binary),
                "replaced": bool(state.pid and binary and is_replaced(state.pid, binary.path)),
            },
            "release": {"name": current, "loaded": loaded.release if loaded else None} if current else None,
            "ports_taken": [asdict(taken) for taken in taken_ports(params["ports"], state.pid)],
            "tls_keys": [key.as_dict() for key in read_keys(keys_folder(params["config_dir"]), keys_ownership)],
            "certificates": served(releases, loaded.release if loaded else None, surroundings.now),
            "openssl": find_openssl(),
            "is_root": os.geteuid() == 0,
        }
    )


def _named(path: str) -> Mapping[str, Any]:
    return {"path": path, "exists": os.path.lexists(path)}


def _kept(path: str, binary: Optional[Binary]) -> Optional[Mapping[str, Any]]:
    """The program that was last proved to run, where another one was put into its place since and is not proved yet."""
    kept = read_binary(path)
    if kept is None or binary is None or kept.sha256 == (binary.sha256 or sha256_of(binary.path)):
        return None
    return asdict(kept)


def _state(params: Mapping[str, Any]) -> State:
    config = f"{params['config_dir'].rstrip('/')}/current/{params['config_file']}"
    service = make_service(params, config, None, NOBODY_NAMED)
    if isinstance(service, SystemdService) and not os.path.isdir("/run/systemd/system"):
        return State(ABSENT)
    return service.state()


INFO = Verb(name="node_info", argument_spec=_SPEC, run=_run, local_paths=())
