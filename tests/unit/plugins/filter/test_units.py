# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes and durations as filters."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.aegis.nats.plugins.filter.units import duration, size_bytes


def test_values() -> None:
    assert (size_bytes("1G"), size_bytes("1GiB"), size_bytes(5)) == (10**9, 2**30, 5)
    assert (duration("1d"), duration("90s"), duration("2w")) == ("24h", "1m30s", "336h")


def test_what_is_neither() -> None:
    with pytest.raises(AnsibleFilterError, match="'1X' is not a size"):
        size_bytes("1X")
    with pytest.raises(AnsibleFilterError, match="5 is not a duration"):
        duration(5)
