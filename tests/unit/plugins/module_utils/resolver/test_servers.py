# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who must answer, and what refusals mean; what servers really say is tested in tests/integration."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.resolver.plan import Held
from ansible_collections.aegis.nats.plugins.module_utils.resolver.servers import (
    Expected,
    Incomplete,
    _refuse_deletion,
    is_shut,
    list_accounts,
    sentence,
    with_use,
)
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.tests.integration.live_cluster import Tree, new_key

TREE, KEYS = Tree(), new_key(Role.ACCOUNT)


def test_expected_by_name() -> None:
    expected = Expected(("n1", "n2", "n3"))
    assert expected.met_by(["n3", "n2", "n1"]) and expected.met_by(["n1", "n2", "n3", "n4"])
    assert not expected.met_by(["n1", "n2", "n4"])
    assert expected.missing(["n1", "n4"]) == ("n2", "n3") and expected.missing(["n1", "n2", "n3", "n4"]) == ()
    assert expected.shortfall(["n1", "n4"]) == "2 of 3 servers answered (n1, n4), missing: n2, n3"


def test_expected_by_number() -> None:
    expected = Expected((), 2)
    assert expected.met_by(["a", "b"]) and not expected.met_by(["a"])
    assert expected.missing(["a"]) == ("1 of 2 servers",) and expected.missing(["a", "b", "c"]) == ()
    assert expected.shortfall([]) == "0 of 2 servers answered (none)"


def test_a_server_that_lacks_an_account_refuses_nothing() -> None:
    _refuse_deletion({"n1": "deleted 1 accounts, failed for 1"})
    _refuse_deletion({})


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("delete must be enabled in server config", "nats_server_resolver_allow_delete: true"),
        ("not trusted", "does not trust the key"),
        ("not allowed to delete system account", "not allowed to delete system account"),
    ],
)
def test_a_refusal_to_delete_names_the_server_and_what_to_do(why: str, words: str) -> None:
    with pytest.raises(Incomplete, match=f"n2: .*{words}"):
        _refuse_deletion({"n2": why})


def test_many_lines_are_cut() -> None:
    text = sentence("wrong", [str(number) for number in range(25)])
    assert text.count("\n") == 21 and text.endswith("and 5 more")


class Late:
    """A conversation in which n2 is routed only once it has been asked; a question that came too early stays open."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    async def ask(self, _requests: Any, _count: int, _linger: float, silence: float) -> list[list[bytes]]:
        names = ["n1", "n2"] if self.waited else ["n1"]
        self.waited.append(silence)
        return [[json.dumps({"server": {"name": name}, "data": ["A1"]}).encode() for name in names]]


def test_a_server_that_is_routed_a_moment_later_is_asked_again_in_time() -> None:
    talk: Any = Late()
    listed = asyncio.run(list_accounts(talk, Expected(("n1", "n2")), patience=8.0))
    assert set(listed) == {"n1", "n2"}
    assert talk.waited == [1.0, 2.0]


def test_an_account_that_expired_in_a_server_is_shut() -> None:
    assert is_shut([{"expired": False}, {"expired": True}])
    assert not is_shut([{"expired": False}, {}]) and not is_shut([])


def test_what_servers_go_by_counts_not_what_they_have() -> None:
    old, new = (TREE.account_jwt(KEYS, "SYS", issued=issued) for issued in (100, 200))
    found = with_use(Held(("n3",)), [{"jwt": old}, {"jwt": new}], 3)
    assert [copy.issued for copy in found.copies] == [100, 200]
    assert found.missing == ("n3",) and found.unread == 0
    assert with_use(Held(()), [{"jwt": old}, {"jwt": ""}, {}], 3).unread == 2
