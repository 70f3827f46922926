# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The worst comes first, and what is the same comes once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit import telling
from ansible_collections.aegis.nats.plugins.module_utils.audit.model import Finding, Result, Verdict
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit import samples


def test_the_worst_is_told_first() -> None:
    found = telling.told(samples.broken())
    order = [Verdict.FAIL, Verdict.COULD_NOT_LOOK, Verdict.WARN, Verdict.PASS, Verdict.NOT_APPLICABLE]
    seen = [(order.index(each.verdict), telling.rank(each.control)) for each in found]
    assert seen == sorted(seen) and len(set(seen)) > 6


def test_what_is_the_same_is_told_once_and_nothing_is_lost() -> None:
    report = samples.broken()
    found = telling.told(report)
    assert sum(len(each.places) for each in found) == sum(len(result.findings) for result in report.results)
    keys = next(each for each in found if each.control.id == "key-files")
    assert [host for host, _subject in keys.places] == ["nats-1", "nats-3"]


def test_what_is_waived_is_told_apart() -> None:
    report = samples.broken()
    waived = telling.waived_ones(report)
    assert {each.control.id for each in waived} == {"monitoring-local", "user-permissions"}
    assert not [each for each in telling.open_ones(report, *Verdict) if each in waived]


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (samples.broken(), "Strangers can get in or read: 2 critical and 1 high controls fail."),
        (samples.healthy(), "Every control that applies holds."),
        (samples.empty(), "No control applies, so nothing can be said."),
    ],
)
def test_headline(report: samples.Report, words: str) -> None:
    assert telling.headline(report) == words


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict.COULD_NOT_LOOK, "No failure was seen, but 1 control could not be looked at."),
        (Verdict.WARN, "Nothing fails; 1 control with a warning."),
    ],
)
def test_headline_of_less_than_a_failure(verdict: Verdict, words: str) -> None:
    healthy = samples.healthy()
    other = Result(samples.CONTROLS[0], (Finding("it", verdict, "seen"),))
    assert telling.headline(replace(healthy, results=(*healthy.results[1:], other))) == words


def test_headline_of_waived_failures_only() -> None:
    waived = next(result for result in samples.broken().results if result.control.id == "monitoring-local")
    report = replace(samples.healthy(), results=(waived,))
    assert telling.headline(report) == "Nothing fails but what is waived: 1 control."


def test_tally_leaves_out_what_there_is_none_of() -> None:
    assert telling.tally(samples.healthy()) == "12 controls: 11 hold, 1 does not apply"
    assert telling.tally(samples.empty()) == "no controls"


@pytest.mark.parametrize(
    ("hours", "days", "words"),
    [
        (-49, -3, "ended 3 days ago"),
        (-1, -1, "ended within the last day"),
        (0, 0, "within a day"),
        (23, 0, "within a day"),
        (24, 1, "in 1 day"),
        (24 * 1500, 1500, "in 1,500 days"),
    ],
)
def test_days_are_rounded_down(hours: int, days: int, words: str) -> None:
    assert telling.days_left(samples.MADE + timedelta(hours=hours), samples.MADE) == days
    assert telling.in_words(days) == words


def test_moments_without_a_zone_are_utc() -> None:
    naive, east = datetime(2026, 1, 1, 23, 30), timezone(timedelta(hours=-2))
    assert telling.days_left(naive, naive.replace(tzinfo=timezone.utc)) == 0
    assert telling.day(datetime(2026, 1, 1, 23, 30, tzinfo=east)) == "2026-01-02"
    assert telling.day(date(2026, 1, 1)) == "2026-01-01"
    assert telling.minute(naive) == "2026-01-01 23:30 UTC"


def test_what_ends_soonest_comes_first() -> None:
    found = telling.expiries(replace(samples.broken(), expiries=tuple(reversed(samples.broken().expiries))))
    assert [each.at for each in found] == sorted(each.at for each in found)


@pytest.mark.parametrize(
    ("host", "subject", "words"),
    [
        ("h", "s", "s on h"),
        ("", "s", "s"),
        ("h", "", "h"),
        ("h", "h", "h"),
        ("h", "server h", "server h"),
        ("", "", "the cluster"),
    ],
)
def test_where(host: str, subject: str, words: str) -> None:
    assert telling.where(host, subject) == words


def test_a_subject_is_told_once_with_its_hosts() -> None:
    places = [("a", "client :4222"), ("b", "client :4222"), ("a", "server a"), ("", "user x"), ("c", "client :4222")]
    assert telling.located(places, 2) == ["client :4222 on a, b and 1 more", "server a", "user x"]
    assert telling.located([("a", ""), ("b", "")]) == ["a, b"]


def test_names_become_distinct() -> None:
    assert telling.distinct(["a", "a", "b", "a-2", "a"]) == ["a", "a-2", "b", "a-2-2", "a-3"]
