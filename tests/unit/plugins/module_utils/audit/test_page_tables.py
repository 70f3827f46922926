# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of the page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit import page_tables
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit import samples


def test_every_control_has_its_row() -> None:
    report = samples.broken()
    table = page_tables.controls(report)
    assert table.count("<tr") == 1 + len(report.results)
    assert all(f'id="control-{result.control.id}"' in table for result in report.results)
    assert "TLS 1.2 is refused with protocol version" in table, "what holds is told too"


@pytest.mark.parametrize(
    "table",
    [
        page_tables.controls(samples.broken()),
        page_tables.listeners(samples.broken().topology),
        page_tables.users(samples.broken().trust),
        page_tables.shared(samples.broken().trust),
        page_tables.ends(samples.broken()),
    ],
)
def test_tables_can_be_read_aloud(table: str) -> None:
    assert table.count("<caption>") == 1 and 'scope="col"' in table and 'scope="row"' in table
    assert table.count("<th ") == table.count("<th scope=") and 'role="region"' in table


def test_listeners() -> None:
    table = page_tables.listeners(samples.broken().topology)
    assert table.count("<tr") == 8 and "nobody here" in table and "not asked for" in table
    assert "all 100" in page_tables.listeners(samples.enormous().topology)


def test_users() -> None:
    table = page_tables.users(samples.trust())
    assert "orders.new; not orders.admin" in table and "bearer: enough by itself" in table


def test_shared() -> None:
    trust = samples.trust()
    trust["accounts"][0]["exports"].append({"subject": "lonely", "kind": "stream"})
    trust["accounts"][0]["imports"].append({"subject": "far", "kind": "stream", "account": "AXYZ"})
    table = page_tables.shared(trust)
    assert "nobody by this very subject" in table and "AXYZ (not seen)" in table and table.count("<tr") == 6


def test_long_tables_say_what_they_leave_out() -> None:
    report = samples.enormous()
    for table in (page_tables.users(report.trust), page_tables.shared(report.trust), page_tables.ends(report)):
        assert table.count("<tr") == 1 + page_tables.MOST_ROWS
        assert f"The first {page_tables.MOST_ROWS} of " in table and "the JSON report has all of them" in table


def test_nothing_is_no_table() -> None:
    report = samples.empty()
    assert "There is no control" in page_tables.controls(report)
    for table in (page_tables.listeners({}), page_tables.users({}), page_tables.shared({}), page_tables.ends(report)):
        assert table == ""
    assert "There is no control" not in page_tables.controls(replace(samples.healthy()))
