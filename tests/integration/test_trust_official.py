# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random trees, judged by the official library: it takes every token of ours, and refuses what we refuse.

AEGIS_TREES says how many (5000), AEGIS_SEED which; both are printed.

What "refuses what we refuse" means: a tree with a fault is signed as if ``trust`` had not refused it
(``tests/official/forced.py``). Then the library does not decode or validates with a blocking issue one of its tokens,
or what nsc and servers check between tokens fails; unless every problem that we told is in ``STRICTER``.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Optional

from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problem, Problems
from ansible_collections.aegis.nats.plugins.module_utils.trust import keys
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import KeyPair, Role
from ansible_collections.aegis.nats.plugins.module_utils.trust.plan import plan_tree
from ansible_collections.aegis.nats.plugins.module_utils.trust.rules import check_tree
from ansible_collections.aegis.nats.plugins.module_utils.trust.store import Existing
from ansible_collections.aegis.nats.plugins.module_utils.trust.tree import Tree, read_tree
from ansible_collections.aegis.nats.tests.official.forced import forced
from ansible_collections.aegis.nats.tests.official.official import ask, needs_judge
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.random_faults import TOGETHER, spoilt
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.random_trees import make
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import NOW

pytestmark = needs_judge

COUNT, SEED = int(os.environ.get("AEGIS_TREES", "5000")), int(os.environ.get("AEGIS_SEED", "20261123"))
BATCH = 250

# What we refuse and the library does not, on purpose: path, message, and why.
STRICTER: list[tuple[str, str, str]] = [
    (r"", r"is not known here", "a misspelt word would be left out in silence"),
    (r"\.users$", r"must be a list", "users are tokens of their own: none would be made"),
    (r"name$", r"is not a name|the name has|is also the name", "names are files of the store, on any file system"),
    (r"", r"stands twice", "of no meaning: the writer meant another"),
    (r"signing_keys(\[\d+\])?$", r"out of range|whole number|two numbers", "how many keys there are is no claim"),
    (r"signing_keys$", r"has none without a role", "no key could sign the user"),
    (r"users\[\d+\]\.public_key$", r"", "the library looks at the key of a user when it signs, not when it reads"),
    (r"\.role$", r"", "the library takes any text for a role, and never meets the role of a user"),
    (r"\.template\.", r"", "the library does not look into templates (signingkeys.go); servers refuse the users"),
    (r"\.(expires|renew_before|not_before)$", r"", "lifetimes are no claims: exp would be another than was meant"),
    (r"revocations\[\d+\]", r"", "the library takes any text for a key, any number for a time, and the last of two"),
    (r"imports\[\d+\]\.account$", r"", "the library takes any text for an account; servers find none"),
    (r"connection_types\[\d+\]$", r"", "the library takes any text; servers refuse the login"),
    (r"local_subject$", r"refers to \$0", "servers count from $1: the mapping fails when it is loaded"),
    (r"mappings\[\d+\]\.to$", r"is empty", "maps a subject to nothing: messages would be lost"),
    (r"mappings\[\d+\]\.subject$", r"is also mapped", "a claim is a map: one of the two would be left out"),
    (r"\.cluster$", r"", "the library takes any text for a cluster"),
    (r"", r'must be the last token|white space or a control|"queue"', "servers refuse such subjects"),
    (r"", r"at most 8192", "the library limits description and info_url only; more is a mistake"),
    (r"", r"UTF-8", "Go writes another character in its place"),
    (r"jetstream(_tiers\.\w+)?(\.\w+)?$", r"but (disk|memory) allows|switches JetStream off", "can't be used so"),
    (r"limits$", r"write one of them", "the library drops the flat limits in silence"),
    (r"(limits|responses|jetstream|R1|R3)\.\w+$", r"out of range", "below -1 is meant for something else"),
    (r"(sampling|weight)$", r"^0 is", "the library reads 0 as 100, or as headers"),
    (r"\.(ttl|response_threshold)$", r"5 is not a duration", "the library counts nanoseconds: 5 is none that is meant"),
    (r"tags\[\d+\]$", r"", "the library takes any text; nsc trims and drops them"),
    (r"service_urls\[\d+\]$", r"is not a service URL|has a path|8192", "the library asks for no host, allows a query"),
    (r"(info_url|_urls?(\[\d+\])?)$", r"is not a URL|not a service URL", "Go takes some that nobody can open"),
    (r"(allow|deny)\[\d+\]$", r"is also in deny", "deny wins: the line that allows it does nothing"),
    (r"\.times\[\d+\]$", r"starts when it ends", "nobody could ever log in"),
]


