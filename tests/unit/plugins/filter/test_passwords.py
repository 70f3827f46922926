# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters as Ansible gets them."""

from __future__ import annotations

from ansible_collections.aegis.nats.plugins.filter.passwords import FilterModule


def test_a_password_is_found_and_its_hash_put_there() -> None:
    filters = FilterModule().filters()
    said = {"users": [{"name": "a", "password": "one"}]}
    plain = filters["plain_passwords"](said)
    assert plain == {"users/a": "one"}
    assert filters["with_hashes"](said, {"users/a": "two"})["users"] == [{"name": "a", "password": "two"}]
