# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters that bring certificates and the keys of hosts together."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.aegis.nats.plugins.filter.host_keys import FilterModule

filters = FilterModule().filters()
ENTRIES = [{"name": "n1/server", "key": "host", "key_type": "ecdsa-p256", "dns": ["n1"], "ip": []}]
KEY: dict[str, Any] = {
    "name": "server",
    "digest": "a" * 16,
    "made": 1.0,
    "request": "CSR",
    "key_type": "ecdsa-p256",
    "dns": ["n1"],
    "ip": [],
    "faults": [],
}


def test_what_is_due() -> None:
    wanted = filters["wanted_keys"](ENTRIES, "n1", {})
    assert wanted[0]["name"] == "server" and wanted[0]["dns"] == ["n1"]
    assert filters["keys_due"](wanted, []) == ["key server: made for the first time"]
    assert filters["keys_due"](wanted, [KEY]) == []


def test_keys_that_were_made_count_more_than_those_of_the_survey() -> None:
    hostvars = {
        "n1": {"nats_pki_host_keys": {"tls_keys": [KEY]}, "nats_server_survey": {"tls_keys": []}},
        "n2": {"nats_pki_host_keys": {"skipped": True}, "nats_server_survey": {"tls_keys": [KEY]}},
        "n3": {},
    }
    found = filters["host_keys"](["n1", "n2", "n3"], hostvars)
    assert found == {"n1": [KEY], "n2": [KEY]}
    assert [entry["csr"] for entry in filters["with_requests"](ENTRIES, found, {})] == ["CSR"]


def test_the_hosts_that_have_something_to_do() -> None:
    entries = [{**ENTRIES[0], "name": f"n{number}/server", "dns": [f"n{number}"]} for number in (1, 2, 3, 4)]
    hostvars = {
        "n1": {"nats_server_survey": {"tls_keys": [KEY]}},
        "n2": {"nats_server_survey": {"tls_keys": [KEY]}},  # its request is for other names
        "n3": {"nats_server_survey": {"tls_keys": []}},
        "n4": {},
        "n5": {"nats_server_survey": {"tls_keys": []}},
    }
    assert filters["hosts_due"](["n1", "n5"], hostvars, entries, {}) == []
    assert filters["hosts_due"](hostvars, hostvars, iter(entries), {}) == ["n2", "n3", "n4"]
    issued = {"n1/server": {"issued": True, "present_spki_sha256": KEY["digest"]}}
    assert filters["hosts_due"](["n1"], hostvars, entries, issued, True) == ["n1"]


def test_pins_by_name() -> None:
    pins = FilterModule().filters()["pins"]
    certificates = {"clients/app": {"spki_sha256": "b" * 64, "pins": ["b" * 64, "a" * 64]}}
    assert pins(["clients/*"], certificates) == ["a" * 64, "b" * 64]
    with pytest.raises(AnsibleFilterError, match="my_pins: no certificate that this run keeps is called clients/other"):
        pins(["clients/other"], certificates, "my_pins")
