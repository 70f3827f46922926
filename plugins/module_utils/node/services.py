# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service manager and the monitoring endpoint that a task's arguments name.

Only what is used is imported: hosts compile a module's files anew each time that it runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Optional

from ..plan.errors import NatsError
from .files import Ownership
from .host import find_binary
from .service import Service

if TYPE_CHECKING:
    from .monitor import HttpMonitor

SERVICE_SPEC: Mapping[str, Any] = {
    "service_manager": {"type": "str", "choices": ["systemd", "process"], "default": "systemd"},
    "service_name": {"type": "str", "default": "nats-server"},
    "binary": {"type": "path", "default": "/usr/local/bin/nats-server"},
    "pid_file": {"type": "path"},
    "log_file": {"type": "path"},
}
MONITOR_SPEC: Mapping[str, Any] = {
    "monitor": {"type": "str"},
    "monitor_ca": {"type": "path"},
}


def make_service(params: Mapping[str, Any], config: str, environment_file: Optional[str], run_as: Ownership) -> Service:
    """The service that ``service_manager`` and the parameters beside it describe."""
    if params["service_manager"] == "systemd":
        from .service_systemd import SystemdService

        return SystemdService(params["service_name"], params["log_file"])
    from .service_process import ProcessService

    binary = find_binary(params["binary"]) or params["binary"]
    return ProcessService(binary, config, params["pid_file"], environment_file, params["log_file"], run_as)


def make_monitor(params: Mapping[str, Any], timeout: float = 5.0) -> Optional[HttpMonitor]:
    """The endpoint that ``monitor`` names, or None."""
    if not params.get("monitor"):
        return None
    from .monitor import HttpMonitor

    return HttpMonitor(params["monitor"], timeout, params.get("monitor_ca"))


def need_monitor(params: Mapping[str, Any]) -> HttpMonitor:
    """The endpoint that ``monitor`` names; raises NatsError when there is none."""
    monitor = make_monitor(params)
    if monitor is None:
        raise NatsError("monitor: is empty: write the server's monitoring URL, such as http://127.0.0.1:8222")
    return monitor
