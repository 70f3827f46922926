# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``operator``, ``account``, ``user``: one entity of the tree in a store; everything else in it stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Callable

from ..plan.problems import Problems
from ..plan.verb import Outcome, Surroundings, Verb
from .carrying import CARRYING, LOCAL_PATHS
from .describe import tree_words
from .entities import Words, options, said, with_account, with_operator, with_user
from .fields import read
from .rules import check_account, check_tree, check_user
from .store import Store
from .tree import Account, Operator, Tree, User, read_tree
from .verb_trust import carry_out
from .verb_trust_info import the_operator

_STORE = {"path": {"type": "path", "required": True}, "seal": {"type": "bool"}}
_PART = {
    **_STORE,
    "operator": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
_EMPTY: Words = {"operator": {}, "system_account": None, "accounts": []}


def run_operator(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Make or keep an operator; a store that holds nothing yet gets its system account, too."""
    wanted = said(Operator, params)
    outcome = _carry_out(params, surroundings, wanted["name"], lambda tree: with_operator(tree, wanted))
    return _only(outcome, "operator", outcome.values["operator"], pending=outcome.values["pending"])


def run_account(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Make, keep or remove an account. Its users stay as they are when none are said."""
    wanted, present = said(Account, params), params["state"] == "present"
    problems = Problems()
    check_account(read(Account, wanted, "", problems), "", problems)
    problems.raise_if_any()
    outcome = _carry_out(params, surroundings, None, lambda tree: with_account(tree, wanted, present))
    found = [each for each in outcome.values["accounts"] if each["name"] == wanted["name"]]
    return _only(outcome, "account", found[0] if found else None)


def run_user(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Make, keep or remove a user. One that is removed is revoked in its account."""
    wanted, account, present = said(User, params), str(params["account"]), params["state"] == "present"
    problems = Problems()
    check_user(read(User, wanted, "", problems), "", problems)
    problems.raise_if_any()
    outcome = _carry_out(params, surroundings, None, lambda tree: with_user(tree, account, wanted, present))
    found = [each for each in outcome.values["users"] if (each["account"], each["name"]) == (account, wanted["name"])]
    owner = next((each for each in outcome.values["accounts"] if each["name"] == account), None)
    return _only(outcome, "user", found[0] if found else None, account=owner)


def _carry_out(
    params: Mapping[str, Any], surroundings: Surroundings, operator: object, change: Callable[[Words], Words]
) -> Outcome:
    def wanted(store: Store) -> Tree:
        name = operator or the_operator(store, params.get("operator"))
        existing = store.read(str(name))
        words = tree_words(existing, int(surroundings.now.timestamp())) if existing.operator else _EMPTY
        return _tree(change(words))

    purge = params.get("state") == "absent"
    paths = {name: params.get(name) for name in ("path", *LOCAL_PATHS)}
    return carry_out({**paths, "purge": purge}, surroundings, wanted)


def _tree(words: Words) -> Tree:
    problems = Problems()
    tree = read_tree(words["operator"], words["system_account"], words["accounts"], problems)
    check_tree(tree, problems)
    problems.raise_if_any()
    return tree


def _only(outcome: Outcome, name: str, value: Any, **more: Any) -> Outcome:
    return replace(outcome, values={name: value, **more})


OPERATOR = Verb(
    "operator", {**_STORE, **CARRYING, **options(Operator)}, run_operator, local_paths=("path", *LOCAL_PATHS)
)
ACCOUNT = Verb("account", {**_PART, **options(Account)}, run_account)
USER = Verb("user", {**_PART, "account": {"type": "str", "required": True}, **options(User)}, run_user)
