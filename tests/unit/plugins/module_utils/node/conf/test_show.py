# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes in words never hold a secret."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.show import has_password, is_secret, shown

SECRETS = [
    "accounts.APP.users",
    "authorization.password",
    "authorization.token",
    "authorization.users",
    "cluster.authorization.password",
    "default_sentinel",
    "gateway.authorization.pass",
    "jetstream.key",
    "jetstream.prev_encryption_key",
    "jetstream.tpm.srk_password",
    "leafnodes.authorization.nkey",
    "resolver_preload.AAA",
    "websocket.headers.Authorization",
]


@pytest.mark.parametrize("path", SECRETS)
def test_secrets_are_not_shown(path: str) -> None:
    assert is_secret(path)
    for old, new in (("hush", "hush2"), (None, "hush"), ("hush", None), (["hush"], ["hush2"]), (["hush"], None)):
        assert "hush" not in shown(path, old, new)


@pytest.mark.parametrize(
    ("path", "old", "new", "words"),
    [
        ("cluster.port", 6222, 6223, "6222 -> 6223"),
        ("debug", None, True, "unset -> true"),
        ("max_pending", 64 * 2**20, 128 * 2**20, "64MiB -> 128MiB"),
        ("max_payload", 1024, 1500, "1KiB -> 1500"),
        ("jetstream.max_file_store", None, 10**10, "unset -> 10G"),
        ("max_connections", 65536, 4096, "65536 -> 4096"),
        ("ping_interval", 10**9, None, "is removed"),
        ("ping_interval", 10**9, 120 * 10**9, "1s -> 2m"),
        ("tls.key_file", "/a", "/b", "/a -> /b"),
        ("server_tags", ["a", "b"], ["b", "c"], "adds c and removes a"),
        (
            "cluster.routes",
            ["tls://u:hush@n1:6222"],
            ["tls://u:hush@n2:6222"],
            "adds tls://n2:6222 and removes tls://n1:6222",
        ),
        ("x", "y" * 61, "z", "changes"),
        ("x", [{"password": "hush"}], [], "changes"),
        ("x", ["a", "b"], ["b", "a"], "changes"),
        ("x", None, {}, "is set"),
    ],
)
def test_words(path: str, old: object, new: object, words: str) -> None:
    assert shown(path, old, new) == words


def test_passwords_in_urls() -> None:
    assert has_password("tls://user:secret@n1:6222")
    assert not has_password("tls://user@n1:6222")
    assert not has_password("tls://n1:6222")
    assert not has_password(5)
