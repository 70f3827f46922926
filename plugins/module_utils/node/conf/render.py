# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values as text of a NATS configuration: strings always quoted, order kept, what is None left out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal

from ...plan.problems import join
from .quote import quote, quote_key

_INDENT = "  "
_INT64 = 2**63


class NoForm(ValueError):
    """A value below a map or a list has no form in a NATS configuration; tells where, never the value."""

    def __init__(self, step: str, cause: ValueError) -> None:
        deeper = cause if isinstance(cause, NoForm) else None
        self.path: str = join(step, deeper.path) if deeper else step
        self.reason: str = deeper.reason if deeper else str(cause)
        super().__init__(f"{self.path}: {self.reason}")


def render(options: Mapping[str, object], indent: int = 0) -> str:
    """Options one a line, ``key: value`` or ``key { ... }``, each line ``indent`` steps in; ends without a newline.

    A key whose value is None is left out. Raises ValueError with the path of what can't be written
    (``cluster.routes[1]: ...``), never with the value.
    """
    return "\n".join(_lines(options, indent))


def render_value(value: object, indent: int = 0) -> str:
    """One value: a scalar or a list of scalars on one line, a map or a list of maps as a block.

    The first line is not indented (it follows the key); the lines of a block and its end are, by ``indent`` steps.
    """
    if isinstance(value, Mapping):
        lines = _lines(value, indent + 1)
        return "{}" if not lines else "\n".join(["{", *lines, _INDENT * indent + "}"])
    if _is_list(value):
        return _list(value, indent)  # type: ignore[arg-type]
    return _scalar(value)


def _lines(options: Mapping[str, object], indent: int) -> list[str]:
    lines = []
    for key, value in options.items():
        if value is None:
            continue
        try:
            text = render_value(value, indent)
            separator = " " if isinstance(value, Mapping) and text != "{}" else ": "
            lines.append(_INDENT * indent + quote_key(_key(key)) + separator + text)
        except ValueError as error:
            raise NoForm(str(key), error) from None
    return lines


def _list(values: Sequence[object], indent: int) -> str:
    texts = []
    for index, value in enumerate(values):
        try:
            texts.append(render_value(value, indent + 1))
        except ValueError as error:
            raise NoForm(f"[{index}]", error) from None
    if any(isinstance(value, Mapping) or _is_list(value) for value in values):
        inner = _INDENT * (indent + 1)
        return "\n".join(["[", *(inner + text for text in texts), _INDENT * indent + "]"])
    # The lexer does not end a number at "]": [1] would be a string that runs on to the end of the line.
    space = " " if values and isinstance(values[-1], (int, float)) else ""
    return f"[{space}{', '.join(texts)}{space}]"


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if not -_INT64 <= value < _INT64:
            raise ValueError("the number does not fit into 64 bits")
        return str(int(value))
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, str):
        return quote(value)
    if value is None:
        raise ValueError("null has no form in a NATS configuration: leave it out")
    raise ValueError(f"a {type(value).__name__} has no form in a NATS configuration")


def _float(value: float) -> str:
    """Without an exponent: the lexer does not know one."""
    if not math.isfinite(value):
        raise ValueError("the number is not finite")
    text = format(Decimal(repr(float(value))), "f")
    return text if "." in text else text + ".0"


def _key(key: object) -> str:
    if isinstance(key, bool) or not isinstance(key, (str, int)):
        raise ValueError(f"the key {key!r} is not text: put it in quotes")
    return str(key)


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray))
