# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time line of what ends."""

from __future__ import annotations

import re
from dataclasses import replace

from ansible_collections.aegis.nats.plugins.module_utils.audit.picture_timeline import (
    endings,
    in_short,
    timeline_figure,
)
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit import samples


def test_what_ends_on_the_same_day_on_many_hosts_is_one() -> None:
    found = endings(samples.broken())
    assert [each.days for each in found] == sorted(each.days for each in found)
    assert found[1].label == "server certificate, 2 hosts" and found[1].hosts == ("nats-1", "nats-3")
    assert found[0].label == "server certificate, nats-2" and found[2].label == "waiver of monitoring-local"


def test_states() -> None:
    states = {
        days: endings(replace(samples.empty(), expiries=(samples.ends("x", "jwt", days),)))[0].state
        for days in (-1, 29, 30)
    }
    assert states == {-1: "fail", 29: "warn", 30: "pass"}


def test_in_short() -> None:
    assert in_short(endings(samples.broken())) == "1 has ended; 2 within 30 days; 3 later within a year; 1 after that."


def test_later_lies_further_right_and_inside() -> None:
    days = (-4000, -20, -1, 0, 1, 29, 30, 31, 364, 365, 366, 4000)
    report = replace(samples.empty(), expiries=tuple(samples.ends(f"x{n}", "jwt", n) for n in days))
    drawn = timeline_figure(report)
    places = [float(x) for x in re.findall(r'<use href="#mark-[a-z]+" x="([0-9.]+)"', drawn)]
    assert len(places) == len(days) and places == sorted(places) and places[0] > 330 and places[-1] < 770
    assert all(words in drawn for words in ("this audit", "30 days", "1 year", "within a day", "ended 4,000 days ago"))


def test_of_many_the_soonest_are_drawn() -> None:
    drawn = timeline_figure(samples.enormous())
    assert drawn.count("<use ") == 24 and "576 later endings are in the table only." in drawn


def test_nothing_ends() -> None:
    assert "Nothing was seen that ends." in timeline_figure(samples.empty())
