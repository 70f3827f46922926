# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is revoked: read, resolved against what was issued, kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import revocation
from ansible_collections.aegis.nats.plugins.module_utils.pki.revocation import Ledger, parse_revoked, resolve
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import StoreError
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import DAY, NOW

RECORD = {
    "0A": {"name": "n1/server", "not_after": "2027-11-23T12:00:00Z", "issued": "2026-10-01T12:00:00Z"},
    "0B": {"name": "n1/server", "not_after": "2027-11-23T12:00:00Z", "issued": "2026-11-01T12:00:00Z"},
    "0C": {"name": "n2/server", "not_after": "2027-11-23T12:00:00Z", "issued": "2026-11-01T12:00:00Z"},
    "0D": {"name": "n1/server", "not_after": "2027-11-23T12:00:00Z"},
}


def entries(*raw: Any) -> list[revocation.Entry]:
    problems = Problems()
    found = parse_revoked(list(raw), problems)
    problems.raise_if_any()
    return found


@pytest.mark.parametrize(
    ("raw", "serials"),
    [
        ({"name": "n1/server"}, ["0A", "0B", "0D"]),
        ({"name": "n1/server", "before": "2026-10-15T00:00:00Z"}, ["0A", "0D"]),
        ({"serial": "0c"}, ["0C"]),
        ({"serial": "00:0C"}, ["0C"]),
        ({"serial": "c"}, ["0C"]),
    ],
)
def test_what_an_entry_stands_for(raw: dict[str, str], serials: list[str]) -> None:
    found = resolve(entries({**raw, "reason": "superseded"}), RECORD, Ledger(), NOW)
    assert sorted(found.ledger.revoked) == serials
    assert {one.reason for one in found.ledger.revoked.values()} == {"superseded"}
    assert found.warnings == ()
    again = resolve(entries({**raw, "reason": "key_compromise"}), RECORD, found.ledger, NOW + DAY)
    assert (again.ledger, again.reasons) == (found.ledger, ())


def test_what_is_issued_later_is_not_revoked_by_the_same_line() -> None:
    """Not even within the second in which the entry was seen first."""
    wanted = entries({"name": "n1/server"})
    first = resolve(wanted, RECORD, Ledger(), NOW)
    anew = {**RECORD, "0E": {"name": "n1/server", "not_after": "2028", "issued": "2026-11-23T12:00:00Z"}}
    again = resolve(wanted, anew, first.ledger, NOW)
    assert (again.ledger, again.reasons) == (first.ledger, ())
    more = entries({"name": "n1/server", "before": "2026-11-23T12:00:01Z"})
    assert "0E" in resolve(more, anew, first.ledger, NOW).ledger.revoked


def test_what_leaves_the_list_stays_revoked() -> None:
    first = resolve(entries({"serial": "0C"}), RECORD, Ledger(), NOW)
    assert resolve([], {}, first.ledger, NOW).ledger == first.ledger


def test_what_is_not_found_is_told() -> None:
    found = resolve(entries({"name": "n1/servre"}, {"serial": "FF"}), RECORD, Ledger(), NOW)
    assert found.warnings == (
        "n1/servre: nothing that was issued under this name still lives; did you mean n1/server?",
        "serial FF is not in the record of what was issued and still lives: revoked all the same",
    )
    assert list(found.ledger.revoked) == ["FF"]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("n1", "revoked[0]: must be a dict"),
        ({}, "revoked[0]: needs a name or a serial, one of the two"),
        ({"name": "n1", "serial": "0A"}, "revoked[0]: needs a name or a serial, one of the two"),
        ({"name": "../n1"}, "revoked[0].name: '../n1' can't be a file name here"),
        ({"serial": 12}, "revoked[0].serial: 12 is not a serial: write at most 40 hex digits, in quotes"),
        ({"serial": "00"}, "revoked[0].serial: '00' is not a serial"),
        ({"serial": "xyz"}, "revoked[0].serial: 'xyz' is not a serial"),
        ({"name": "n1", "reason": "stolen"}, "revoked[0].reason: 'stolen' is not known"),
        ({"name": "n1", "reson": "superseded"}, "revoked[0].reson: 'reson' is not known: did you mean 'reason'?"),
        ({"name": "n1", "before": "yesterday"}, "revoked[0].before: 'yesterday' is not a moment"),
        ({"serial": "0A", "before": "2026-11-23T12:00:00Z"}, "revoked[0].before: goes with a name"),
    ],
)
def test_bad_input(raw: Any, words: str) -> None:
    problems = Problems()
    parse_revoked([raw], problems)
    assert str(next(iter(problems))).startswith(words)


def test_twice_the_same_serial() -> None:
    problems = Problems()
    parse_revoked([{"serial": "0A"}, {"serial": "a"}, {"name": "n1"}, {"name": "n1"}], problems)
    assert [str(found) for found in problems] == [
        "revoked[1]: 0A is also revoked[0]: write it once",
        "revoked[3]: n1 is also revoked[2]: write it once",
    ]


def test_two_that_mean_nothing_are_not_the_same() -> None:
    problems = Problems()
    parse_revoked([{"name": "../n1"}, {"name": "../n2"}], problems)
    assert [found.path for found in problems] == ["revoked[0].name", "revoked[1].name"]


def test_the_ledger_is_kept(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path), NoSeal())
    assert revocation.read(folder, "ca") == Ledger()
    ledger = resolve(entries({"name": "n1/server"}), RECORD, Ledger(number=3), NOW).ledger
    change = revocation.change("ca", ledger)
    (tmp_path / change.path).write_bytes(change.content or b"")
    assert revocation.read(folder, "ca") == ledger
    for text in ("{", "[]", '{"number": 1, "names": {}, "revoked": {"0A": {}}}'):
        (tmp_path / change.path).write_text(text)
        with pytest.raises(StoreError, match="the record of what is revoked is damaged"):
            revocation.read(folder, "ca")
