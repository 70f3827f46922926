# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody wrote stays text."""

from __future__ import annotations

from ansible_collections.aegis.nats.plugins.module_utils.audit.markup import Markup, element, joined, mark, text


def test_text_is_escaped_and_markup_is_not() -> None:
    assert element("p", "a < b & 'c'", element("b", '"')) == "<p>a &lt; b &amp; &#x27;c&#x27;<b>&quot;</b></p>"
    assert text(Markup("<b>")) == "<b>" and text("<b>") == "&lt;b&gt;"


def test_what_is_not_to_be_seen_is_marked() -> None:
    assert text("a\x00\x1b\ud800") == "a���"


def test_attributes() -> None:
    made = element("a", href='#"x', class_="y", aria_label="z", tabindex=0, hidden=True, title=None, lang=False, x=1.50)
    assert made == '<a href="#&quot;x" class="y" aria-label="z" tabindex="0" hidden x="1.5"></a>'


def test_an_attribute_may_be_called_name() -> None:
    attributes = dict(zip(("name", "content"), "ab"))
    assert element("meta", **attributes) == '<meta name="a" content="b">'


def test_joined_and_marks() -> None:
    assert joined(("<", Markup("<i>"))) == "&lt;<i>"
    assert 'href="#mark-fail"' in mark("fail") and 'aria-hidden="true"' in mark("fail")
