# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.plugin_utils.slices import FIRST, NEXT, Telling, few, wait_in_slices


class Host:
    """A module that waits, on a host whose every run costs ``overhead`` seconds beside the waiting.

    missing: what is missing at each second; the last is missing from then on.
    """

    def __init__(self, missing: list[list[str]], timeout: float = 60, overhead: float = 1) -> None:
        self.missing, self.timeout, self.overhead = missing, timeout, overhead
        self.now = 1000.0
        self.start = self.now
        self.asked: list[dict[str, float]] = []

    def lacking(self) -> list[str]:
        return self.missing[min(int(self.now - self.start), len(self.missing) - 1)]

    def run(self, arguments: Mapping[str, float]) -> dict[str, Any]:
        self.asked.append(dict(arguments))
        assert len(self.asked) < 50, "it waits for ever"
        waited = arguments.get("waited", 0.0)
        began, bound = self.now, max(min(arguments["report_after"], self.timeout - waited), 0.0)
        while self.lacking() and self.now - began < bound:
            self.now += 1
        seconds, lacking = waited + self.now - began, self.lacking()
        self.now += self.overhead
        if lacking and seconds >= self.timeout:
            return {"failed": True, "msg": f"not whole after {seconds:.0f} s", "missing": lacking}
        return {"missing": lacking, "seconds": seconds, "timeout": self.timeout}

    def waited(self) -> tuple[dict[str, Any], list[str]]:
        said: list[str] = []
        result = wait_in_slices(self.run, Telling("n2", "the cluster is whole", said.append), lambda: self.now)
        return result, said


def test_a_whole_cluster_costs_one_run_and_no_word() -> None:
    host = Host([[]])
    assert host.waited() == ({"missing": [], "seconds": 0.0, "timeout": 60}, [])
    assert host.asked == [{"report_after": FIRST}]


def test_what_lasts_a_moment_is_not_told() -> None:
    host = Host([["a"], ["a"], []])
    assert host.waited()[1] == []
    assert len(host.asked) == 1


def test_what_lasts_is_told_with_growing_seconds() -> None:
    host = Host([["n1 has no route to n3"]] * 20 + [[]])
    result, said = host.waited()
    assert result["missing"] == []
    assert said == [
        "n2: waits until the cluster is whole, 4 of 60 s: n1 has no route to n3",
        "n2: waits until the cluster is whole, 13 of 60 s: still the same",
    ]
    assert result["seconds"] == 20.0
    assert [asked.get("waited") for asked in host.asked] == [None, 5.0, 14.0]
    assert {asked["report_after"] for asked in host.asked[1:]} == {NEXT}


def test_what_changes_is_told_anew() -> None:
    host = Host([["S: n3 is 120 behind"]] * 10 + [["S: n3 is 7 behind"]] * 15 + [["S: n3 is 120 behind"]] * 9 + [[]])
    words = [line.partition(" s: ")[2] for line in host.waited()[1]]
    assert words == ["S: n3 is 120 behind", "S: n3 is 7 behind", "still the same", "S: n3 is 120 behind"]


@pytest.mark.parametrize("overhead", [0, 1, 3, 20])
def test_the_bound_is_that_of_all_slices(overhead: float) -> None:
    """Whatever the way to the host costs; at most one more run begins when time is over."""
    host = Host([["a"]], timeout=30, overhead=overhead)
    result, said = host.waited()
    assert result["failed"]
    assert 30 <= host.now - host.start <= 30 + 2 * overhead
    assert int(result["msg"].split()[-2]) >= 30, "the seconds are those of all slices"
    assert all("of 30 s" in line for line in said)


@pytest.mark.parametrize(
    "broken", [{"unreachable": True, "msg": "gone"}, {"failed": True, "msg": "no", "missing": ["a"]}]
)
def test_what_goes_wrong_in_a_slice_is_the_result(broken: dict[str, Any]) -> None:
    answers = iter([{"missing": ["a"], "seconds": 4.0, "timeout": 60.0}, broken])
    said: list[str] = []
    assert wait_in_slices(lambda arguments: next(answers), Telling("n2", "it is", said.append)) is broken
    assert said == ["n2: waits until it is, 4 of 60 s: a"]


def test_few_of_many() -> None:
    assert few([]) == ""
    assert few(["a", "b", "c"]) == "a; b; c"
    assert few([str(number) for number in range(10)]) == "0; 1; 2; and 7 more"
