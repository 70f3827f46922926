# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Further options end up in the block where they belong."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.extra import options_of

EXTRA = {
    "Cluster": {"ping_interval": "20s", "tls": {"insecure": False}, "authorization": {"x": 1}},
    "tls": {"ocsp_peer": True},
    "jetstream": {"limits": {"max_ha_assets": 1}},
    "authorization": {"proxy_required": True},
    "ws": {"port": 1, "tls": {"verify": True}},
    "prof_block_rate": 1,
}


@pytest.mark.parametrize(
    ("block", "options"),
    [
        ("", {"ws": {"port": 1, "tls": {"verify": True}}, "prof_block_rate": 1}),
        ("cluster", {"ping_interval": "20s"}),
        ("cluster.tls", {"insecure": False}),
        ("tls", {"ocsp_peer": True}),
        ("jetstream", {"limits": {"max_ha_assets": 1}}),
        ("authorization", {"proxy_required": True}),
        ("gateway", {}),
    ],
)
def test_each_option_has_one_place(block: str, options: dict[str, object]) -> None:
    assert options_of(EXTRA, block) == options
