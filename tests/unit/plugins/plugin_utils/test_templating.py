# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A template is rendered with the variables that are given, and left as it is where it is text."""

from __future__ import annotations

from pathlib import Path

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.aegis.nats.plugins.plugin_utils.templating import render


def test_a_template_and_what_it_includes(tmp_path: Path) -> None:
    place = tmp_path / "a.j2"
    place.write_text("port: {{ port }}\n{% if port > 1 %}\n{% include 'b.j2' %}\n{% endif %}\n\n", encoding="utf-8")
    (tmp_path / "b.j2").write_text("a\\n {{ text }}", encoding="utf-8")
    known = {"port": 4222, "text": "[1, 2]"}
    said = render(Templar(loader=DataLoader(), variables={}), str(place), [str(tmp_path)], known)
    assert said == "port: 4222\na\\n [1, 2]\n\n"
    assert known == {"port": 4222, "text": "[1, 2]"}


def test_what_looks_like_a_list_stays_text(tmp_path: Path) -> None:
    place = tmp_path / "a.j2"
    place.write_text("[{{ one }}]", encoding="utf-8")
    assert render(Templar(loader=DataLoader(), variables={}), str(place), [], {"one": 1}) == "[1]"
