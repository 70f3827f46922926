# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What errors of JetStream mean."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.backup.jetstream import Refused, _consumer


@pytest.mark.parametrize("code, none", [(10039, True), (10076, True), (10035, True), (10059, False), (10005, False)])
def test_an_account_without_jetstream_is_told_from_other_errors(code: int, none: bool) -> None:
    error = Refused("info", {"err_code": code, "description": "words"})
    assert error.no_jetstream is none and str(error) == "info: words"


def test_of_a_consumer_what_outlives_a_restore() -> None:
    place = {"consumer_seq": 1, "stream_seq": 2, "last_active": "now"}
    said = {"name": "d", "config": {"a": 1}, "delivered": place, "num_ack_pending": 3, "created": "then"}
    assert _consumer(said) == {
        "config": {"a": 1},
        "delivered": {"consumer_seq": 1, "stream_seq": 2},
        "ack_floor": {"consumer_seq": 0, "stream_seq": 0},
        "num_ack_pending": 3,
        "num_pending": 0,
    }
