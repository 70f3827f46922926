# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The judge of the traffic: what is lost, what is there twice, how long somebody waited."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.molecule.shared.traffic import judge


def traffic(seconds: int = 10) -> list[dict[str, Any]]:
    """Ten publishers with a message each second, each delivered, confirmed and kept."""
    lines: list[dict[str, Any]] = []
    for second in range(seconds):
        for publisher in range(judge.PAIRS):
            message, began = f"{publisher}-{second + 1}", 100.0 + second
            lines.append({"acknowledged": message, "began": began, "at": began + 0.01, "tries": 1})
            sequence = second * judge.PAIRS + publisher
            delivered = {"delivered": message, "consumer": publisher, "sequence": sequence, "confirmed": True}
            lines.append({"at": began + 0.02, **delivered})
    kept = {line["acknowledged"]: 1 for line in lines if "acknowledged" in line}
    return [*lines, {"at": 200.0, "kept": kept, "reconnects": 0}]


def told(lines: list[dict[str, Any]], begin: float = 102.0, end: float = 106.0) -> dict[str, Any]:
    seen = judge.Seen()
    for line in [*lines, {"at": begin, "mark": "it"}, {"at": end, "mark": "it"}]:
        seen.take(line)
    report: dict[str, Any] = judge.told(seen)["operations"]["it"]
    return report


def of(lines: list[dict[str, Any]], what: str, message: str) -> dict[str, Any]:
    return next(line for line in lines if line.get(what) == message)


def test_all_is_well() -> None:
    report = told(traffic())
    assert {**report, "seconds": 4.0} == {
        "seconds": 4.0,
        "acknowledged": 40,
        "fewest": 4,
        "lost": 0,
        "twice": 0,
        "redelivered": 0,
        "sent_again": 0,
        "longest_wait": 0.01,
        "availability": {"all": 1.0, "each": 1.0, "any": 1.0},
        "disconnects": 0,
        "errors": [],
    }


def test_what_is_not_kept_or_not_delivered_is_lost() -> None:
    lines = traffic()
    del lines[-1]["kept"]["3-4"]
    lines.remove(of(lines, "delivered", "5-4"))
    assert told(lines)["lost"] == 2
    assert told(lines, begin=107.0, end=109.0)["lost"] == 0, "another operation did not lose them"


def test_what_was_confirmed_and_comes_again_is_twice() -> None:
    lines = traffic()
    lines.append(of(lines, "delivered", "1-4"))
    lines.append({**of(lines, "delivered", "2-4"), "sequence": 9999})
    lines[-3]["kept"]["3-4"] = 2
    assert (told(lines)["twice"], told(lines)["redelivered"]) == (3, 0)


def test_what_was_not_confirmed_may_come_again() -> None:
    lines = traffic()
    first = of(lines, "delivered", "1-4")
    lines.append(dict(first))
    first["confirmed"] = False
    assert (told(lines)["twice"], told(lines)["redelivered"]) == (0, 1)


@pytest.mark.parametrize("begin", [100.0, 102.5])
def test_a_wait_counts_wherever_it_began(begin: float) -> None:
    lines = traffic()
    of(lines, "acknowledged", "1-3")["at"] = 104.0
    assert told(lines, begin=begin)["longest_wait"] == 2.0
    assert told(lines, begin=104.5)["longest_wait"] == 0.01


def test_availability_counts_slots_of_waiting() -> None:
    lines = traffic()
    of(lines, "acknowledged", "1-3").update(began=102.0, at=103.15)  # served until 102.2, and from 103.2 on
    share = told(lines)["availability"]
    assert share == {"all": 1 - 10 / 40, "each": round(1 - 10 / 400, 4), "any": 1.0}
    for publisher in range(judge.PAIRS):
        of(lines, "acknowledged", f"{publisher}-3").update(began=102.0, at=103.15)
    assert set(told(lines)["availability"].values()) == {0.75}


def test_an_operation_is_marked_and_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "traffic.jsonl").write_text("")
    assert judge.main(tmp_path, "begin", "it") == 0
    with judge.Log(tmp_path) as log:
        for began, publisher in [(now, publisher) for now in (1.0, 1e9) for publisher in range(judge.PAIRS)]:
            log.add(acknowledged=f"{publisher}-{began:.0f}", began=began, tries=1)
    assert judge.main(tmp_path, "end", "it", "5") == 1, "the first message of each waited since the machine started"
    assert "it: " in capsys.readouterr().out


def test_half_a_line_is_left_for_the_next_time(tmp_path: Path) -> None:
    (tmp_path / "traffic.jsonl").write_text('{"at": 1, "error": "x"}\n{"at": 2, "er')
    assert judge.read(tmp_path).errors == [(1, "x")]


def test_the_table_has_a_row_an_operation() -> None:
    report = {"operations": {"it": told(traffic())}}
    assert judge.table(json.loads(json.dumps(report))).splitlines()[2:] == [
        "| it | 4.0 | 40 | 0 | 0 | 0 | 0.01 s | 100.00% | 100.00% | 100.00% |"
    ]
