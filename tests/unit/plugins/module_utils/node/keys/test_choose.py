# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which key is used for a certificate, and what has to be done about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.keys.choose import (
    Choice,
    HostKey,
    WantedKey,
    choose,
    host_key,
    wanted_keys,
    with_requests,
)

WANTED = WantedKey("server", "ecdsa-p256", "n1", ("N1.example.com",), ("fd00:0::1",), digest="a" * 16)
OLD = HostKey("server", "a" * 16, 100.0, "REQUEST A", "ecdsa-p256", ("n1.example.com",), ("fd00::1",))
NEW = replace(OLD, digest="b" * 16, made=200.0, request="REQUEST B")
OTHER = replace(OLD, name="route", digest="c" * 16)
ENTRIES = [
    {"name": "n1/server", "key": "host", "key_type": "ecdsa-p256", "dns": ["n1.example.com"], "ip": ["fd00::1"]},
    {"name": "n2/server", "key": "host", "dns": ["n2.example.com"]},
    {"name": "clients/app", "profile": "client"},
]


def said(choice: Choice) -> tuple[Any, list[str]]:
    return choice.key and choice.key.digest[0], [reason.partition(": ")[2] for reason in choice.reasons]


@pytest.mark.parametrize(
    ("changes", "keys", "expected"),
    [
        ({"digest": ""}, [], (None, ["made for the first time"])),
        ({"digest": ""}, [OTHER], (None, ["made for the first time"])),
        ({}, [OTHER], (None, ["none is on this host"])),
        ({}, [OLD], ("a", [])),
        ({}, [OLD, NEW], ("a", [])),
        ({"digest": ""}, [OLD, NEW], ("b", [])),
        ({"digest": "f" * 16}, [OLD], ("a", [])),
        ({"renew": True}, [OLD], (None, ["a new one for the certificate that is due"])),
        ({"renew": True}, [OLD, NEW], ("b", [])),
        ({"renew": True, "digest": "b" * 16}, [OLD, NEW], (None, ["a new one for the certificate that is due"])),
        ({"key_type": "ed25519"}, [OLD], (None, ["key type ecdsa-p256 becomes ed25519"])),
        ({"key_type": "ed25519"}, [OLD, replace(NEW, key_type="ed25519")], ("b", [])),
        ({"key_type": "ed25519", "digest": ""}, [OLD], (None, ["none of those that are there is ed25519"])),
        ({"dns": ("n1.example.com", "x")}, [OLD], ("a", ["its request is for other names"])),
        ({}, [replace(OLD, request=None, key_type=None)], ("a", ["its request is missing or another key's"])),
        ({}, [replace(OLD, faults=("mode 0644 becomes 0600",))], ("a", ["mode 0644 becomes 0600"])),
    ],
)
def test_choices(changes: dict[str, Any], keys: list[HostKey], expected: tuple[Any, list[str]]) -> None:
    assert said(choose(replace(WANTED, **changes), keys)) == expected
    assert said(choose(replace(WANTED, **changes), keys[::-1])) == expected


def test_a_request_for_other_names_is_not_handed_on() -> None:
    assert choose(WANTED, [OLD]).request == "REQUEST A"
    assert choose(replace(WANTED, dns=("x",)), [OLD]).request is None
    assert choose(replace(WANTED, renew=True), [OLD]).request is None


def test_a_key_survives_the_way_through_a_task() -> None:
    assert host_key(OLD.as_dict()) == OLD
    assert "REQUEST" not in repr(OLD)


def test_the_keys_that_a_host_must_have() -> None:
    known = {"n1/server": {"issued": True, "present_spki_sha256": "a" * 64}, "n2/server": {"issued": True}}
    (first,) = wanted_keys(ENTRIES, "n1", known, rotate=True)
    assert (first.name, first.digest, first.renew, first.dns) == ("server", "a" * 16, True, ("n1.example.com",))
    (kept,) = wanted_keys(ENTRIES, "n1", known, rotate=False)
    assert not kept.renew
    assert wanted_keys(ENTRIES, "clients", known, rotate=True) == []


def test_entries_with_their_requests() -> None:
    known = {"n1/server": {"issued": False, "present_spki_sha256": "a" * 64}}
    found = with_requests(ENTRIES, {"n1": [OLD.as_dict()]}, known, rotate=True)
    assert [(entry["name"], entry.get("csr")) for entry in found] == [("n1/server", "REQUEST A"), ("clients/app", None)]
    renamed = [{**ENTRIES[0], "dns": ["n1.example.com", "x"]}]
    kept = with_requests(renamed, {"n1": [OLD.as_dict()]}, known, rotate=True)
    assert kept[0]["csr"] == "pending:" + "a" * 64
    both = with_requests(ENTRIES, {"n1": [OLD.as_dict()], "n2": []}, known, rotate=True)
    assert [entry.get("csr") for entry in both] == ["REQUEST A", "pending", None]
