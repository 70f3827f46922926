# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that let an application in: what they hold, and what has to change for a folder to hold them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from ..plan.errors import NatsError
from .private_folder import PrivateFolder

#: What is delivered -> its name in the application's folder, in the order in which it is written.
NAMES = {"key": "client.key", "certificate": "client.crt", "ca": "ca.crt", "creds": "user.creds", "nkey": "user.nk"}
ENVIRONMENT = "client.env"
#: Digest of the files that the application's services were last told of; also the mark of a folder of ours.
RECORD = ".delivered"
CONTEXTS = "nats/context"
_VARIABLES = {
    "ca": "NATS_CA",
    "certificate": "NATS_CERT",
    "key": "NATS_KEY",
    "creds": "NATS_CREDS",
    "nkey": "NATS_NKEY",
}
_CONTEXT_KEYS = {"ca": "ca", "certificate": "cert", "key": "key", "creds": "creds", "nkey": "nkey"}


@dataclass(frozen=True)
class Delivery:
    """One application. contents: what is delivered of NAMES; shown by nothing. inbox_prefix: empty is the usual."""

    name: str
    folder: PrivateFolder
    present: bool = True
    servers: tuple[str, ...] = ()
    description: str = ""
    contents: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    services: tuple[str, ...] = ()
    service_action: str = "restart"
    inbox_prefix: str = ""

    @property
    def context(self) -> str:
        return f"{CONTEXTS}/{self.name}.json"

    @property
    def known(self) -> tuple[str, ...]:
        """Every file that this application may have from us."""
        return (*NAMES.values(), ENVIRONMENT, self.context)

    def place(self, what: str) -> str:
        return str(self.folder.root / NAMES[what])


@dataclass(frozen=True)
class Step:
    """What has to be done for one application, and why. untold: its services know other files, or none."""

    delivery: Delivery
    folders: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    removed: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    untold: bool = False
    record: bytes = b""

    @property
    def changed(self) -> bool:
        return bool(self.folders or self.files or self.removed or self.untold)


def environment(delivery: Delivery) -> bytes:
    """Settings for a shell and for systemd's EnvironmentFile; the official ``nats`` reads the same names."""
    lines = [f"# How {delivery.name} reaches NATS. Written by aegis.nats: changes here are undone."]
    lines.append(f"NATS_URL={','.join(delivery.servers)}")
    lines += [f"{name}={delivery.place(what)}" for what, name in _VARIABLES.items() if what in delivery.contents]
    if delivery.inbox_prefix:
        lines.append(f"NATS_INBOX_PREFIX={delivery.inbox_prefix}")
    return ("\n".join(lines) + "\n").encode()


def context(delivery: Delivery) -> bytes:
    """A context of the ``nats`` CLI (jsm.go natscontext/context.go)."""
    found = {"description": delivery.description, "url": ",".join(delivery.servers)}
    found.update({key: delivery.place(what) for what, key in _CONTEXT_KEYS.items() if what in delivery.contents})
    if delivery.inbox_prefix:
        found["inbox_prefix"] = delivery.inbox_prefix
    return (json.dumps(found, indent=2, ensure_ascii=False) + "\n").encode()


def wanted_files(delivery: Delivery) -> dict[str, bytes]:
    """Every file of an application, in the order in which they are written."""
    found = {NAMES[what]: delivery.contents[what] for what in NAMES if what in delivery.contents}
    return {**found, ENVIRONMENT: environment(delivery), delivery.context: context(delivery)}


def digest(files: Mapping[str, bytes]) -> bytes:
    """Of what an application reads; the context is for people."""
    total = hashlib.sha256()
    for name in sorted(name for name in files if not name.startswith(CONTEXTS)):
        total.update(f"{name} {len(files[name])} ".encode() + files[name])
    return total.hexdigest().encode() + b"\n"


def plan(delivery: Delivery) -> Step:
    """What has to be done; the folder is only read. Raises NatsError for a folder that can't be this application's."""
    _refuse_others(delivery)
    return _plan_present(delivery) if delivery.present else _plan_absent(delivery)


def _refuse_others(delivery: Delivery) -> None:
    """A folder with files of others is not made private and given away."""
    names = delivery.folder.names()
    others = sorted(set(names) - {*NAMES.values(), ENVIRONMENT, "nats"})
    if names and RECORD not in names and others and delivery.present:
        raise NatsError(
            f"{delivery.folder.root}: has other files in it ({', '.join(others[:3])}): "
            f"give {delivery.name} a folder of its own"
        )


def _plan_present(delivery: Delivery) -> Step:
    folder, wanted = delivery.folder, wanted_files(delivery)
    reasons: list[str] = []
    folders: list[str] = []
    for path in ("", "nats", CONTEXTS):
        differences = folder.folder_differences(path)
        folders += [path] if differences else []
        if differences and not path:
            reasons.append(_reason(delivery, str(folder.root), differences))
    files: dict[str, bytes] = {}
    for path, content in wanted.items():
        differences = folder.differences(path, content)
        if differences:
            files[path] = content
            reasons.append(_reason(delivery, path, differences))
    removed = tuple(path for path in delivery.known if path not in wanted and folder.read(path) is not None)
    reasons += [f"{delivery.name}: {path} is removed: it logs in another way now" for path in removed]
    record = digest(wanted)
    return Step(delivery, tuple(folders), files, removed, tuple(reasons), folder.read(RECORD) != record, record)


def _plan_absent(delivery: Delivery) -> Step:
    found = tuple(path for path in (*delivery.known, RECORD) if delivery.folder.read(path) is not None)
    named = ", ".join(path for path in found if path != RECORD)
    reasons = (f"{delivery.name}: removed from {delivery.folder.root}: {named or RECORD}",) if found else ()
    return Step(delivery, removed=found, reasons=reasons)


def _reason(delivery: Delivery, path: str, differences: Sequence[str]) -> str:
    return f"{delivery.name}: {path}: {', '.join(differences)}"


def carry_out(step: Step) -> None:
    """Write and remove. The record is not written: first the services are told."""
    folder = step.delivery.folder
    for path in step.folders:
        folder.ensure(path)
    if step.delivery.present and folder.read(RECORD) is None:
        folder.write(RECORD, b"")
    for path, content in step.files.items():
        folder.write(path, content)
    for path in step.removed:
        folder.remove(path)
    if not step.delivery.present:
        for path in (CONTEXTS, "nats", ""):
            folder.remove_folder(path)


def conclude(step: Step) -> None:
    """Note what the services know now."""
    if step.delivery.present and step.untold:
        step.delivery.folder.write(RECORD, step.record)


def pictures(steps: Sequence[Step]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Before and after, without a secret: text of what is for reading, of the rest whether it is there."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for step in steps:
        root = step.delivery.folder.root
        for path, content in step.files.items():
            before[f"{root}/{path}"] = _shown(path, step.delivery.folder.read(path), "other content")
            after[f"{root}/{path}"] = _shown(path, content, "new content")
        before.update({f"{root}/{path}": "there" for path in step.removed})
    return ({path: value for path, value in before.items() if value is not None}, after)


def _shown(path: str, content: Optional[bytes], otherwise: str) -> Any:
    if content is None:
        return None
    readable = path == ENVIRONMENT or path.startswith(CONTEXTS)
    return content.decode("utf-8", "replace").splitlines() if readable else otherwise
