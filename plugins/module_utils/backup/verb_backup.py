# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb ``backup``."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional

from ..client.access import REACHING, Access, read_access
from ..client.connect import run as run_quietly
from ..plan.changes import Plan
from ..plan.folder import Folder
from ..plan.problems import Problems
from ..plan.verb import Outcome, Surroundings, Verb
from . import manifest as manifests
from .archive import ArchiveWriter, new_archive
from .keys import Lock, Secret, new_key
from .manifest import FileEntry, LeftOut, Manifest
from .members import Member, Minting, members
from .state import held_files
from .taking import Choice, Seen, Taking, see, take_all
from .telling import megabytes

#: A passphrase that is worth the name; scrypt makes each guess cost, not impossible.
SHORTEST = 12
_ASKED = "was named in leave_out"
OPENING: Mapping[str, Any] = {
    "archive": {"type": "path", "required": True},
    "passphrase": {"type": "str", "no_log": True},
}
STREAMS: Mapping[str, Any] = {
    **REACHING,
    "servers": {"type": "list", "elements": "str", "default": []},
    "timeout": {"type": "float", "default": 10.0},
    "folders": {"type": "dict", "default": {}},
    "trust": {"type": "path"},
    "operator": {"type": "str"},
    "streams": {"type": "list", "elements": "str", "default": []},
    "leave_out": {"type": "list", "elements": "str", "default": []},
    "overwrite": {"type": "bool", "default": False},
}
_SPEC: Mapping[str, Any] = {
    **OPENING,
    **STREAMS,
    "encrypt": {"type": "bool", "default": True},
    "cluster": {"type": "str", "default": ""},
}


@dataclass(frozen=True)
class _Order:
    """What is to be taken. access: None where no streams are."""

    params: Mapping[str, Any]
    folders: Mapping[str, Folder]
    access: Optional[Access]
    members: Sequence[Member]


def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Take state and streams into one archive; see the module's documentation."""
    problems = Problems()
    secret = Secret(params.get("passphrase"), surroundings.seal)
    _check_key(params, surroundings, problems)
    if os.path.lexists(params["archive"]) and not params["overwrite"]:
        problems.add("archive", f"{params['archive']} is there already: give another name, or say overwrite")
    folders = read_folders(params, surroundings, problems)
    for name, folder in folders.items():
        if not folder.root.is_dir():
            problems.add(f"folders.{name}", f"{folder.root} is not there: leave it out, or give the right path")
    access, who = read_members(params, surroundings, False, problems)
    if not folders and access is None and not len(problems):
        problems.add("folders", "is empty, and so is servers: say what is to be backed up")
    problems.raise_if_any()
    order = _Order(params, folders, access, who)
    seen = run_quietly(see(who, access, choice_of(params), problems)) if access else []
    problems.raise_if_any()
    reasons = [f"{name}: {len(folder.names())} files" for name, folder in folders.items()]
    reasons += [f"{each.title}: {each.info['state'].get('messages', 0)} messages" for each in seen]
    if surroundings.check_mode:
        values = {"archive": params["archive"], "encrypted": params["encrypt"]}
        plan = Plan(reasons=tuple(reasons), touched=True, after={params["archive"]: reasons})
        return Outcome(plan, values, _warnings(params, ()))
    manifest = _write(order, seen, secret, surroundings)
    return _outcome(params, manifest, reasons)


def _check_key(params: Mapping[str, Any], surroundings: Surroundings, problems: Problems) -> None:
    passphrase = params.get("passphrase")
    if not params["encrypt"]:
        if passphrase:
            problems.add("passphrase", "is given, and encrypt is false: leave one of them out")
    elif passphrase is not None and len(passphrase) < SHORTEST:
        problems.add("passphrase", f"is shorter than {SHORTEST} characters: write a longer one")
    elif not passphrase and not surroundings.seal.active:
        problems.add(
            "passphrase",
            "is missing, and this play has no vault secret: give one, or run with --vault-password-file; only "
            "encrypt: false writes an archive that anybody can read",
        )


