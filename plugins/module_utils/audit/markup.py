# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTML and SVG, made of elements: what is put into one is escaped unless it is Markup already."""

from __future__ import annotations

import html
from collections.abc import Iterable

from .printable import printable

_VOID = ("meta", "br", "hr")


class Markup(str):
    """HTML that goes into the page as it is."""


def text(content: object) -> Markup:
    """What somebody wrote, as text of the page."""
    return content if isinstance(content, Markup) else Markup(html.escape(printable(content)))


def joined(parts: Iterable[object]) -> Markup:
    """The parts one behind the other, each escaped unless it is Markup."""
    return Markup("".join(map(text, parts)))


def element(name: str, /, *content: object, **attributes: object) -> Markup:
    """``<name ...>content</name>``.

    An attribute's underscores become hyphens, one at its end falls away (``class_``); True is an attribute without a
    value, None and False are none.
    """
    head = "".join(
        _attribute(key, value) for key, value in attributes.items() if value is not None and value is not False
    )
    if name in _VOID:
        return Markup(f"<{name}{head}>")
    return Markup(f"<{name}{head}>{joined(content)}</{name}>")


def mark(name: str) -> Markup:
    """The sign of a verdict, or of yes, no and unknown; words stand beside it."""
    used = element("use", href=f"#mark-{name}")
    return element("svg", used, class_=f"mark {name}", viewBox="0 0 16 16", aria_hidden="true", focusable="false")


def _attribute(key: str, value: object) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is True:
        return f" {name}"
    return f' {name}="{text(f"{value:g}" if isinstance(value, float) else value)}"'
