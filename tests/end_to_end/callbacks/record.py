# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes one line of JSON a task result to the file that AEGIS_RECORD names: what a test asks about a run."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: record
type: notification
short_description: One line of JSON a task result
description: For the tests of this collection.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "record"
    CALLBACK_NEEDS_ENABLED = True

    def _write(self, outcome: str, result: Any) -> None:
        # ansible-core 2.18 knows them by their private names alone.
        answer, host, task = (
            getattr(result, name) if hasattr(result, name) else getattr(result, f"_{name}")
            for name in ("result", "host", "task")
        )
        line = {
            "outcome": outcome,
            "host": host.get_name(),
            "task": task.get_name().rpartition(" : ")[2],
            "action": task.action,
            "changed": bool(answer.get("changed")),
            "msg": str(answer.get("msg", "")),
            "problems": answer.get("problems") or [],
            "reasons": answer.get("reasons") or [],
            "handshakes": answer.get("handshakes") or [],
            "warnings": [str(warning) for warning in answer.get("warnings") or []],
        }
        with open(os.environ["AEGIS_RECORD"], "a", encoding="utf-8") as file:
            file.write(json.dumps(line, default=str) + "\n")

    def v2_runner_on_ok(self, result: Any) -> None:
        self._write("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._write("failed", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._write("unreachable", result)
