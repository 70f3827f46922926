# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb of aegis.nats.node_files: folders and files of a host, all of them in one run of a module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..plan.changes import Plan
from ..plan.verb import Outcome, Surroundings, Verb
from ..plan.writing import sync_folder
from .files import (
    WantedDirectory,
    WantedFile,
    ensure_directory,
    file_differences,
    plan_directories,
    wanted_directory,
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
            "secret": {"type": "bool", "default": False, "no_log": False},
        },
    },
}


def _run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    folders, reasons = plan_directories([wanted_directory(entry) for entry in params["folders"]])
    files: list[WantedFile] = []
    before: dict[str, Any] = {}
    for file in map(wanted_file, params["files"]):
        place = Path(file.path)
        differences = file_differences(place, file)
        if differences:
            files.append(file)
            reasons.append(f"{file.path}: {', '.join(differences)}")
            if place.is_file() and not place.is_symlink():
                before[file.path] = _shown(file, place.read_bytes())
    after = {file.path: _shown(file, file.content) for file in files}
    if not surroundings.check_mode:
        _write(folders, files)
    return Outcome(Plan(reasons=tuple(reasons), before=before, after=after, touched=bool(reasons)))


def _write(folders: Sequence[WantedDirectory], files: Sequence[WantedFile]) -> None:
    for ownership in [folder.ownership for folder in folders] + [file.ownership for file in files]:
        ownership.ids()  # a name that this host does not know is told before anything is written
    for folder in folders:
        ensure_directory(folder)
    for file in files:
        write_file(Path(file.path), file)
    for place in sorted({Path(file.path).parent for file in files}):
        sync_folder(place)


def _shown(file: WantedFile, content: bytes) -> Any:
    """The lines of a text that may be seen."""
    return "not shown" if file.secret else content.decode("utf-8", "replace").splitlines()


VERB = Verb(name="node_files", argument_spec=_SPEC, run=_run, local_paths=())
