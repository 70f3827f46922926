# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of the topology."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit.picture import WIDTH
from ansible_collections.aegis.nats.plugins.module_utils.audit.picture_topology import MOST_SERVERS, topology_figure
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit import samples


@pytest.mark.parametrize("number", [1, 2, 3, MOST_SERVERS, MOST_SERVERS + 1, 100])
def test_everything_lies_within_the_picture(number: int) -> None:
    names = tuple(f"nats-{at}" for at in range(number))
    root = ElementTree.fromstring(topology_figure(samples.topology(names)))
    drawing = root.find(".//svg")
    assert drawing is not None
    height = float(drawing.get("viewBox", "").split()[3])
    for each in drawing.iter("text"):
        assert 0 <= float(each.get("x", "")) <= WIDTH and 0 < float(each.get("y", "")) < height
    for each in drawing.iter("rect"):
        assert float(each.get("y", "")) + float(each.get("height", "")) < height
        assert float(each.get("x", "")) + float(each.get("width", "")) <= WIDTH


def test_servers_are_a_ring_or_a_number() -> None:
    ring = topology_figure(samples.topology())
    assert ring.count("<circle") == 3 and ring.count('class="route"') == 3
    many = topology_figure(samples.enormous().topology)
    assert "<circle" not in many and "100 servers are drawn as one" in many and "on 99 servers" in many


def test_words_say_what_is_asked_for() -> None:
    drawn = topology_figure(samples.broken().topology)
    for words in (
        "no TLS",
        "no certificate",
        "no login",
        "TLS unknown",
        "certificate unknown",
        "login unknown",
        "TLS 1.2",
    ):
        assert f">{words}</text>" in drawn
    assert "on servers 1, 3" in drawn and "on server 2" in drawn and "on all 3 servers" in drawn
    assert "nobody here reached it" in drawn and "A dashed line goes to a listener without TLS." in drawn


def test_what_only_the_host_reaches_is_no_alarm() -> None:
    drawn = topology_figure(samples.topology())
    assert 'class="pill local"' in drawn and 'class="pill no"' not in drawn and "box bare" not in drawn
    assert "only its own host reaches" in drawn


def test_of_many_listeners_the_weakest_are_drawn() -> None:
    listeners = [samples.listener("client", 4000 + at, tls="none" if at == 39 else "TLS 1.3") for at in range(40)]
    drawn = topology_figure({"servers": [samples.server("a", ("a",), listeners)]})
    assert "client :4039" in drawn and "26 more kinds" in drawn


def test_of_many_origins_some_are_drawn() -> None:
    listeners = [samples.listener("client", 4222, reached_from=[f"10.0.{at}.0/24" for at in range(30)])]
    assert "20 more origins" in topology_figure({"servers": [samples.server("a", ("a",), listeners)]})


def test_nothing_is_said_to_be_nothing() -> None:
    assert "No server was looked at" in topology_figure(replace(samples.empty()).topology)
