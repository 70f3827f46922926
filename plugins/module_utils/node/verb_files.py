# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb of aegis.nats.node_files: folders and files of a host, all of them in one run of a module."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Optional

from ..plan.changes import Plan
from ..plan.verb import Outcome, Surroundings, Verb
from ..plan.writing import sync_folder
from .files import (
    Ownership,
    WantedDirectory,
    WantedFile,
    ensure_directory,
    file_differences,
    octal,
    plan_directories,
    wanted_file,
    write_file,
)

_OWNED: Mapping[str, Any] = {
    "path": {"type": "path", "required": True},
    "owner": {"type": "str"},
    "group": {"type": "str"},
}
_SPEC: Mapping[str, Any] = {
    "folders": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {**_OWNED, "mode": {"type": "str", "default": "0755"}},
    },
    "files": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            **_OWNED,
            "mode": {"type": "str", "default": "0644"},
            "content": {"type": "str", "required": True, "no_log": True},
            "secret": {"type": "bool", "default": False},
        },
    },
}


def _run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    wanted = [
        WantedDirectory(
            path=entry["path"],
            mode=octal(entry["mode"], entry["path"]),
            ownership=Ownership(entry["owner"] or None, entry["group"] or None),
        )
        for entry in params["folders"]
    ]
    folders, reasons = plan_directories(wanted)
    files: list[WantedFile] = []
    for file in map(wanted_file, params["files"]):
        differences = file_differences(Path(file.path), file)
        if differences:
            files.append(file)
            reasons.append(f"{file.path}: {', '.join(differences)}")
    before = {file.path: lines for file in files for lines in [_shown(file, _there(file.path))] if lines is not None}
    after = {file.path: _shown(file, file.content) for file in files}
    if not surroundings.check_mode:
        for folder in folders:
            ensure_directory(folder)
        for file in files:
            write_file(Path(file.path), file)
        for place in sorted({Path(file.path).parent for file in files}):
            sync_folder(place)
    return Outcome(Plan(reasons=tuple(reasons), before=before, after=after, touched=bool(reasons)))


def _there(path: str) -> Optional[bytes]:
    place = Path(path)
    return place.read_bytes() if place.is_file() and not place.is_symlink() else None


def _shown(file: WantedFile, content: Optional[bytes]) -> Any:
    """The lines of a text that may be seen."""
    if content is None:
        return None
    return "not shown" if file.secret else content.decode("utf-8", "replace").splitlines()


VERB = Verb(name="node_files", argument_spec=_SPEC, run=_run, local_paths=())
