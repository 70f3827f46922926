# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of ssh for a host of the inventory; that ssh takes them is tested in tests/integration."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Optional

import pytest
from ansible_collections.aegis.nats.plugins.plugin_utils.ssh_way import ssh_way


def way(
    host: str = "n1", connection: Optional[str] = None, user: Optional[str] = None, **variables: Any
) -> dict[str, Any]:
    task = SimpleNamespace(connection=connection, remote_user=user)
    known = {"inventory_hostname": "n1", **variables}
    return ssh_way(host, task, {"hostvars": {"n1": known}})


def test_the_settings_of_the_host_become_words() -> None:
    found = way(
        ansible_host="192.0.2.9",
        ansible_port=2222,
        ansible_user="admin",
        ansible_ssh_private_key_file="/keys/of n1",
        ansible_ssh_common_args="-o ProxyJump=edge",
        ansible_ssh_extra_args="-4",
        ansible_host_key_checking=False,
    )
    words = found["command"]
    assert found["address"] == "192.0.2.9" and words[0] == "ssh" and words[-3:] == ["-o", "ProxyJump=edge", "-4"]
    for setting in (
        "Port=2222",
        'User="admin"',
        'IdentityFile="/keys/of n1"',
        "BatchMode=yes",
        "StrictHostKeyChecking=no",
    ):
        assert words[words.index(setting) - 1] == "-o"


def test_without_settings_ssh_is_left_to_its_own() -> None:
    found = way(user="deploy")
    text = " ".join(found["command"])
    assert found["address"] == "n1" and 'User="deploy"' in text and "IdentityFile" not in text and "Port" not in text
    assert "StrictHostKeyChecking" not in text


@pytest.mark.parametrize(
    ("connection", "variables", "words"),
    [
        ("local", {}, "n1 is reached by local, not by ssh"),
        ("ssh", {"ansible_connection": "community.docker.docker"}, "reached by community.docker.docker"),
        ("ssh", {"ansible_password": "secret"}, "with a password"),
    ],
)
def test_what_can_t_be_a_tunnel(connection: str, variables: dict[str, Any], words: str) -> None:
    found = way(connection=connection, **variables)
    assert words in found["problem"] and "secret" not in str(found)


def test_a_host_that_is_not_in_the_inventory() -> None:
    assert "'n7' is no host of the inventory" in way("n7")["problem"]
