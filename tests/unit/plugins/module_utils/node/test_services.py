# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.files import NOBODY_NAMED
from ansible_collections.aegis.nats.plugins.module_utils.node.service_process import ProcessService
from ansible_collections.aegis.nats.plugins.module_utils.node.service_systemd import SystemdService
from ansible_collections.aegis.nats.plugins.module_utils.node.services import make_monitor, make_service, need_monitor
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import NatsError


def params(**more: Any) -> dict[str, Any]:
    values = {"service_manager": "process", "service_name": "n", "binary": "/b", "pid_file": "/p", "log_file": "/l"}
    return {**values, **more}


def test_the_service_manager_is_chosen() -> None:
    assert make_service(params(), "/c", "/e", NOBODY_NAMED) == ProcessService("/b", "/c", "/p", "/e", "/l")
    assert make_service(params(service_manager="systemd"), "/c", None, NOBODY_NAMED) == SystemdService("n", "/l")


def test_a_monitor_is_optional_or_needed() -> None:
    assert make_monitor({"monitor": ""}) is None
    assert need_monitor({"monitor": "http://127.0.0.1:8222/"}).url == "http://127.0.0.1:8222"
    with pytest.raises(NatsError, match="monitor: is empty"):
        need_monitor({"monitor": None})
