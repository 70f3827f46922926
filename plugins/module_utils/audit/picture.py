# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pictures of the page are drawn with. Lengths are in the units of a picture that is WIDTH wide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from .markup import Markup, element, joined
from .printable import shortened

WIDTH = 960
#: How wide a letter of the fixed-width font is, at the size that the style gives it (12 px; 0.6 em and a little more).
LETTER = 7.3

# On 16 x 16; the shape says what the colour says.
_MARKS = {
    "fail": '<path d="M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5z"/><path class="cut" d="M5 5l6 6M11 5l-6 6"/>',
    "could_not_look": '<path d="M8 .6 15.4 8 8 15.4.6 8z"/>'
    '<path class="cut" d="M5.9 6.6c0-2.8 4.2-2.8 4.2-.2 0 1.6-2.1 1.5-2.1 3M8 11.2v1"/>',
    "warn": '<path d="M8 .8 15.6 14.8H.4z"/><path class="cut" d="M8 5.6v4.6M8 12v1"/>',
    "waived": '<path d="M2.6 3h10.8v10H2.6z"/><path class="cut" d="M6.2 6v4M9.8 6v4"/>',
    "pass": '<circle cx="8" cy="8" r="7.2"/><path class="cut" d="M4.6 8.3l2.3 2.4 4.5-5"/>',
    "not_applicable": '<circle class="ring" cx="8" cy="8" r="6.4"/><path class="ring" d="M5 8h6"/>',
    "yes": '<path class="line" d="M2.4 8.6l3.7 3.8 7.5-8.6"/>',
    "no": '<path class="line" d="M3 3l10 10M13 3L3 13"/>',
    "unknown": '<path class="line" d="M4.6 5.4c0-4.4 6.8-4.4 6.8-.3 0 2.6-3.4 2.6-3.4 5M8 12.6v1.4"/>',
}


def definitions() -> Markup:
    """The signs and the arrowhead that the page uses, once."""
    signs = [element("symbol", Markup(drawn), id=f"mark-{name}", viewBox="0 0 16 16") for name, drawn in _MARKS.items()]
    head = element(
        "marker",
        element("path", d="M0 0 8 4 0 8z", class_="head"),
        id="arrow",
        viewBox="0 0 8 8",
        refX=7,
        refY=4,
        markerWidth=8,
        markerHeight=8,
        markerUnits="userSpaceOnUse",
        orient="auto",
    )
    return element("svg", *signs, element("defs", head), class_="definitions", aria_hidden="true", focusable="false")


def picture(name: str, height: float, title: str, description: str, content: Sequence[Markup]) -> Markup:
    """One drawing. name: of its ids; title and description: what it shows to who does not see it."""
    return element(
        "svg",
        element("title", title, id=f"{name}-title"),
        element("desc", description, id=f"{name}-description"),
        *content,
        class_="picture",
        viewBox=f"-2 0 {WIDTH + 4} {height:g}",
        role="img",
        aria_labelledby=f"{name}-title",
        aria_describedby=f"{name}-description",
    )


def figure(drawing: Markup, label: str, sentences: Sequence[str]) -> Markup:
    """A drawing, which scrolls by itself where it is too wide, and what is to be said of it in words."""
    aside = element("p", "The picture is wider than this window, and can be moved sideways.", class_="wide")
    caption = joined((aside, *(element("p", sentence) for sentence in sentences)))
    region = element("div", drawing, class_="scroll", role="region", aria_label=label, tabindex=0)
    return element("figure", region, element("figcaption", caption))


def box(x: float, y: float, width: float, height: float, class_: str = "box") -> Markup:
    return element("rect", x=x, y=y, width=width, height=height, rx=6, class_=class_)


def words(x: float, y: float, content: object, class_: str = "", anchor: Optional[str] = None) -> Markup:
    """Words of ours: they are known to fit."""
    return element("text", content, x=x, y=y, class_=class_ or None, text_anchor=anchor)


def fixed(x: float, y: float, content: str, width: float, class_: str = "", *, anchor: Optional[str] = None) -> Markup:
    """What somebody wrote, in letters of one width, cut to what fits; the whole is its title."""
    shown = shortened(content, max(1, int(width / LETTER)))
    title = element("title", content) if shown != content else ""
    return element("text", title, shown, x=x, y=y, class_=f"fixed {class_}".strip(), text_anchor=anchor)


def sign(name: str, x: float, y: float, size: float = 12, *, tone: str = "") -> Markup:
    """The sign of that name; tone: in another colour than its own."""
    return element("use", href=f"#mark-{name}", x=x, y=y, width=size, height=size, class_=tone or name)


def arrow(path: str, class_: str = "") -> Markup:
    return element("path", d=path, class_=f"flow {class_}".strip(), marker_end="url(#arrow)")
