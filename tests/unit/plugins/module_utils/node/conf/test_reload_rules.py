# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which changes a rule decides, and how; that each is what servers do is held by test_reload_table."""

from __future__ import annotations

from typing import Optional

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.changes import changes
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.normal import normal
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.parse import parse
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.reload_rules import ruled, trap

ON = 'jetstream { store_dir: "/a"%s }'
OFF = "jetstream: off"


def found(old: str, new: str) -> list[tuple[str, Optional[bool], bool]]:
    """Option, what a rule says of it, and whether it is a trap."""
    before, after = normal(parse(old)), normal(parse(new))
    return [
        (change.path, ruled(change, before, after), trap(change, before, after) is not None)
        for change in changes(before, after)
    ]


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("debug: true", "debug: false", [("debug", None, False)]),
        ("", 'proxies { trusted: [ { key: "K" } ] }', [("proxies", False, False)]),
        (ON % "", ON.replace("/a", "/b") % "", [("jetstream.store_dir", False, False)]),
        (OFF, ON % "", [("jetstream.enabled", None, False), ("jetstream.store_dir", True, False)]),
        (ON % "", OFF, [("jetstream.store_dir", True, False), ("jetstream.enabled", None, False)]),
        (ON % ", max_file: 1", ON % ", max_file: 2", [("jetstream.max_file_store", None, False)]),
        (ON % ", max_file: 2", ON % ", max_file: 1", [("jetstream.max_file_store", False, False)]),
        (ON % "", ON % ", max_mem: 1", [("jetstream.max_memory_store", False, False)]),
        ("syslog: false", "syslog: true", [("syslog", None, True)]),
        ("syslog: true", "syslog: false", [("syslog", None, False)]),
        (
            'cluster { routes: ["nats://r:x@a:1"] }',
            'cluster { routes: ["nats://r:x@b:1"] }',
            [("cluster.routes", None, True)],
        ),
        ('cluster { routes: ["nats://a:1"] }', "cluster { routes: [] }", [("cluster.routes", None, False)]),
        (
            'leafnodes { remotes: [ { url: "nats://a:1" } ] }',
            'leafnodes { remotes: [ { url: "nats://a:1", hub: true } ] }',
            [("leafnodes.remotes", None, True)],
        ),
    ],
)
def test_rules(old: str, new: str, wanted: list[tuple[str, Optional[bool], bool]]) -> None:
    assert found(old, new) == wanted
