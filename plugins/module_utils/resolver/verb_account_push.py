# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb ``account_push``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..client import libraries
from ..client.access import REACHING, Access, read_access, read_login
from ..plan.folder import Folder
from ..plan.problems import Problems
from ..plan.verb import Outcome, Surroundings, Verb
from .plan import read_removed, read_wanted
from .push import Order, Pushed, foresee, run_push
from .servers import Expected
from .signer import Signer

_ACCOUNT = {
    "name": {"type": "str", "required": True},
    "public_key": {"type": "str", "required": True, "no_log": False},
    "jwt": {"type": "str", "required": True},
    "system": {"type": "bool", "default": False},
}
_REMOVED = {
    "name": {"type": "str", "required": True},
    "public_key": {"type": "str", "required": True, "no_log": False},
}
_SPEC: Mapping[str, Any] = {
    **REACHING,
    "expect": {"type": "list", "elements": "str"},
    "expect_count": {"type": "int"},
    "allow_missing": {"type": "bool", "default": False},
    "caching": {"type": "list", "elements": "str", "default": []},
    "coming": {"type": "list", "elements": "str", "default": []},
    "creds": {"type": "path", "required": True},
    "accounts": {"type": "list", "elements": "dict", "required": True, "options": _ACCOUNT},
    "removed_accounts": {"type": "list", "elements": "dict", "default": [], "options": _REMOVED},
    "path": {"type": "path"},
    "operator_keys": {"type": "list", "elements": "str", "required": True, "no_log": False},
    "timeout": {"type": "float", "default": 10.0},
}


def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Compare, push and confirm; see the module's documentation."""
    libraries.require()
    problems = Problems()
    asked = not surroundings.check_mode or bool(params.get("expect") or params.get("expect_count"))
    # While nobody can be asked, the creds and certificates may still have to be made.
    access = _access(params, surroundings, problems) if asked else None
    expected = _expected(params, surroundings.check_mode, problems)
    wanted = read_wanted(params["accounts"], params["operator_keys"], surroundings.now, problems)
    removed = read_removed(params.get("removed_accounts") or (), wanted, problems)
    problems.raise_if_any()
    store = Folder(params["path"], surroundings.seal) if params.get("path") else None
    signer = Signer(store, tuple(params["operator_keys"]), int(surroundings.now.timestamp()))
    order = Order(expected, wanted, removed, signer)
    done = run_push(access, order, surroundings.check_mode) if access else foresee(order)
    return Outcome(done.plan, _values(done), _warnings(done))


def _values(done: Pushed) -> dict[str, Any]:
    return {
        "pushed": list(done.accounts),
        "servers": list(done.servers),
        "missing": list(done.missing),
        "confirmed": {name: list(servers) for name, servers in done.confirmed.items()},
        "deleted": list(done.deleted),
        "closed": list(done.closed),
        "strangers": [{"name": name, "public_key": key} for key, name in done.strangers.items()],
    }


def _warnings(done: Pushed) -> tuple[str, ...]:
    found: list[str] = []
    if done.missing:
        found.append(
            f"not there: {', '.join(done.missing)}. The others have everything; run this again once it is back: it may "
            "let in whom it let in before"
        )
    if done.strangers:
        names = ", ".join(sorted(name or key for key, name in done.strangers.items()))
        found.append(
            f"servers hold accounts that are not among those given: {names}. They are left alone: only what the tree "
            "had, and purge: true removed, is deleted"
        )
    return tuple(found)


def _access(params: Mapping[str, Any], surroundings: Surroundings, problems: Problems) -> Access:
    access = read_access(params, surroundings.seal, problems)
    return replace(access, login=read_login(params["creds"], "creds", surroundings.seal, problems))


def _expected(params: Mapping[str, Any], check_mode: bool, problems: Problems) -> Expected:
    names = tuple(dict.fromkeys(params.get("expect") or ()))
    count = params.get("expect_count") or 0
    coming = tuple(dict.fromkeys(params.get("coming") or ()))
    if not names and count < 1 and not (check_mode and coming):
        where = "expect" if params.get("expect") is not None else "expect_count"
        problems.add(where, "says that no server must answer: name the servers, or give a number above 0")
    caching = tuple(params.get("caching") or ())
    for at, name in enumerate(names):
        if name in caching:
            problems.add(
                f"expect[{at}]", f"{name} is in caching too: it can't be expected to hold what nobody asked it for"
            )
    return Expected(names, count, coming, bool(params.get("allow_missing")), caching)


VERB = Verb(
    name="account_push",
    argument_spec=_SPEC,
    run=run,
    constraints={"mutually_exclusive": [["expect", "expect_count"]], "required_one_of": [["expect", "expect_count"]]},
    local_paths=("path", "creds", "ca", "certificate", "key"),
)
