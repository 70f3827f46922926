# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit of a server as systemd sees it: what the process is kept from, and systemd's own score."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from typing import Any, Optional

#: What a unit should say, and the values that hold.
HARDENED: Mapping[str, tuple[str, ...]] = {
    "NoNewPrivileges": ("yes",),
    "ProtectSystem": ("strict", "full"),
    "ProtectHome": ("yes", "tmpfs", "read-only"),
    "PrivateTmp": ("yes", "disconnected"),
    "ProtectKernelModules": ("yes",),
    "ProtectKernelTunables": ("yes",),
    "ProtectControlGroups": ("yes", "private", "strict"),
    "RestrictSUIDSGID": ("yes",),
    "LockPersonality": ("yes",),
    "MemoryDenyWriteExecute": ("yes",),
}
_SCORE = re.compile(r"Overall exposure level for \S+: (?P<score>[\d.]+) (?P<word>\S+)")


def look(unit: str, pid: int) -> Optional[dict[str, Any]]:
    """None where there is no systemd, no such unit, or where the process is not what the unit is for."""
    if not os.path.isdir("/run/systemd/system"):
        return None
    shown = _said("systemctl", "--no-pager", "show", unit, f"--property=LoadState,MainPID,User,{','.join(HARDENED)}")
    found = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    # Whatever a service starts is in its control group, such as the shell of a build agent.
    if found.get("LoadState") != "loaded" or found.get("MainPID") != str(pid):
        return None
    return described(unit, found, _said("systemd-analyze", "--no-pager", "security", unit))


def described(unit: str, properties: Mapping[str, str], analysed: str) -> dict[str, Any]:
    """By what systemctl shows of it, and the table of systemd-analyze."""
    match = _SCORE.search(analysed)
    return {
        "unit": unit,
        "user": properties.get("User") or "root",
        "properties": {name: properties.get(name, "") for name in HARDENED},
        "exposure": float(match["score"]) if match else None,
    }


def unit_of(pid: int) -> Optional[str]:
    """The service whose control group a process is in (proc(5), cgroup)."""
    try:
        with open(f"/proc/{pid}/cgroup", encoding="utf-8") as file:
            match = re.search(r"/([^/\n]+\.service)", file.read())
    except OSError:
        return None
    return match[1] if match else None


def _said(*words: str) -> str:
    environment = {**os.environ, "LC_ALL": "C", "SYSTEMD_COLORS": "0"}
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=20, check=False, stdin=subprocess.DEVNULL, env=environment
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
