# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reload does with a change where the option alone does not tell, but its values or what is around it.

Everything else is in reload_table, which is generated: where a rule speaks, a measured row says nothing of the option.
"""

from __future__ import annotations

from collections.abc import Mapping

from .changes import ABSENT, WHOLE_BLOCKS, Change
from .show import has_password

# Of a JetStream that runs, these may only grow.
GROWING = frozenset({"jetstream.max_file_store", "jetstream.max_memory_store"})
_RELOADED_REMOTE = frozenset(("disabled", "tls", "compression"))
_ONE_FOR_ALL = frozenset(("authorization.token", "authorization.user", "authorization.password"))


def ruled(change: Change, before: Mapping[str, object], after: Mapping[str, object]) -> bool | None:
    """Whether the server takes the change, where a rule knows; None where it is a matter of the option."""
    if change.path in WHOLE_BLOCKS and (change.old is ABSENT or change.new is ABSENT):
        return False
    if change.path == "jetstream.store_dir":
        return not _jetstream(before) or (not _jetstream(after) and change.new is ABSENT)
    if change.path in GROWING:
        if not _jetstream(before):
            return True
        return None if _limit_reloadable(change, after) else False
    return None


def _limit_reloadable(change: Change, after: Mapping[str, object]) -> bool:
    """A limit may grow, and may go when JetStream goes."""
    if isinstance(change.old, int) and isinstance(change.new, int):
        return change.new > change.old
    return not _jetstream(after) and change.new is ABSENT


def _jetstream(config: Mapping[str, object]) -> bool:
    block = config.get("jetstream")
    return isinstance(block, Mapping) and block.get("enabled") is True


def trap(change: Change, before: Mapping[str, object], after: Mapping[str, object]) -> str | None:
    """Why a change that the server would take is still a restart."""
    if change.path == "syslog" and change.new is True:
        return "needs a restart: without a syslog socket a reload kills the server"
    if change.path == "cluster.routes":
        old = change.old if isinstance(change.old, list) else []
        new = change.new if isinstance(change.new, list) else []
        if any(has_password(route) for route in old if route not in new):
            return "needs a restart: a reload writes the removed route with its password into the log"
    if change.path in _ONE_FOR_ALL and change.old is ABSENT and _has_users(before) and not _has_users(after):
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
