# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where secrets could leak to, and the search for them there."""

from __future__ import annotations

import base64
import json
import re
import threading
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Optional

from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate

_SEED = re.compile(r"\bS[OAUNCX][A-Z2-7]{56}\b")
_ENDPOINTS = (
    "varz",
    "connz?auth=1&subs=detail&state=all",
    "routez?subs=1",
    "subsz?subs=1",
    "accountz",
    "jsz?accounts=1&streams=1&consumers=1&config=1",
    "healthz",
    "gatewayz",
    "leafz?subs=1",
)


def secrets_of(estate: Estate) -> dict[str, str]:
    """What the files of controller and nodes keep secret: where it is from -> a text that must not be seen."""
    found: dict[str, str] = {}
    for place in sorted(estate.root.rglob("*")):
        name = str(place.relative_to(estate.root))
        if place.is_symlink() or not place.is_file() or not re.match(r"nats/|nodes/[^/]+/etc/", name):
            continue
        if place.suffix in (".nk", ".creds"):
            for number, seed in enumerate(_SEED.findall(place.read_text(encoding="ascii"))):
                found[f"{name}:{number}"] = seed
        elif place.suffix == ".key":
            lines = [line for line in place.read_text(encoding="ascii").splitlines() if not line.startswith("-----")]
            found.update({f"{name}:{number}": line for number, line in enumerate(lines) if len(line) >= 40})
        elif place.suffix == ".secret":
            found[name] = place.read_text(encoding="ascii").strip()
    return found


def forms(secret: str) -> list[str]:
    """A secret as it is, as JSON writes it, and in the middle of base64 at any of the three places."""
    told = [secret, json.dumps(secret)[1:-1]]
    for shift in range(3):
        encoded = base64.b64encode(b" " * shift + secret.encode()).decode()
        told.append(encoded[4 : len(encoded) - 4])
    return [form for form in told if len(form) >= 8]


def leaks(secrets: Mapping[str, str], texts: Mapping[str, str]) -> list[str]:
    """Which secret is seen where; never the secret itself."""
    found = []
    for origin, secret in secrets.items():
        for form in forms(secret):
            found.extend(f"{origin} is seen in {place}" for place, text in texts.items() if form in text)
    return sorted(set(found))


def files_below(*folders: Path) -> dict[str, str]:
    """Every file as text, by its path; its name too, as a name may tell."""
    found: dict[str, str] = {}
    for folder in folders:
        for place in folder.rglob("*"):
            if place.is_file() and not place.is_symlink():
                found[str(place)] = f"{place.name}\n" + place.read_bytes().decode("utf-8", "replace")
    return found


def monitoring(estate: Estate) -> dict[str, str]:
    """What the monitoring endpoints of all nodes answer."""
    found: dict[str, str] = {}
    for port in estate.ports["monitoring"]:
        for endpoint in _ENDPOINTS:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{endpoint}", timeout=5) as answer:
                found[f"{port}/{endpoint}"] = answer.read().decode("utf-8", "replace")
    return found


class CommandLines:
    """The command lines of all processes of this machine, looked at every 50 ms while the block runs."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.looks = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> CommandLines:
        self._thread.start()
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(0.05):
            self.looks += 1
            self.seen.update(_command_lines())

    @property
    def texts(self) -> dict[str, str]:
        return {"a command line": "\n".join(self.seen)}


def _command_lines() -> Iterable[str]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                yield (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            except OSError:
                continue
