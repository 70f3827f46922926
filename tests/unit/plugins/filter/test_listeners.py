# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters as a role uses them."""

from __future__ import annotations

from ansible_collections.aegis.nats.plugins.filter.listeners import FilterModule

FILTERS = FilterModule().filters()


def test_files_keys_and_blocks_speak_of_the_same() -> None:
    certified = {"n1/mqtt": {"spki_sha256": "cd" * 32}}
    keys = FILTERS["listener_keys"](certified, "n1", "/etc/nats", {})
    blocks = FILTERS["listener_tls"]({}, "/etc/nats/current", keys, "host", {"min_version": "1.3"})
    (delivered,) = FILTERS["listener_files"](["mqtt"], "/pki/issued/n1", {}, "host")
    assert blocks["mqtt"]["cert_file"] == f"/etc/nats/current/{delivered['path']}"
    assert blocks["mqtt"]["key_file"] == f"/etc/nats/keys/mqtt-{'cd' * 8}/tls.key"
    assert blocks["mqtt"]["min_version"] == "1.3"
