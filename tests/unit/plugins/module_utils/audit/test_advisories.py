# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Known flaws by version, held against what the NATS project has published."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit.advisories import ADVISORIES, of_version

ALL = ("client", "leafnode", "websocket", "mqtt")


def ids(version: str, *kinds: str) -> set[str]:
    return {advisory.id for advisory in of_version(version, kinds or ALL)}


@pytest.mark.parametrize(
    ("version", "has", "has_not"),
    [
        ("2.10.26", "CVE-2025-30215", "CVE-2023-47090"),
        ("2.10.27", "CVE-2026-33223", "CVE-2025-30215"),
        ("2.11.0", "CVE-2025-30215", "CVE-2023-46129"),
        ("2.12.5", "CVE-2026-33223", "CVE-2026-27889"),
        ("2.12.6", "GHSA-38x3-76xf-cq45", "CVE-2026-33223"),
        ("2.11.17", "GHSA-q59r-vq66-pxc2", "GHSA-3g5q-cfh2-cq67"),
        ("2.14.2", "GHSA-q59r-vq66-pxc2", "GHSA-g33f-6538-grxh"),
        ("v2.9.22", "CVE-2023-47090", "CVE-2023-46129"),
    ],
)
def test_versions(version: str, has: str, has_not: str) -> None:
    found = ids(version)
    assert has in found and has_not not in found


@pytest.mark.parametrize("version", ["2.14.3", "2.15.1", "2.12.12", "3.0.0"])
def test_versions_without_a_flaw(version: str) -> None:
    assert not ids(version)


def test_only_what_listens_is_concerned() -> None:
    assert "CVE-2026-33218" in ids("2.12.5", "leafnode")
    assert "CVE-2026-33218" not in ids("2.12.5", "client", "websocket")
    assert not {"CVE-2026-33216", "CVE-2026-33219"} & ids("2.12.5", "client")


def test_what_is_no_version() -> None:
    with pytest.raises(ValueError, match="is not a version"):
        of_version("unknown", ALL)


def test_the_list() -> None:
    names = [advisory.id for advisory in ADVISORIES]
    assert len(set(names)) == len(names)
    for advisory in ADVISORIES:
        assert advisory.concerns in ("", *ALL) and list(advisory.fixed) == sorted(advisory.fixed)
        assert all(fixed > advisory.since for fixed in advisory.fixed)
