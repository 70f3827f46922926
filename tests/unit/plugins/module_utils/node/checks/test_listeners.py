# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listeners of nats_server_extra_config and the certificates that they name."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node import listeners as delivery
from ansible_collections.aegis.nats.plugins.module_utils.node.checks import listeners
from ansible_collections.aegis.nats.plugins.module_utils.node.checks.reader import Reader
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.checks.reading import reads

BLOCKS = delivery.blocks("/etc/nats/current", {}, {}, keys="controller", options={"min_version": "1.3"})


def checked(extra: dict[str, Any], *profiles: str, **more: Any) -> Reader:
    known = {"extra_config": extra, "config_dir": "/etc/nats", "nats_pki_profiles": list(profiles)}
    return reads(listeners.check)({**known, **more})


def told(reader: Reader) -> list[str]:
    return [f"{problem.path}: {problem.message}" for problem in reader.problems]


@pytest.mark.parametrize(
    ("extra", "profiles", "problem"),
    [
        ({"websocket": {"tls": BLOCKS["websocket"]}}, ["server", "websocket"], ""),
        ({"websocket": {"tls": {"cert_file": "/own/ws.crt"}}}, ["server"], ""),
        ({"websocket": {"no_tls": True}}, ["server"], ""),
        ({"ws": {"tls": BLOCKS["websocket"]}}, ["server"], "nats_server_extra_config.ws.tls: names the certificate of"),
        ({"mqtt": {"tls": BLOCKS["mqtt"]}}, [], "add mqtt to nats_pki_profiles"),
        (
            {"leafnodes": {"remotes": [{"url": "tls://hub:7422", "tls": BLOCKS["leafnode"]}]}},
            ["mqtt"],
            "nats_server_extra_config.leafnodes.remotes[0].tls: names the certificate of the profile leafnode",
        ),
        (
            {"gateway": {"tls": BLOCKS["websocket"]}},
            ["websocket"],
            "nats_server_extra_config.gateway.tls: shows the certificate of the profile websocket to servers",
        ),
        (
            {"leafnodes": {"remotes": [{"tls": BLOCKS["mqtt"]}]}},
            ["mqtt"],
            "write nats_server_tls_blocks.leafnode",
        ),
        ({"leafnodes": {"tls": BLOCKS["mqtt"]}}, ["mqtt"], ""),
    ],
)
def test_a_block_names_what_is_delivered_and_good_for_it(
    extra: dict[str, Any], profiles: list[str], problem: str
) -> None:
    found = told(checked(extra, *profiles))
    assert len(found) == bool(problem)
    assert not problem or problem in found[0]


def test_own_files_are_delivered_too() -> None:
    extra = {"websocket": {"tls": BLOCKS["websocket"]}}
    assert told(checked(extra, tls_files={"websocket_certificate": "/own/ws.crt"})) == []


def test_the_profile_monitoring_stays_on_the_controller() -> None:
    (warning,) = checked({}, "server", "monitoring").warnings
    assert warning.path == "nats_server_tls_blocks"
    assert "https with the certificate of the client port" in warning.message
