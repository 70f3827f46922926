# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls of the verbs as a front makes them, with a clock that is handed in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Optional

from ansible_collections.aegis.nats.plugins.module_utils.pki import (
    verb_authority,
    verb_certificate,
    verb_password,
    verb_secret,
)
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Seal, Surroundings, Verb, perform

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=timezone.utc)
DAY = timedelta(days=1)


class Reversed:
    """A seal with the shape of a vault file, quick enough for tests: the text backwards, in hex, in whole blocks."""

    active = True

    def close(self, content: bytes) -> bytes:
        inner = b"\n".join(
            (b"00" * 32, b"00" * 32, content[::-1].hex().ljust(-(-len(content) // 16) * 32, "0").encode())
        )
        return b"$ANSIBLE_VAULT;1.1;AES256\n" + inner.hex().encode() + b"\n"

    def open(self, content: bytes, path: str) -> bytes:
        inner = bytes.fromhex(content.split(b"\n", 1)[1].decode())
        return bytes.fromhex(inner.split(b"\n")[2].decode()).rstrip(b"\0")[::-1]


def call(
    verb: Verb, params: Mapping[str, Any], now: datetime = NOW, check_mode: bool = False, seal: Optional[Seal] = None
) -> dict[str, Any]:
    """The result of a verb, its defaults filled in as a front does."""
    defaults = {name: spec.get("default") for name, spec in verb.argument_spec.items()}
    return perform(verb, {**defaults, **params}, Surroundings(check_mode=check_mode, now=now, seal=seal or NoSeal()))


def authority(
    path: Path, now: datetime = NOW, check: bool = False, sealer: Optional[Seal] = None, **params: Any
) -> Any:
    return call(verb_authority.VERB, {"path": str(path), **params}, now, check, sealer)


def certificate(
    path: Path, wanted: Any, now: datetime = NOW, check: bool = False, sealer: Optional[Seal] = None, **params: Any
) -> Any:
    return call(verb_certificate.VERB, {"path": str(path), "certificates": wanted, **params}, now, check, sealer)


def secret(path: Path, wanted: Any, check: bool = False, sealer: Optional[Seal] = None, **params: Any) -> Any:
    return call(verb_secret.VERB, {"path": str(path), "secrets": wanted, **params}, NOW, check, sealer)


def password(path: Path, passwords: Any, check: bool = False, sealer: Optional[Seal] = None) -> Any:
    return call(verb_password.VERB, {"path": str(path), "passwords": passwords}, NOW, check, sealer)


def entry(name: str = "n1/server", profile: str = "server", **more: Any) -> dict[str, Any]:
    """An entry that is right, with what a test changes."""
    return {"name": name, "profile": profile, "dns": ["n1.example.com"], "ip": ["192.0.2.1"], **more}


def snapshot(path: Path) -> dict[str, str]:
    """Every file below a folder with its mode and digest, the lock aside."""
    return {
        str(file.relative_to(path)): f"{file.stat().st_mode & 0o777:o} {hashlib.sha256(file.read_bytes()).hexdigest()}"
        for file in sorted(path.rglob("*"))
        if file.is_file() and file.name != ".lock"
    }
