# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a running server needs to take over another configuration: nothing, a reload, or a restart, and why.

A reload that the server refuses prints secrets into its log, and some reloads kill it: what is not known to be taken is
a restart. Reasons never hold a secret value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..decide import NONE, RELOAD, RESTART, Decision, combine
from .normal import normal
from .options import version_tuple
from .reload_table import ALWAYS, DEFAULTS, GROWING, NEVER, RELOADABLE, WHOLE_BLOCKS
from .show import has_password, shown

_RELOADED_REMOTE = frozenset(("disabled", "tls", "compression"))
_ONE_FOR_ALL = frozenset(("authorization.token", "authorization.user", "authorization.password"))
_RELOADED_FILES = frozenset(("cert_file", "key_file", "ca_file", "trusted_ca_file"))


class _Absent:
    """An option that is not there; also what it shows as."""


_ABSENT = _Absent()


@dataclass(frozen=True)
class _Change:
    path: str
    old: object
    new: object


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
    decisions = [_judged(change, before, after, release) for change in _changes(before, after, "")]
    named = dict(_files(after, ""))
    decisions += [_file(path, named[path]) for path in sorted(set(changed_files)) if path in named]
    return combine(decisions)


def _changes(old: Mapping[str, object], new: Mapping[str, object], path: str) -> Iterator[_Change]:
    for key in [*old, *(key for key in new if key not in old)]:
        here = f"{path}.{key}" if path else key
        default = DEFAULTS.get(here, _ABSENT)
        one, other = old.get(key, default), new.get(key, default)
        if one == other and type(one) is type(other):
            continue
        maps = [value for value in (one, other) if isinstance(value, Mapping)]
        absent = one is _ABSENT or other is _ABSENT
        if len(maps) == 2 or (len(maps) == 1 and absent and maps[0] and here not in WHOLE_BLOCKS):
            yield from _changes(
                one if isinstance(one, Mapping) else {}, other if isinstance(other, Mapping) else {}, here
            )
        else:
            yield _Change(here, one, other)


def _judged(
    change: _Change, before: Mapping[str, object], after: Mapping[str, object], release: tuple[int, ...]
) -> Decision:
    why = _trap(change, before, after)
    if why is None and not _reloadable(change, before, after, release):
        why = "needs a restart"
    words = f"{change.path} {_difference(change)}"
    if why is None:
        return Decision(RELOAD, (f"{words}: a reload takes it",))
    return Decision(RESTART, (f"{words}{' ' if ' -> ' in words else ': that '}{why}",))


def _reloadable(
    change: _Change, before: Mapping[str, object], after: Mapping[str, object], release: tuple[int, ...]
) -> bool:
    if change.path in WHOLE_BLOCKS and (change.old is _ABSENT or change.new is _ABSENT):
        return False
    if change.path in GROWING and not _limit_reloadable(change, before, after):
        return False
    if change.path == "jetstream.store_dir":
        return not _jetstream(before) or (not _jetstream(after) and change.new is _ABSENT)
    if change.path in GROWING and not _jetstream(before):
        return True
    since = _rule(change.path)
    return since != NEVER and (since == ALWAYS or version_tuple(since) <= release)


def _rule(path: str) -> str:
    while path:
        if path in RELOADABLE:
            return RELOADABLE[path]
        path = path.rpartition(".")[0]
    return NEVER


def _limit_reloadable(change: _Change, before: Mapping[str, object], after: Mapping[str, object]) -> bool:
    """A limit may grow, and may go when JetStream goes; a server without JetStream takes any."""
    if not _jetstream(before):
        return True
    if isinstance(change.old, int) and isinstance(change.new, int):
        return change.new > change.old
    return not _jetstream(after) and change.new is _ABSENT


def _jetstream(config: Mapping[str, object]) -> bool:
    block = config.get("jetstream")
    return isinstance(block, Mapping) and block.get("enabled") is True


def _trap(change: _Change, before: Mapping[str, object], after: Mapping[str, object]) -> str | None:
    """Why a change that the server would take is still a restart."""
    if change.path == "syslog" and change.new is True:
        return "needs a restart: without a syslog socket a reload kills the server"
    if change.path == "cluster.routes":
        old = change.old if isinstance(change.old, list) else []
        new = change.new if isinstance(change.new, list) else []
        if any(has_password(route) for route in old if route not in new):
            return "needs a restart: a reload writes the removed route with its password into the log"
    if change.path in _ONE_FOR_ALL and change.old is _ABSENT and _has_users(before) and not _has_users(after):
        # configureAuthorization of server/auth.go builds the users anew only where there are some.
        return "needs a restart: after a reload the users of before could still log in"
    if change.path == "leafnodes.remotes" and _remote_changed(change.old, change.new):
        return "needs a restart: of a remote that stays, only disabled, tls and compression can be reloaded"
    return None


def _has_users(config: Mapping[str, object]) -> bool:
    """Whether there are users with names or keys, of accounts or without."""
    authorization, accounts = config.get("authorization"), config.get("accounts")
    own = isinstance(authorization, Mapping) and bool(authorization.get("users"))
    listed = accounts.values() if isinstance(accounts, Mapping) else ()
    return own or any(isinstance(account, Mapping) and account.get("users") for account in listed)


def _remote_changed(old: object, new: object) -> bool:
    """Whether a remote that is in both lists changes in what a reload refuses."""
    olds, news = _blocks(old), _blocks(new)

    def kept(remote: Mapping[str, object]) -> dict[str, object]:
        return {key: value for key, value in remote.items() if key not in _RELOADED_REMOTE}

    return any(one.get("urls") == other.get("urls") and kept(one) != kept(other) for one in olds for other in news)


def _blocks(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _difference(change: _Change) -> str:
    old, new = (None if value is _ABSENT else value for value in (change.old, change.new))
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
