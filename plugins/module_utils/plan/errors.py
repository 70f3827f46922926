# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors that an operator reads. Everything raised on purpose below the fronts derives from NatsError."""

from __future__ import annotations

from collections.abc import Sequence

from .problems import Problem


class NatsError(Exception):
    """Something is wrong that the message explains: what, where, and what to do instead."""


class InputError(NatsError):
    """The input has problems; all of them, each with its path. Raised before anything is written."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(_sentence(self.problems))


class MissingLibrary(NatsError):
    """A Python library that this needs is not importable where the code runs."""

    def __init__(self, library: str, reason: str) -> None:
        super().__init__(
            f"the Python library {library} is needed here ({reason}): install it into the interpreter that runs "
            f"Ansible, or on the signing host into ansible_python_interpreter (pip install {library})"
        )


class StoreError(NatsError):
    """What lies on disk can't be used: unreadable, truncated, of another owner."""


class Busy(NatsError):
    """Another run holds the lock on the store."""


class SealError(NatsError):
    """A sealed file can't be opened, or a file can't be sealed."""


def _sentence(problems: Sequence[Problem]) -> str:
    if len(problems) == 1:
        return str(problems[0])
    lines = "\n".join(f"  - {problem}" for problem in problems)
    return f"{len(problems)} problems in the input, nothing was changed:\n{lines}"
