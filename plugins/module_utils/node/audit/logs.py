# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server's log: whether secrets are in it, who turns it over, and whether something carries it away."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any, Optional

from ..scrub import SEED

#: What a refused reload or a changed route writes (nats-server prints old and new values), and shapes of keys.
_SECRETS: Mapping[str, re.Pattern[str]] = {
    "a password in a URL": re.compile(r"://[^\s/@:\"']+:(?!\*+@|\[REDACTED\])[^\s\"'@]+@"),
    "a seed": re.compile(SEED),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "an old and a new key": re.compile(r"Key: old=(?!,)\S"),
    "a user's JWT": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
}
_MOST = 32 * 1024 * 1024
#: Programs that carry logs away, by the names of their processes.
SHIPPERS = (
    "otelcol", "otelcol-contrib", "fluent-bit", "fluentd", "vector", "promtail", "alloy", "filebeat", "rsyslogd",
    "syslog-ng", "journalbeat", "datadog-agent", "systemd-journal-upload",
)  # fmt: skip


def search(path: str) -> list[dict[str, Any]]:
    """Where the last 32 MiB of a log hold a secret: kind, first line of those read, how often; never the secret."""
    found: dict[str, dict[str, Any]] = {}
    with open(path, "rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - _MOST))
        for number, raw in enumerate(file, 1):
            line = raw.decode("utf-8", "replace")
            for kind, pattern in _SECRETS.items():
                if pattern.search(line):
                    entry = found.setdefault(kind, {"kind": kind, "line": number, "times": 0})
                    entry["times"] += 1
    return list(found.values())


def turned_over_by(path: Optional[str], logging: Mapping[str, Any], folder: str = "/etc/logrotate.d") -> str:
    """Who keeps a log from growing without end; empty when nobody does."""
    if not path:
        return "the journal"
    if logging.get("log_size_limit"):
        return "nats-server" if logging.get("log_max_num") else ""
    for name in _names(folder):
        with contextlib.suppress(OSError), open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            text = file.read()
            if path in text or f"{os.path.dirname(path)}/*" in text:
                return f"logrotate ({name})"
    return ""


def shippers(processes: Iterable[str]) -> list[str]:
    """Those of the running programs that carry logs away."""
    return sorted({name for name in processes if name in SHIPPERS})


def programs() -> list[str]:
    """The names of all running programs."""
    found = []
    for name in _names("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/comm", encoding="utf-8", errors="replace") as file:
                found.append(file.read().strip())
    return found


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
