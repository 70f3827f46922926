# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.changes import ABSENT, Change, changes
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.normal import normal
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.parse import parse


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("debug: true", "debug: true", []),
        ("debug: true", "debug: false", [Change("debug", True, False)]),
        ("", "debug: true", [Change("debug", ABSENT, True)]),
        ("port: 1", "port: true", [Change("port", 1, True)]),
        ("max_pending: 64MB", "", []),
        ("", "max_pending: 1MB", [Change("max_pending", 64 * 2**20, 2**20)]),
        (
            "cluster { name: c, port: 1 }",
            "cluster { name: d }",
            [Change("cluster.name", "c", "d"), Change("cluster.port", 1, ABSENT)],
        ),
        ("", "cluster { name: c }", [Change("cluster.name", ABSENT, "c")]),
        ("tls { timeout: 1 }", "", [Change("tls.timeout", 10**9, ABSENT)]),
    ],
)
def test_changes(old: str, new: str, found: list[Change]) -> None:
    assert list(changes(normal(parse(old)), normal(parse(new)))) == found


def test_a_block_that_comes_or_goes_as_a_whole_is_one_change() -> None:
    with_block, without = (normal(parse(text)) for text in ("leafnodes { tls { timeout: 1 } }", "leafnodes { }"))
    assert [change.path for change in changes(without, with_block)] == ["leafnodes.tls"]
    assert [change.path for change in changes(with_block, without)] == ["leafnodes.tls"]
    other = normal(parse("leafnodes { tls { timeout: 2 } }"))
    assert [change.path for change in changes(with_block, other)] == ["leafnodes.tls.timeout"]
