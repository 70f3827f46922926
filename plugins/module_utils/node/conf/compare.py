# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a running server needs to take over another configuration: nothing, a reload, or a restart, and why.

A reload that the server refuses prints secrets into its log, and some reloads kill it: what is not known to be taken is
a restart. Reasons never hold a secret value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..decide import NONE, RELOAD, RESTART, Decision, combine
from .changes import ABSENT, Change, changes
from .normal import normal
from .options import version_tuple
from .reload_rules import ruled, trap
from .reload_table import ALWAYS, NEVER, RELOADABLE
from .show import shown

_RELOADED_FILES = frozenset(("cert_file", "key_file", "ca_file", "trusted_ca_file"))


def compare(
    old: Mapping[str, object],
    new: Mapping[str, object],
    version: str,
    changed_files: Iterable[str] = (),
) -> Decision:
    """What the server of ``version`` that runs ``old`` must do to run ``new``; both as parse gives them.

    changed_files: paths, as the configuration writes them, of files whose contents differ from what the server has
    read. Certificates and keys need a reload, the operator's JWT and whatever else the configuration names a restart;
    a file that the configuration does not name needs nothing. Raises ValueError for what is no version.
    """
    before, after = normal(old), normal(new)
    release = version_tuple(version)
    decisions = [_judged(change, before, after, release) for change in changes(before, after)]
    named = dict(_files(after, ""))
    decisions += [_file(path, named[path]) for path in sorted(set(changed_files)) if path in named]
    return combine(decisions)


def _judged(
    change: Change, before: Mapping[str, object], after: Mapping[str, object], release: tuple[int, ...]
) -> Decision:
    why = trap(change, before, after)
    if why is None and not _reloadable(change, before, after, release):
        why = "needs a restart"
    words = f"{change.path} {_difference(change)}"
    if why is None:
        return Decision(RELOAD, (f"{words}: a reload takes it",))
    return Decision(RESTART, (f"{words}{' ' if ' -> ' in words else ': that '}{why}",))


def _reloadable(
    change: Change, before: Mapping[str, object], after: Mapping[str, object], release: tuple[int, ...]
) -> bool:
    by_rule = ruled(change, before, after)
    if by_rule is not None:
        return by_rule
    since = _since(change.path)
    return since != NEVER and (since == ALWAYS or version_tuple(since) <= release)


def _since(path: str) -> str:
    while path:
        if path in RELOADABLE:
            return RELOADABLE[path]
        path = path.rpartition(".")[0]
    return NEVER


def _difference(change: Change) -> str:
    old, new = (None if value is ABSENT else value for value in (change.old, change.new))
    return shown(change.path, old, new)


def _files(config: object, path: str) -> Iterator[tuple[str, str]]:
    """Text that may be a path, and the option that it stands under."""
    if isinstance(config, Mapping):
        for key, value in config.items():
            yield from _files(value, f"{path}.{key}" if path else str(key))
    elif isinstance(config, list):
        for index, value in enumerate(config):
            yield from _files(value, f"{path}[{index}]")
    elif isinstance(config, str):
        yield config, path


def _file(file: str, option: str) -> Decision:
    if option.rpartition(".")[2] in _RELOADED_FILES:
        return Decision(RELOAD, (f"the file of {option} has new contents: a reload takes it",))
    return Decision(RESTART, (f"the file of {option} has new contents, which needs a restart",))


__all__ = ["NONE", "RELOAD", "RESTART", "Decision", "compare"]
