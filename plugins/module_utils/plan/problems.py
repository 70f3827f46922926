# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Problems of an input, each with its path, collected so that all are told together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing wrong in the input.

    path: where, as the operator wrote it: ``accounts.TeamAlpha.users[2].publish.allow[0]``.
    message: what is wrong and what to write instead.
    """

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class Problems:
    """A list of problems that grows while an input is read and is raised once."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, path: str, message: str) -> None:
        """Record one problem; the same one twice is kept once."""
        problem = Problem(path, message)
        if problem not in self._found:
            self._found.append(problem)

    def extend(self, problems: Iterable[Problem], prefix: str = "") -> None:
        """Take over problems found elsewhere, their paths below ``prefix``."""
        for problem in problems:
            self.add(join(prefix, problem.path), problem.message)

    def __iter__(self) -> Iterator[Problem]:
        return iter(tuple(self._found))

    def __len__(self) -> int:
        return len(self._found)

    def raise_if_any(self) -> None:
        """Raise InputError with everything found, or return."""
        from .errors import InputError

        if self._found:
            raise InputError(self._found)


def join(prefix: str, path: str) -> str:
    """``a`` and ``b`` make ``a.b``; ``a`` and ``[0]`` make ``a[0]``."""
    if not prefix or not path:
        return prefix or path
    return prefix + path if path.startswith("[") else f"{prefix}.{path}"
