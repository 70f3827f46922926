# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every bad input has to get: each problem once with its path, nothing written, nothing touched."""

from __future__ import annotations

import re
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
    alone: it changes what is told of others, or hides it.
    """

    name: str
    problems: Sequence[tuple[str, str]]
    settings: Mapping[str, Any] = field(default_factory=dict)
    hosts: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    alone: bool = False

    @property
    def places(self) -> dict[str, Any]:
        """Where it puts what: each step with a full stop behind it, so that one place is seen to lie within another.

        A variable is one place, whichever hosts have it.
        """
        said = {**self.settings, **{path.partition(".")[2]: value for path, value in self.hosts.items()}}
        return {re.sub(r"[.\[\]]+", ".", path).strip(".") + ".": value for path, value in said.items()}

    def bears(self, other: Bad) -> bool:
        """Whether both can be wrong at once: neither changes what the other does, nor is told under its path."""
        told = {problem[0] for problem in self.problems} & {problem[0] for problem in other.problems}
        if self.alone or other.alone or told - {""}:
            return False
        return not any(
            (one.startswith(two) or two.startswith(one)) and (one, said) != (two, meant)
            for one, said in self.places.items()
            for two, meant in other.places.items()
        )

    def apply(self, estate: Estate) -> None:
        for path, value in self.settings.items():
            put(estate.settings, path, value)
        for path, value in self.hosts.items():
            put(estate.hosts, path, value)


def all_of(group: Sequence[Bad]) -> Bad:
    """All that is wrong with each of them, wrong at once."""
    return Bad(
        group[0].name + (f" and {len(group) - 1} more" if len(group) > 1 else ""),
        [problem for case in group for problem in case.problems],
        {path: value for case in group for path, value in case.settings.items()},
        {path: value for case in group for path, value in case.hosts.items()},
        [warning for case in group for warning in case.warnings],
    )


def cases(*listed: Bad) -> Any:
    """The cases as a parametrisation, each under its name."""
    return pytest.mark.parametrize("case", listed, ids=_names(listed))


def united(*listed: Bad) -> Any:
    """The same, in as few runs as they bear each other, and for ./test soak each by itself.

    A deploy tells everything at once, so that one run tries many; that each is told alone, too, takes a run each.
    """
    groups: list[list[Bad]] = []
    for case in listed:
        for group in groups:
            if all(case.bears(other) for other in group):
                group.append(case)
                break
        else:
            groups.append([case])
    names = _names(listed)
    together = [pytest.param(case, id=case.name) for case in map(all_of, groups)]
    alone = [pytest.param(case, id=name, marks=pytest.mark.long) for case, name in zip(listed, names) if not case.alone]
    return pytest.mark.parametrize("case", [*together, *alone])


def _names(listed: Sequence[Bad]) -> list[str]:
    names = [case.name for case in listed]
    assert len(names) == len(set(names)), "two cases have one name"
    return names


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
