# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file says whose it is, stays short, and names nothing that is only here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.meta.repository import ROOT, below, files, text

LICENSED = {".py", ".sh", ".yml", ".toml", ".cfg"}
# Rooms that would take in anything.
FORBIDDEN = re.compile(r"(^|/)(utils|helpers|common|manager|misc)(\.py|\.yml|/|$)")


@pytest.mark.parametrize("path", [path for path in files() if path.suffix in LICENSED], ids=str)
def test_spdx(path: Path) -> None:
    assert "SPDX-License-Identifier: GPL-3.0-or-later" in "\n".join(text(path).splitlines()[:8])


@pytest.mark.parametrize("path", below("plugins", ".py"), ids=str)
def test_plugins_stay_short(path: Path) -> None:
    assert len(text(path).splitlines()) <= 350


def test_each_room_is_named_for_what_it_is_about() -> None:
    assert not [path for path in files() if FORBIDDEN.search(str(path))]


def test_nothing_here_is_named_for_one_machine() -> None:
    """Addresses of private registries and folders of the author's machine do not belong into a project."""
    local = re.compile(r"(/work/|/tmp/probe|/root/|index-url|extra-index-url|10\.255\.)")
    found = []
    for path in files():
        if path == Path(__file__).resolve().relative_to(ROOT) or "vectors" in path.parts:
            continue
        try:
            lines = text(path).splitlines()
        except UnicodeDecodeError:
            continue
        found += [f"{path}:{number}: {line.strip()}" for number, line in enumerate(lines, 1) if local.search(line)]
    assert not found
