# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``trust_adopt``: a store of nsc, or any other, taken over into one of ours."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..plan.changes import FileChange, Plan
from ..plan.errors import StoreError
from ..plan.folder import Folder
from ..plan.verb import Outcome, Surroundings, Verb
from .adoption import Source, gather, has_operator, lacking, made_creds, named_keys, newer, taken
from .describe import remarks, tree_words
from .store import Existing, Store, seed_path

ARGUMENTS = {
    "source": {"type": "path"},
    "keys": {"type": "list", "elements": "path", "default": [], "no_log": False},
    "operator": {"type": "str"},
    "path": {"type": "path", "required": True},
    "seal": {"type": "bool"},
}


def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Take over what is not there yet. The source is never written to."""
    stores, places = _places(params)
    operator = _operator(stores, params.get("operator"))
    source = Source(stores.parent, surroundings.seal, gather(stores, places, operator))
    theirs = Store(source).read(operator)
    folder = Folder(str(params["path"]), surroundings.seal)
    _refuse_the_same(folder, stores)
    with folder.locked(check_mode=surroundings.check_mode):
        ours = Store(folder).read(operator)
        if has_operator(folder, operator):
            changes, reasons, warnings = _more(source, theirs, ours, operator)
        else:
            changes, reasons = _all(source, theirs, stores, operator)
            warnings = ()
            ours = theirs
        if not surroundings.check_mode:
            folder.commit(changes)
    after = replace(ours, seeds=ours.seeds | {Path(each.path).stem for each in changes if each.path.endswith(".nk")})
    values = {
        "operator": operator,
        "source": str(stores),
        "tree": tree_words(after, int(surroundings.now.timestamp())),
        "missing": lacking(after, operator),
    }
    return Outcome(Plan(tuple(changes), tuple(reasons)), values, (*warnings, *remarks(after)))


def _all(source: Source, theirs: Existing, stores: Path, operator: str) -> tuple[Sequence[FileChange], tuple[str, ...]]:
    """Everything of an operator; of seeds that no token names, too, unless they may be another operator's."""
    alone = len(_operators(stores)) == 1
    seeds = set(theirs.seeds) if alone else named_keys(theirs) & theirs.seeds
    made = made_creds(source, theirs, operator)
    changes = taken(source, theirs, operator, seeds, made)
    users = sum(len(each.users) for each in theirs.accounts.values())
    counted = f"{len(theirs.accounts)} accounts, {users} users, {len(seeds)} seeds"
    reason = f"operator {operator} is taken over from {stores}: {counted}"
    return changes, (reason, f"{len(made)} creds files are written from their users' seeds") if made else (reason,)


def _more(
    source: Source, theirs: Existing, ours: Existing, operator: str
) -> tuple[Sequence[FileChange], tuple[str, ...], tuple[str, ...]]:
    """What an operator that was taken over lacks: seeds. Its tokens are ours by now."""
    found = sorted((named_keys(ours) - ours.seeds) & theirs.seeds)
    changes = [FileChange(seed_path(each), source.opened(seed_path(each)), secret=True) for each in found]
    changes += made_creds(source, ours, operator)
    reasons = [f"the seed of {each} was missing, is taken over" for each in found]
    reasons += [f"{each.path} was missing, is written" for each in changes[len(found) :]]
    later = newer(theirs, ours)
    if not later:
        return changes, tuple(reasons), ()
    warning = (
        f"the source differs from what was taken over, and is left aside: {', '.join(later)}. A store has one keeper: "
        "say it in the tree, or use nsc on the store that was taken over"
    )
    return changes, tuple(reasons), (warning,)


def _places(params: Mapping[str, Any]) -> tuple[Path, tuple[Path, ...]]:
    """The folder of the operators' stores, and those of seeds and creds: what is said, or where nsc has them."""
    data = Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser() / "nats/nsc"
    said = [Path(str(each)) for each in params.get("keys") or ()]
    if params.get("source"):
        given = Path(str(params["source"]))
        candidates, places = [given / "stores", given / "nsc/stores", given / "nats", given], [given]
    else:
        candidates, places = [*_configured(), data / "stores"], [data / "keys"]
        places += [Path(each) for each in (os.environ.get("NKEYS_PATH"),) if each]
    for each in (*said, *([Path(str(params["source"]))] if params.get("source") else [])):
        if not each.is_dir():
            raise StoreError(f"{each}: is no folder")
    stores = next((each for each in candidates if each.is_dir() and _operators(each)), None)
    if stores is None:
        looked = ", ".join(str(each) for each in candidates)
        raise StoreError(f"there is no store of nsc: no operator in {looked}. Say with source where it is")
    return stores, tuple(each for each in (*said, *places) if each.is_dir())


def _configured() -> list[Path]:
    """The folder that nsc was told to keep its stores in."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser()
    try:
        found = json.loads((home / "nats/nsc/nsc.json").read_bytes()).get("store_root")
    except (OSError, ValueError, AttributeError):
        return []
    return [Path(found)] if isinstance(found, str) and found else []


def _operators(stores: Path) -> list[str]:
    return sorted(each.name for each in stores.iterdir() if (each / f"{each.name}.jwt").is_file())


def _operator(stores: Path, said: object) -> str:
    found = _operators(stores)
    if said and str(said) not in found:
        raise StoreError(f"{stores}: there is no operator {said}, but {', '.join(found)}")
    if not said and len(found) > 1:
        raise StoreError(f"{stores}: holds the operators {', '.join(found)}: name one of them")
    return str(said or found[0])


def _refuse_the_same(folder: Folder, stores: Path) -> None:
    own, theirs = folder.root.resolve(), stores.resolve()
    if own == theirs or own in theirs.parents or theirs in own.parents:
        raise StoreError(
            f"{folder.root}: is the source itself, or lies in it: to use that store as it is, give it to trust as path"
        )


VERB = Verb("trust_adopt", ARGUMENTS, run, local_paths=("path", "source"))
