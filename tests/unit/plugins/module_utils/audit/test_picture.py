# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pictures are drawn with."""

from __future__ import annotations

import re

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit.picture import (
    LETTER,
    WIDTH,
    box,
    definitions,
    figure,
    fixed,
    picture,
    sign,
)
from ansible_collections.aegis.nats.plugins.module_utils.audit.score import STANDINGS


def test_a_picture_says_what_it_shows() -> None:
    drawn = picture("x-picture", 100, "A <title>", "A description", [box(1, 2, 3, 4)])
    assert 'role="img" aria-labelledby="x-picture-title" aria-describedby="x-picture-description"' in drawn
    assert '<title id="x-picture-title">A &lt;title&gt;</title>' in drawn
    assert f'viewBox="-2 0 {WIDTH + 4} 100"' in drawn


def test_a_figure_can_be_scrolled_by_keyboard() -> None:
    made = figure(picture("x", 1, "a", "b", []), "Picture of x", ["Said."])
    assert 'role="region" aria-label="Picture of x" tabindex="0"' in made
    assert made.endswith("<p>Said.</p></figcaption></figure>") and "can be moved sideways" in made


@pytest.mark.parametrize("room", [20, 100, 333])
def test_what_somebody_wrote_fits_and_is_there_in_full(room: float) -> None:
    name = "n" * 200
    drawn = fixed(0, 0, name, room)
    shown = re.sub("<[^>]+>", "", drawn.partition("</title>")[2])
    assert len(shown) * LETTER <= room and f"<title>{name}</title>" in drawn
    assert "title" not in fixed(0, 0, "n", room)


def test_every_standing_has_its_sign() -> None:
    made = definitions()
    assert all(f'id="mark-{name}"' in made for name in (*STANDINGS, "yes", "no", "unknown"))
    assert len(set(re.findall(r"<symbol[^>]*>(.*?)</symbol>", made))) == 9, "each has a shape of its own"


def test_a_sign_may_have_another_colour() -> None:
    assert 'href="#mark-no"' in sign("no", 0, 0, tone="local") and 'class="local"' in sign("no", 0, 0, tone="local")
