# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every bad input has to get: each problem once with its path, nothing written, nothing touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate, Run, put


@dataclass(frozen=True)
class Bad:
    """settings: what is put where in the quickstart's variables; hosts: the same, for one host's.

    problems: path of each problem and a part of its message; no more and no fewer may be told.
    warnings: parts of what has to be warned about besides.
    """

    name: str
    problems: Sequence[tuple[str, str]]
    settings: Mapping[str, Any] = field(default_factory=dict)
    hosts: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[str] = ()

    def apply(self, estate: Estate) -> None:
        for path, value in self.settings.items():
            put(estate.settings, path, value)
        for path, value in self.hosts.items():
            put(estate.hosts, path, value)


def cases(*listed: Bad) -> Any:
    """The cases as a parametrisation, each under its name."""
    names = [case.name for case in listed]
    assert len(names) == len(set(names)), "two cases have one name"
    return pytest.mark.parametrize("case", listed, ids=names)


def assert_told(run: Run, problems: Sequence[tuple[str, str]]) -> None:
    """Exactly these problems, each with its path, in the results and in the text that an operator reads."""
    assert run.code != 0, run.output
    assert "Traceback" not in run.output, run.output
    left = list(run.problems)
    for path, message in problems:
        fitting = [found for found in left if found[0] == path and message in found[1]]
        assert fitting, f"not told: {path}: {message}\ntold:\n" + "\n".join(f"{p}: {m}" for p, m in run.problems)
        left.remove(fitting[0])
        told = f"{path}: {fitting[0][1]}" if path else fitting[0][1]
        assert " ".join(told.split()) in run.text.replace('\\"', '"'), f"not in the output: {told}\n{run.output}"
    assert not left, "told besides:\n" + "\n".join(f"{path}: {message}" for path, message in left)


def assert_refused(estate: Estate, case: Bad) -> Run:
    """Run the deploy on the case: told as expected, every file as it was, no server started or ended."""
    case.apply(estate)
    before, running = estate.snapshot(), estate.processes()
    run = estate.deploy()
    assert_told(run, case.problems)
    for warning in case.warnings:
        assert warning in run.text, run.output
    assert estate.snapshot() == before
    assert estate.processes() == running
    return run