def read_folders(params: Mapping[str, Any], surroundings: Surroundings, problems: Problems) -> dict[str, Folder]:
    """The folders of the controller by name."""
    found: dict[str, Folder] = {}
    for name, path in params["folders"].items():
        if not isinstance(path, str) or not path:
            problems.add(f"folders.{name}", "is no path: write name: path")
        else:
            found[str(name)] = Folder(path, surroundings.seal)
    return found


def choice_of(params: Mapping[str, Any]) -> Choice:
    """Which streams are meant."""
    return Choice(tuple(params["streams"]), tuple(params["leave_out"]))


def read_members(
    params: Mapping[str, Any], surroundings: Surroundings, restoring: bool, problems: Problems
) -> tuple[Optional[Access], list[Member]]:
    """How the servers are reached, and who logs in to which account; None where no server is named."""
    if not params["servers"]:
        if params["streams"] or params["leave_out"]:
            problems.add("servers", "is empty, though streams are named: give at least one URL")
        return None, []
    access = read_access(params, surroundings.seal, problems)
    if not params.get("trust") or not params.get("operator"):
        missing = "operator" if params.get("trust") else "trust"
        problems.add(missing, "is missing: the trust store signs who logs in to the accounts")
        return access, []
    minting = Minting(lambda: datetime.now(timezone.utc), surroundings.random, restoring)
    folder = Folder(params["trust"], surroundings.seal)
    return access, members(folder, params["operator"], minting, problems)


def _write(order: _Order, seen: Sequence[Seen], secret: Secret, surroundings: Surroundings) -> Manifest:
    key, said = new_key(secret, order.params["encrypt"], surroundings.random)
    manifest = Manifest(
        id=surroundings.random(16).hex(),
        created=surroundings.now.isoformat(timespec="seconds"),
        cluster=order.params["cluster"],
        folders=tuple(order.folders),
        accounts={each.account: each.public_key for each in order.members},
    )
    with new_archive(Path(order.params["archive"]), Lock(key), said) as writer:
        manifest = replace(manifest, files=tuple(_take_files(order.folders, writer)))
        if order.access is not None:
            taking = Taking(order.access, writer, lambda: datetime.now(timezone.utc), surroundings.progress)
            entries, left = run_quietly(take_all(taking, seen))
            asked = (title.partition("/") for title in order.params["leave_out"])
            left += [LeftOut(account, name, _ASKED) for account, _slash, name in asked]
            manifest = replace(manifest, streams=tuple(entries), left_out=tuple(left))
        writer.finish(manifest)
    return manifest


def _take_files(folders: Mapping[str, Folder], writer: ArchiveWriter) -> list[FileEntry]:
    """Read every folder under its lock, and all locks together: they belong to each other."""
    found: list[FileEntry] = []
    with contextlib.ExitStack() as locks:
        for folder in folders.values():
            locks.enter_context(folder.locked())
        for name, folder in folders.items():
            for each in held_files(folder):
                writer.begin("file", name, each.path)
                writer.write(each.content)
                size, digest = writer.end()
                found.append(FileEntry(name, each.path, each.mode, size, digest))
    return found


def _outcome(params: Mapping[str, Any], manifest: Manifest, reasons: Sequence[str]) -> Outcome:
    size = os.stat(params["archive"]).st_size
    values = {
        **manifests.summary(manifest),
        "archive": params["archive"],
        "size": size,
        "size_in_words": megabytes(size),
        "encrypted": params["encrypt"],
    }
    return Outcome(Plan(reasons=tuple(reasons), touched=True), values, _warnings(params, manifest.left_out))


def _warnings(params: Mapping[str, Any], left: Sequence[LeftOut]) -> tuple[str, ...]:
    found = [
        f"{each.account}/{each.name} is not in the archive: {each.reason}" for each in left if each.reason != _ASKED
    ]
    if not params["encrypt"]:
        found.append(
            f"{params['archive']} is not encrypted (encrypt: false): whoever reads it has the messages, and of the "
            "controller every secret that was not sealed"
        )
    return tuple(found)


VERB = Verb(
    name="backup",
    argument_spec=_SPEC,
    run=run,
    local_paths=("archive", "trust", "ca", "certificate", "key"),
)
