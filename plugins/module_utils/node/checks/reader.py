# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of one server, read with their types; what does not fit is collected with the variable's name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Optional

from ...plan import units
from ...plan.problems import Problem, Problems

PREFIX = "nats_server_"
_TRUE = frozenset(("true", "yes", "on", "1"))
_FALSE = frozenset(("false", "no", "off", "0"))


class Reader:
    """Typed access to the variables of the role nats_server, by their names without the prefix.

    A variable that is not there, or is null or empty, reads as None (a list as empty): the role's default stands in.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        self.problems = Problems()
        self.warnings = Problems()

    def wrong(self, name: str, message: str, below: str = "") -> None:
        """A problem of a variable; ``below`` is a path inside it, like ``[0]`` or ``.mode``."""
        self.problems.add(PREFIX + name + below, message)

    def warn(self, name: str, message: str, below: str = "") -> None:
        """A wish that is granted, but should be known."""
        self.warnings.add(PREFIX + name + below, message)

    def take(self, problems: Sequence[Problem], name: str) -> None:
        """Problems found inside a variable, their paths below it."""
        self.problems.extend(problems, PREFIX + name)

    def raw(self, name: str) -> Any:
        """The value, or None when it is missing or empty."""
        value = self.values.get(name)
        return None if isinstance(value, (str, list, dict)) and not value else value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.raw(name)
        if value is None:
            return default
        text = str(value).strip().lower()
        if text not in _TRUE | _FALSE:
            self.wrong(name, f"{value!r} is neither true nor false")
            return default
        return text in _TRUE

    def integer(self, name: str, low: Optional[int] = None, high: Optional[int] = None) -> Optional[int]:
        """A whole number from low to high."""
        value = self.raw(name)
        if value is None:
            return None
        try:
            if isinstance(value, (bool, float)):
                raise ValueError
            number = int(value)
        except (TypeError, ValueError):
            self.wrong(name, f"{value!r} is not a whole number")
            return None
        return number if self._within(name, number, low, high) else None

    def number(self, name: str, low: Optional[float] = None, high: Optional[float] = None) -> Optional[float]:
        """A number from low to high, such as seconds."""
        value = self.raw(name)
        if value is None:
            return None
        try:
            if isinstance(value, bool):
                raise ValueError
            number = float(value)
        except (TypeError, ValueError):
            self.wrong(name, f"{value!r} is not a number: write seconds, such as 2 or 2.5")
            return None
        return number if self._within(name, number, low, high) else None

    def port(self, name: str) -> Optional[int]:
        return self.integer(name, 1, 65535)

    def size(self, name: str) -> Optional[int]:
        """Bytes."""
        return self._unit(name, units.size)

    def duration(self, name: str) -> Optional[int]:
        """Nanoseconds."""
        return self._unit(name, units.nanoseconds)

    def text(self, name: str) -> Optional[str]:
        value = self.raw(name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)
        self.wrong(name, f"a {_kind(value)} where text is expected")
        return None

    def texts(self, name: str) -> list[str]:
        """A list of texts; entries of another kind are told and left out."""
        value = self.raw(name)
        if value is None:
            return []
        if not isinstance(value, (list, tuple)):
            self.wrong(name, f"a {_kind(value)} where a list is expected: write [{value}] or lines with a dash")
            return []
        for index, entry in enumerate(value):
            if not isinstance(entry, str) or not entry.strip():
                self.wrong(name, "is not text" if entry != "" else "is empty", f"[{index}]")
        return [entry for entry in value if isinstance(entry, str) and entry.strip()]

    def mapping(self, name: str) -> dict[str, Any]:
        value = self.raw(name)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.wrong(name, f"a {_kind(value)} where a dictionary is expected")
            return {}
        return dict(value)

    def choice(self, name: str, options: Sequence[str]) -> Optional[str]:
        value = self.raw(name)
        if value is None:
            return None
        if value not in options:
            hint = " (an unquoted off or on is a boolean in YAML: quote it)" if isinstance(value, bool) else ""
            self.wrong(name, f"{value!r} is not one of {', '.join(options)}{hint}")
            return None
        return str(value)

    def _within(self, name: str, number: float, low: Optional[float], high: Optional[float]) -> bool:
        if (low is None or number >= low) and (high is None or number <= high):
            return True
        span = f"from {low} to {high}" if high is not None and low is not None else f"of at least {low}"
        self.wrong(name, f"{number} is out of range: write a number {span}")
        return False

    def _unit(self, name: str, convert: Callable[[object], int]) -> Optional[int]:
        value = self.raw(name)
        if value is None:
            return None
        try:
            return convert(value)
        except ValueError as error:
            self.wrong(name, str(error))
            return None


def _kind(value: object) -> str:
    """What a value is, in YAML's words."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return {"dict": "dictionary", "str": "text"}.get(type(value).__name__, "list" if _listed(value) else "value")


def _listed(value: object) -> bool:
    return isinstance(value, (list, tuple))
