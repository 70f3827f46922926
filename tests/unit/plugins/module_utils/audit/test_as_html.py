# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page: well formed, harmless, reachable, and of enough contrast."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit.as_html import as_html
from ansible_collections.aegis.nats.plugins.module_utils.audit.page_style import DARK, LIGHT, STYLE
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit import samples

REPORTS = samples.all_of_them()
PAGES = {name: as_html(report) for name, report in REPORTS.items()}
VOID = {"meta", "br", "hr"}
KNOWN = {
    "html", "head", "meta", "title", "style", "body", "header", "nav", "main", "footer", "section", "article",
    "h1", "h2", "h3", "p", "ul", "li", "a", "span", "strong", "div", "dl", "dt", "dd", "pre", "code",
    "details", "summary", "figure", "figcaption", "table", "caption", "thead", "tbody", "tr", "th", "td",
    "svg", "symbol", "defs", "marker", "path", "circle", "rect", "use", "text", "desc",
}  # fmt: skip
ATTRIBUTE_OF_PLACES = ("href", "src", "srcset", "action", "data", "poster", "background", "style")


class Page(HTMLParser):
    """What a page is made of; it stops at the first tag that does not fit."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text: dict[str, str] = {}
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _value in attrs]
        assert len(set(names)) == len(names), f"{tag} has an attribute twice"
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.text[self.open[-1]] = self.text.get(self.open[-1], "") + data

    def values(self, attribute: str) -> list[str]:
        return [attributes[attribute] for _tag, attributes in self.tags if attribute in attributes]


@pytest.fixture(params=PAGES, ids=PAGES)
def page(request: pytest.FixtureRequest) -> Page:
    return Page(PAGES[request.param])


def test_ids_are_unique_and_what_is_pointed_at_is_there(page: Page) -> None:
    ids = page.values("id")
    assert len(set(ids)) == len(ids) and all(re.fullmatch("[A-Za-z][A-Za-z0-9_-]*", each) for each in ids)
    pointed = [value[1:] for value in page.values("href")]
    for attribute in ("aria-labelledby", "aria-describedby"):
        pointed += [name for value in page.values(attribute) for name in value.split()]
    pointed += [value[5:-1] for value in page.values("marker-end")]
    assert pointed and set(pointed) <= set(ids)


def test_nothing_is_run_and_nothing_comes_from_elsewhere(page: Page) -> None:
    assert {tag for tag, _attributes in page.tags} <= KNOWN
    for _tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")]
        assert all(attributes[name].startswith("#") for name in ATTRIBUTE_OF_PLACES if name in attributes)
    assert "url(" not in page.text["style"] and "@import" not in page.text["style"]


def test_the_policy_lets_in_this_very_style_and_nothing_else(page: Page) -> None:
    (policy,) = [a["content"] for _tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
    digest = base64.b64encode(hashlib.sha256(page.text["style"].encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert [tag for tag, _attributes in page.tags][2:4] == ["meta", "meta"], "the policy stands before what it is about"


def test_landmarks_and_headings(page: Page) -> None:
    tags = [tag for tag, _attributes in page.tags]
    assert all(tags.count(tag) == 1 for tag in ("h1", "main", "header", "footer", "nav"))
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert all(later - before <= 1 for before, later in zip(levels, levels[1:]))
    first = next(attributes for tag, attributes in page.tags if tag == "a")
    assert first == {"href": "#main", "class": "skip"}
    assert all("aria-labelledby" in attributes for tag, attributes in page.tags if tag in ("section", "article"))


def test_pictures_say_what_they_show(page: Page) -> None:
    for tag, attributes in page.tags:
        if tag == "svg":
            assert attributes.get("aria-hidden") == "true" or attributes["role"] == "img"


def test_hostile_text_is_shown_as_text() -> None:
    shown = samples.HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    shown = shown.replace("'", "&#x27;")
    assert PAGES["hostile"].count(shown) > 30 and "<b " not in PAGES["hostile"] and "<script" not in PAGES["hostile"]


@pytest.mark.parametrize("text", ["\x00\x1b[2J\ud800\u202e", "</style><script>", "日本" * 100, "", " ", "\n\n"])
def test_odd_text_makes_a_page(text: str) -> None:
    made = as_html(samples.hostile(text))
    Page(made)
    made.encode("utf-8")
    assert not set("\x00\x1b\u202e") & set(made)


def test_the_score_and_the_verdict_are_told() -> None:
    assert "<strong>52</strong>" in PAGES["broken"] and "Without waivers it would be 49." in PAGES["broken"]
    assert "Strangers can get in or read: 2 critical and 1 high controls fail." in PAGES["broken"]
    assert "<strong>100</strong>" in PAGES["healthy"] and "Without waivers" not in PAGES["healthy"]


def test_the_same_report_gives_the_same_page() -> None:
    assert as_html(samples.broken()) == PAGES["broken"]


def test_a_big_cluster_is_no_big_page() -> None:
    assert len(PAGES["enormous"]) < 1_500_000


def colours(scheme: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z_-]+): (#[0-9a-f]{6});", scheme))


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


VERDICTS = ("fail", "warn", "pass", "could_not_look", "waived")
TEXTS = [
    *((name, ground) for name in ("ink", "quiet", "link", *VERDICTS) for ground in ("paper", "ground")),
    *((name, f"{name}-ground") for name in VERDICTS),
    ("quiet", "not_applicable-ground"),
]
SHAPES = [(name, ground) for name in ("edge", "link", *VERDICTS) for ground in ("paper", "ground")]


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_contrasts(scheme: str) -> None:
    """WCAG 2.2, AA: 4.5 for text, 3 for what has to be seen to understand."""
    known = colours(scheme)
    assert not [(a, b) for a, b in TEXTS if contrast(known[a], known[b]) < 4.5]
    assert not [(a, b) for a, b in SHAPES if contrast(known[a], known[b]) < 3]
    assert round(contrast("#000000", "#ffffff"), 1) == 21


def test_both_schemes_have_every_colour_that_is_used() -> None:
    used = set(re.findall(r"var\(--([a-z_-]+)\)", STYLE))
    assert used <= set(colours(LIGHT)) == set(colours(DARK))
    assert not re.findall(r"#[0-9a-f]{3,8}\b", STYLE.replace(LIGHT, "").replace(DARK, "")), "colours have names"
