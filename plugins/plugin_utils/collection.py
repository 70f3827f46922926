# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection that this is a part of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible.module_utils.common.yaml import yaml_load

ROOT = Path(__file__).resolve().parents[2]


def version(root: Path = ROOT) -> str:
    """Of an installed collection as its manifest has it, of a checkout as galaxy.yml has it; nothing without both."""
    try:
        found: Any = json.loads((root / "MANIFEST.json").read_text(encoding="utf-8"))["collection_info"]
    except (OSError, ValueError, KeyError, TypeError):
        try:
            found = yaml_load((root / "galaxy.yml").read_text(encoding="utf-8"))
        except OSError:
            return ""
    return str(found.get("version") or "") if isinstance(found, dict) else ""
