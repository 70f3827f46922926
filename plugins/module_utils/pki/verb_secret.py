# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb ``secret``: random secrets, made once and kept, and how they are read again."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Callable, Optional

from ..plan.changes import FileChange, Plan
from ..plan.errors import StoreError
from ..plan.folder import Folder
from ..plan.problems import Problems
from ..plan.sealed import is_sealed
from ..plan.verb import Outcome, Surroundings, Verb
from .store import check_seal
from .wanted import check_keys, choose, safe_name, whole_number

ARGUMENTS: Mapping[str, Any] = {
    "path": {"type": "path", "default": "nats/secrets"},
    "secrets": {"type": "list", "elements": "raw", "required": True, "no_log": False},
    "successor": {"type": "str", "choices": ["made", "promoted"]},
    "seal": {"type": "bool"},
}
_ENCODINGS = ("base64url", "hex")
_KEYS = ("name", "bytes", "encoding")


@dataclass(frozen=True)
class WantedSecret:
    """name: its place; size: bytes of randomness; encoding: how they are written."""

    name: str
    size: int
    encoding: str


def secret_file(name: str) -> str:
    """Relative path of a secret."""
    return f"{name}.secret"


def successor_of(name: str) -> str:
    """The name of the secret that is to take the place of another one."""
    return f"next/{name}"


def value_of(folder: Folder, name: str) -> Optional[str]:
    """The value of a secret, or None when it was not made yet. Raises StoreError for an empty or foreign file."""
    content = folder.read(secret_file(name))
    if content is None:
        return None
    try:
        value = content.decode("ascii").strip()
    except UnicodeDecodeError:
        value = ""
    if not value:
        raise StoreError(f"{folder.root / secret_file(name)}: holds no secret: put it back from a backup, or remove it")
    return value


def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Make the secrets that are missing, or their successors, or have these take their places.

    What is there stays, whatever its length; so a successor that a killed run made is the one that is used.
    """
    check_seal(params.get("seal"), surroundings.seal)
    problems = Problems()
    wanted = parse_secrets(params["secrets"], problems)
    problems.raise_if_any()
    folder = Folder(params["path"], surroundings.seal)
    promoted = params.get("successor") == "promoted"
    if params.get("successor") == "made":
        wanted = [replace(one, name=successor_of(one.name)) for one in wanted]
    with folder.locked(surroundings.check_mode):
        plan = _promotion(folder, wanted) if promoted else _plan(folder, wanted, surroundings)
        if not surroundings.check_mode:
            folder.commit(plan.changes)
    paths = {one.name: str(folder.root / secret_file(one.name)) for one in wanted}
    return Outcome(plan, {"names": [one.name for one in wanted], "paths": paths})


def _plan(folder: Folder, wanted: Sequence[WantedSecret], surroundings: Surroundings) -> Plan:
    changes: list[FileChange] = []
    reasons: list[str] = []
    for one in wanted:
        raw = folder.read_raw(secret_file(one.name))
        if raw is None:
            changes.append(FileChange(secret_file(one.name), _make(one, surroundings.random), secret=True))
            reasons.append(f"secret {one.name}: made for the first time")
            continue
        if is_sealed(raw):
            continue
        value = value_of(folder, one.name)
        if surroundings.seal.active and value is not None:
            changes.append(FileChange(secret_file(one.name), f"{value}\n".encode(), secret=True))
            reasons.append(f"secret {one.name}: becomes sealed")
    after = {change.path.rsplit(".", 1)[0]: "kept secret" for change in changes}
    return Plan(changes=tuple(changes), reasons=tuple(reasons), after=after)


def _promotion(folder: Folder, wanted: Sequence[WantedSecret]) -> Plan:
    """Each successor that is there takes its place, both in one commit."""
    changes: list[FileChange] = []
    reasons: list[str] = []
    for one in wanted:
        value = value_of(folder, successor_of(one.name))
        if value is not None:
            changes.append(FileChange(secret_file(one.name), f"{value}\n".encode(), secret=True))
            changes.append(FileChange(secret_file(successor_of(one.name)), None))
            reasons.append(f"secret {one.name}: its successor takes its place")
    after = {change.path.rsplit(".", 1)[0]: "kept secret" if change.content else "gone" for change in changes}
    return Plan(changes=tuple(changes), reasons=tuple(reasons), after=after)


def _make(one: WantedSecret, random: Callable[[int], bytes]) -> bytes:
    content = random(one.size)
    text = content.hex() if one.encoding == "hex" else base64.urlsafe_b64encode(content).decode().rstrip("=")
    return f"{text}\n".encode()


def parse_secrets(raw: object, problems: Problems, path: str = "secrets") -> list[WantedSecret]:
    """The wanted secrets of a list of names or dicts; what is wrong goes to ``problems``."""
    found: dict[str, WantedSecret] = {}
    for number, item in enumerate(raw if isinstance(raw, Sequence) and not isinstance(raw, str) else []):
        here = f"{path}[{number}]"
        entry = {"name": item} if isinstance(item, str) else item
        if not isinstance(entry, Mapping):
            problems.add(here, "must be a name, or a dict with name, and bytes and encoding where wanted")
            continue
        check_keys(entry, _KEYS, problems, here)
        name = safe_name(entry.get("name"), problems, f"{here}.name")
        size = whole_number(entry.get("bytes", 32))
        if size is None or not 16 <= size <= 1024:
            problems.add(f"{here}.bytes", f"{entry['bytes']!r} is not a length: write a whole number from 16 to 1024")
            size = 32
        encoding = choose(entry.get("encoding", "base64url"), _ENCODINGS, problems, f"{here}.encoding")
        if name in found:
            problems.add(f"{here}.name", f"{name!r} is there twice: names are unique")
        elif name is not None and encoding is not None:
            found[name] = WantedSecret(name, size, encoding)
    return list(found.values())


VERB = Verb(name="secret", argument_spec=ARGUMENTS, run=run)