def read(raw: Mapping[str, Any]) -> tuple[Tree, list[Problem]]:
    problems = Problems()
    tree = read_tree(raw["operator"], raw.get("system_account"), raw["accounts"], problems)
    check_tree(tree, problems)
    return tree, list(problems)


class Mint:
    """Keys that come out the same for the same tree."""

    def __init__(self, number: int) -> None:
        self.number, self.made = number, 0

    def __call__(self, role: Role) -> KeyPair:
        self.made += 1
        return keys.make(role, hashlib.sha256(f"{self.number}/{self.made}".encode()).digest())


def no_seed(public_key: str) -> KeyPair:
    raise AssertionError(f"{public_key} is asked for, and the store is empty")


def planned(tree: Tree, number: int) -> list[str]:
    """The tokens that ``trust`` makes of a tree from nothing; tokens of revoked users aside."""
    found = plan_tree(Existing(), tree, int(NOW.timestamp()), Mint(number), no_seed)
    return [found.operator.text, *(each.text for each in (*found.accounts.values(), *found.users.values()))]


def answers(trees: list[list[str]]) -> list[list[dict[str, Any]]]:
    """Of each tree: what is said of each of its tokens, then of the whole."""
    told = ask(question for tree in trees for question in (*({"token": each} for each in tree), {"tree": tree}))
    found, at = [], 0
    for tree in trees:
        found.append(told[at : at + len(tree) + 1])
        at += len(tree) + 1
    return found


def faults(told: list[dict[str, Any]]) -> list[str]:
    return [
        fault
        for each in told
        for fault in (*filter(None, [each.get("error")]), *each.get("blocking", ()), *each.get("faults", ()))
    ]


def stricter(problem: Problem) -> Optional[int]:
    """The row of the table that a problem is in."""
    for row, (path, message, _why) in enumerate(STRICTER):
        if re.search(path, problem.path) and re.search(message, problem.message):
            return row
    return None


def numbers() -> range:
    print(f"AEGIS_SEED={SEED} AEGIS_TREES={COUNT}")
    return range(SEED * 100_000, SEED * 100_000 + COUNT // 2)


def test_the_library_accepts_every_token_that_we_sign() -> None:
    tokens = 0
    chosen = numbers()
    for start in range(0, len(chosen), BATCH):
        batch = chosen[start : start + BATCH]
        trees = []
        for number in batch:
            tree, problems = read(make(number))
            assert problems == [], (number, [str(each) for each in problems])
            trees.append(planned(tree, number))
        for number, told in zip(batch, answers(trees)):
            # Users that the random tree revokes are refused, as they have to be.
            found = [each for each in faults(told) if not each.endswith(": is revoked")]
            assert found == [], (number, found)
            assert all(each["same_bytes"] for each in told[:-1]), number
            tokens += len(told) - 1
    print(f"{len(chosen)} trees, {tokens} tokens")
    assert tokens > 5 * len(chosen)


def test_the_library_refuses_what_we_refuse() -> None:
    used: Counter[int] = Counter()
    wrong: dict[str, tuple[int, list[str]]] = {}
    refused = 0
    chosen = numbers()
    for start in range(0, len(chosen), BATCH):
        trees, problems = [], []
        for number in chosen[start : start + BATCH]:
            raw, told = spoilt(number, 1, 1 if number % 3 else 4)
            _tree, found = read(raw)
            assert found, (number, told)
            problems.append(found)
            trees.append(forced(raw))
        for number, found, said in zip(chosen[start : start + BATCH], problems, answers(trees)):
            rows = [stricter(each) for each in found]
            used.update(row for row in rows if row is not None)
            if faults(said):
                refused += 1
            elif None in rows:
                wrong[re.sub(r"\d+", "N", str(found[rows.index(None)]))] = number, [str(each) for each in found]
    print(f"{len(chosen)} trees, {refused} refused by the library, {len(chosen) - refused} by us alone")
    assert not wrong, "\n".join(f"{number}: {found}" for number, found in wrong.values())
    assert refused > len(chosen) // 3
    if len(chosen) >= 5 * len(TOGETHER):
        dead = [STRICTER[row] for row in range(len(STRICTER)) if not used[row]]
        assert not dead, dead
