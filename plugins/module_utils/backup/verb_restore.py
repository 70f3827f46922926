# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb ``restore``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..client.connect import run as run_quietly
from ..plan.changes import Plan
from ..plan.folder import Folder
from ..plan.problems import Problems
from ..plan.verb import Outcome, Surroundings, Verb
from . import manifest as manifests
from . import putting as streams
from .archive import Archive, opened
from .keys import Secret
from .manifest import FileEntry, StreamEntry
from .putting import Putting, Wanted, check_fit, fitted, look, put_all, refuse
from .state import Putting as FolderPutting
from .state import check_sealed, plan_folder
from .taking import Choice
from .verb_backup import OPENING, STREAMS, choice_of, read_folders, read_members

_SPEC: Mapping[str, Any] = {**OPENING, **STREAMS, "replicas": {"type": "int"}}


def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Put folders or streams back; see the module's documentation."""
    problems = Problems()
    secret = Secret(params.get("passphrase"), surroundings.seal)
    if params["folders"] and params["servers"]:
        problems.add("servers", "is given beside folders: put the folders back, deploy, and then the streams")
    elif not params["folders"] and not params["servers"]:
        problems.add("folders", "is empty, and so is servers: say what is to be put back")
    if params.get("replicas") is not None and params["replicas"] < 1:
        problems.add("replicas", f"is {params['replicas']}: write 1 or more, or leave it out")
    problems.raise_if_any()
    with opened(params["archive"], secret, surroundings.progress) as archive:
        if params["folders"]:
            return _folders(params, archive, surroundings)
        return _streams(params, archive, surroundings)


def _folders(params: Mapping[str, Any], archive: Archive, surroundings: Surroundings) -> Outcome:
    problems = Problems()
    asked, held = read_folders(params, surroundings, problems), archive.manifest.folders
    if not len(problems) and not {*asked} & {*held}:
        problems.add(
            "folders", f"are not in the archive, which holds {', '.join(held) or 'streams alone'}: see its streams"
        )
    folders = {name: folder for name, folder in asked.items() if name in held}
    todo = [_plan(name, folder, archive, params["overwrite"], problems) for name, folder in folders.items()]
    problems.raise_if_any()
    if not surroundings.check_mode:
        for name, each in zip(folders, todo):
            with each.folder.locked():
                # Planned once more under the lock: what counts is what is there now.
                now = _plan(name, each.folder, archive, params["overwrite"], problems)
                problems.raise_if_any()
                each.folder.commit(now.changes)
    reasons = tuple(reason for each in todo for reason in each.reasons)
    changes = any(each.changes for each in todo)
    plan = Plan(reasons=reasons, touched=changes, after={"restored": reasons} if changes else {})
    warnings = [
        f"folders.{name}: is not in the archive, which holds {', '.join(held)}: {folder.root} is left as it is"
        for name, folder in asked.items()
        if name not in held and folder.names()
    ]
    return Outcome(plan, manifests.summary(archive.manifest), tuple(warnings))


def _plan(name: str, folder: Folder, archive: Archive, overwrite: bool, problems: Problems) -> FolderPutting:
    def content(entry: FileEntry) -> bytes:
        return b"".join(archive.content("file", entry.folder, entry.path))

    entries = [each for each in archive.manifest.files if each.folder == name]
    found, wrong = plan_folder(name, folder, entries, content, overwrite)
    problems.extend(wrong)
    check_sealed(name, folder, found, problems)
    return found


def _streams(params: Mapping[str, Any], archive: Archive, surroundings: Surroundings) -> Outcome:
    problems = Problems()
    access, who = read_members(params, surroundings, True, problems)
    by_name = {member.account: member for member in who}
    entries = [fitted(each, params.get("replicas")) for each in _chosen(choice_of(params), archive, problems)]
    for entry in entries:
        check_fit(entry, problems)
    for account in dict.fromkeys(each.account for each in entries):
        if account not in by_name and not len(problems):
            problems.add(f"streams.{account}", "is no account of the trust store: put the trust store back, and deploy")
    problems.raise_if_any()
    if access is None:
        raise AssertionError
    identity = archive.manifest.id
    wanted = run_quietly(look(entries, identity, by_name, access)) if entries else []
    wanted = [each.overwritten() if params["overwrite"] else each for each in wanted]
    refuse(wanted, params["overwrite"], bool(params["streams"]), problems)
    problems.raise_if_any()
    if not surroundings.check_mode:

        def content(entry: StreamEntry) -> Any:
            return archive.content("stream", entry.account, entry.name)

        run_quietly(put_all(Putting(access, identity, content, surroundings.progress), wanted))
    return _outcome(wanted, archive)


def _chosen(choice: Choice, archive: Archive, problems: Problems) -> list[StreamEntry]:
    found = {each.title: each for each in archive.manifest.streams}
    left = {f"{each.account}/{each.name}": each.reason for each in archive.manifest.left_out}
    for number, title in enumerate(choice.only):
        if title in left:
            problems.add(f"streams[{number}]", f"{title} was left out of the archive: {left[title]}")
    choice.check({*found, *left}, "in the archive, as aegis.nats.backup_info tells", problems)
    return [each for title, each in found.items() if choice.takes(title)]


def _outcome(wanted: Sequence[Wanted], archive: Archive) -> Outcome:
    todo = [each for each in wanted if not each.idle]
    reasons = [f"{each.entry.title}: {each.standing.value}{_about(each)}" for each in todo]
    values = {
        **manifests.summary(archive.manifest),
        "restored": [each.entry.title for each in todo],
        "unchanged": [each.entry.title for each in wanted if each.standing is streams.Standing.SAME],
        "in_use": [each.entry.title for each in wanted if each.standing is streams.Standing.LATER],
    }
    later = tuple(f"{title}: {streams.Standing.LATER.value}; overwrite goes back" for title in values["in_use"])
    before = {each.entry.title: each.standing.value for each in todo}
    after = {each.entry.title: f"as it was taken on {each.entry.taken}" for each in todo}
    plan = Plan(reasons=tuple(reasons), touched=bool(todo), before=before, after=after)
    return Outcome(plan, values, later)


def _about(wanted: Wanted) -> str:
    if wanted.standing is streams.Standing.OTHER:
        return f" ({'; '.join(wanted.why[:3])}): is deleted and restored"
    return f": {wanted.entry.state.get('messages', 0)} messages" if wanted.standing is streams.Standing.ABSENT else ""


VERB = Verb(
    name="restore",
    argument_spec=_SPEC,
    run=run,
    local_paths=("archive", "trust", "ca", "certificate", "key"),
)
