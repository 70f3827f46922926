# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official tools as tests meet them. ./test builds them; elsewhere AEGIS_NSC and AEGIS_JUDGE name them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import warnings
from collections.abc import Iterable, Mapping
from typing import Any, Optional

import pytest


def tool(name: str) -> Optional[str]:
    """The path of a tool. Loud where it is not there: what it would have proven is not proven."""
    found = os.environ.get(f"AEGIS_{name.upper()}") or shutil.which(name if name == "nsc" else f"aegis-{name}")
    if not found:
        warnings.warn(f"{name} is not there, NOT TESTED what it judges: run ./test integration", stacklevel=2)
    return found


NSC, JUDGE = tool("nsc"), tool("judge")
needs_nsc = pytest.mark.skipif(not NSC, reason="nsc is not there: set AEGIS_NSC or run ./test integration")
needs_judge = pytest.mark.skipif(not JUDGE, reason="the judge is not there: set AEGIS_JUDGE or run ./test integration")


def ask(questions: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The judge's answer to each question (tests/official/judge/main.go says what can be asked)."""
    lines = "\n".join(json.dumps(each) for each in questions)
    done = subprocess.run([str(JUDGE)], input=lines, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
