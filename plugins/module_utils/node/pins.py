# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public keys that a listener pins: digests, and certificates of the inventory by their names."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping
from typing import Any

DIGEST = re.compile(r"^[0-9a-f]{64}\Z")
#: A certificate by its name, or many by a pattern (``*/route``).
NAME = re.compile(r"^[A-Za-z0-9._*?-]+/[A-Za-z0-9._*?/-]+\Z")
#: Of a key that the run after a check makes; a list that it stands in is never empty, and nobody has this key.
TO_BE_MADE = "0" * 64


def resolve(wanted: Iterable[str], certificates: Mapping[str, Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """The digests, sorted, and the names for which there is no certificate.

    certificates: as aegis.nats.certificate returns them.
    """
    found: set[str] = set()
    unknown: list[str] = []
    for entry in wanted:
        if DIGEST.match(entry):
            found.add(entry)
            continue
        names = fnmatch.filter(certificates, entry)
        unknown += [] if names else [entry]
        for name in names:
            told = certificates[name]
            found.update(told.get("pins") or ())
            if not told.get("spki_sha256"):
                found.add(TO_BE_MADE)
    return sorted(found), unknown
