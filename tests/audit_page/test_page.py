# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of an audit in a browser: it fits, it is quiet, it loads nothing, it prints."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit.as_html import as_html
from ansible_collections.aegis.nats.tests.audit_page.browser import NARROW, WIDE, Browser, browser, found
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit import samples

PROGRAM = found()
pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="there is no Chromium: install one, or name it in AEGIS_CHROMIUM"
)
SAMPLES = samples.all_of_them()

# Texts of a picture that reach over its edge, or over another text of it.
COLLISIONS = """
[...document.querySelectorAll("svg.picture")].flatMap(svg => {
  const edge = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll("text")].map(t => [t.textContent, t.getBoundingClientRect()]);
  const out = a => a.left < edge.left - 1 || a.right > edge.right + 1 || a.bottom > edge.bottom + 1;
  const wrong = texts.filter(([, a]) => out(a));
  texts.forEach(([s, a], i) => texts.slice(i + 1).forEach(([t, b]) => {
    const over = Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1;
    if (over && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4) wrong.push([s + " / " + t]);
  }));
  return wrong.map(([s]) => s);
})
"""
# Texts of a picture that reach out of the box they begin in.
ESCAPES = """
[...document.querySelectorAll("svg.picture")].flatMap(svg => {
  const boxes = [...svg.querySelectorAll("rect")].map(r => r.getBoundingClientRect());
  return [...svg.querySelectorAll("text")].filter(t => {
    const a = t.getBoundingClientRect(), x = a.left + 1, y = (a.top + a.bottom) / 2;
    const own = boxes.filter(b => b.left <= x && x <= b.right && b.top <= y && y <= b.bottom);
    return own.some(b => a.right > b.right + 1);
  }).map(t => t.textContent);
})
"""
HIDDEN = '[...document.querySelectorAll("details > :not(summary)")].filter(e => !e.checkVisibility()).length'


@pytest.fixture(scope="module")
def tab() -> Iterator[Browser]:
    assert PROGRAM
    with browser(PROGRAM) as made:
        yield made


@pytest.fixture(scope="module", params=SAMPLES, ids=SAMPLES)
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / f"{request.param}.html"
    path.write_text(as_html(SAMPLES[request.param]), encoding="utf-8")
    return path


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_it_fits_and_is_quiet(tab: Browser, page: Path, width: int, dark: bool) -> None:
    tab.said.clear()
    tab.fetched.clear()
    tab.open(page, width, dark)
    tab.value('document.querySelectorAll("details").forEach(d => d.open = true)')
    assert tab.value("document.documentElement.scrollWidth") == width
    assert tab.said == []
    assert tab.fetched == [page.resolve().as_uri()], "nothing comes from elsewhere"


def test_texts_of_pictures_keep_apart(tab: Browser, page: Path) -> None:
    tab.open(page, WIDE)
    assert tab.value(COLLISIONS) == []
    assert tab.value(ESCAPES) == []


def test_dark_is_dark(tab: Browser, page: Path) -> None:
    found_there = []
    for dark in (False, True):
        tab.open(page, WIDE, dark)
        found_there.append(tab.value("getComputedStyle(document.body).backgroundColor"))
    assert found_there == ["rgb(244, 246, 248)", "rgb(18, 22, 27)"]


def test_it_prints_with_everything_opened(tab: Browser, page: Path) -> None:
    tab.open(page, WIDE, dark=True)
    folded = tab.value(HIDDEN)
    tab.call("Emulation.setEmulatedMedia", media="print")
    assert tab.value(HIDDEN) == 0 and (folded > 0)
    assert tab.value("getComputedStyle(document.documentElement).getPropertyValue('--paper').trim()") == "#ffffff"
    tab.call("Emulation.setEmulatedMedia", media="")
    printed = tab.pdf()
    assert printed.startswith(b"%PDF-") and len(printed) > 10_000


def test_the_first_key_leads_past_the_contents(tab: Browser, page: Path) -> None:
    tab.open(page, WIDE)
    for kind in ("keyDown", "keyUp"):
        tab.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
    assert tab.value("document.activeElement.className") == "skip"
    assert tab.value("document.activeElement.getBoundingClientRect().left") >= 0


def test_what_the_page_must_not_do_would_be_noticed(tab: Browser, tmp_path: Path) -> None:
    """Otherwise the tests above could not fail."""
    wrong = '<p style="width: 3000px">x</p><script>a()</script><img src="https://example.com/a.png"></main>'
    path = tmp_path / "wrong.html"
    path.write_text(as_html(samples.broken()).replace("</main>", wrong), encoding="utf-8")
    tab.said.clear()
    tab.open(path, WIDE)
    assert len([line for line in tab.said if "Content Security Policy" in line]) == 3
    tab.value("document.querySelector('main').style.minWidth = '3000px'")
    assert tab.value("document.documentElement.scrollWidth") > WIDE
    tab.value("document.querySelectorAll('svg.picture text').forEach(t => t.setAttribute('x', 600))")
    assert tab.value(COLLISIONS) and tab.value(ESCAPES)
