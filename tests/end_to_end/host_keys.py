# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private keys on the hosts of an estate: which there are, which are in use, and where else they are seen."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Sequence
from pathlib import Path

from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate, Run, good
from ansible_collections.aegis.nats.tests.end_to_end.secrets import CommandLines, forms
from ansible_collections.aegis.nats.tests.end_to_end.staying import key_digest, served
from cryptography import x509

MAKE = "Have each host make the private keys that are missing or due"
ISSUE = "Issue the certificates that are due"


def deployed(estate: Estate, *options: str) -> Run:
    run = estate.deploy(*options)
    good(run)
    return run


def keys(estate: Estate, node: str = "*", name: str = "*") -> list[Path]:
    """The key files of hosts, those that are being made too."""
    return sorted(estate.root.glob(f"nodes/{node}/etc/keys/{name}-*/tls.key"))


def current_key(estate: Estate, node: str, name: str) -> Path:
    """The key that a node's configuration names."""
    text = (estate.root / f"nodes/{node}/etc/current/nats-server.conf").read_text(encoding="utf-8")
    (found,) = re.findall(rf'key_file: "(.*/keys/{name}-.*)"', text)
    return Path(found)


def in_use(estate: Estate) -> list[str]:
    """By node, the digest of the key behind what a fresh handshake brings."""
    return [key_digest(served(estate, number)) for number in range(len(estate.nodes))]


def issued(estate: Estate) -> dict[str, int]:
    """Serials of the servers' certificates on the controller."""
    places = sorted((estate.root / "nats/pki/issued").glob("n*/*.crt"))
    return {
        f"{place.parent.name}/{place.stem}": x509.load_pem_x509_certificate(place.read_bytes()).serial_number
        for place in places
    }


def seen_of_keys(estate: Estate, runs: Sequence[Run], lines: CommandLines) -> list[str]:
    """Where a line of a host's private key is seen besides its own file."""
    secret = [line for key in keys(estate) for line in key.read_text().splitlines() if not line.startswith("-----")]
    assert secret
    texts = {f"run {number}": run.output for number, run in enumerate(runs)} | lines.texts
    for place in estate.root.rglob("*"):
        if place.is_file() and not place.is_symlink() and place not in keys(estate):
            texts[str(place)] = place.read_bytes().decode("utf-8", "replace")
    return [place for place, text in texts.items() for line in secret for form in forms(line) if form in text]


def kill_all(pid: int) -> None:
    """The run with every process that works for it, but no server."""
    for entry in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in entry.read_text().split():
            if Path(f"/proc/{child}/comm").read_text().strip() != "nats-server":
                kill_all(int(child))
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
