# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.jetstream.leading import hand_over, successor
from ansible_collections.aegis.nats.plugins.module_utils.jetstream.servers import Meta, NatsError, Replica
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.jetstream.answers import Talk, run, whole

META = Meta("n1", (Replica("n1"), Replica("n2", lag=3), Replica("n3"), Replica("n4")))


def test_who_has_everything_leads_next() -> None:
    assert successor(META) == "n3"
    assert successor(Meta("n1", (Replica("n1"), Replica("n2", offline=True)))) == ""


def test_a_preferred_one_is_asked_for() -> None:
    talk = Talk([{"success": True}], whole("n3"))
    assert run(hand_over(talk, META, 5.0)).leader == "n3"
    assert talk.asked[0] == ("$JS.API.META.LEADER.STEPDOWN", {"placement": {"preferred": "n3"}})


def test_servers_that_know_no_preferred_one_are_asked_without() -> None:
    error = {"code": 400, "err_code": 10005, "description": "no suitable peers for placement"}
    talk = Talk([{"error": error}], [{"success": True}], whole("n2"))
    assert run(hand_over(talk, META, 5.0)).leader == "n2"
    assert talk.asked[1] == ("$JS.API.META.LEADER.STEPDOWN", None)


def test_nobody_to_take_over_is_told_before_anything_is_asked() -> None:
    talk = Talk([{"success": True}])
    alone = Meta("n1", (Replica("n1"), Replica("n2", offline=True)))
    with pytest.raises(NatsError, match=r"nobody can take over \(n2 is offline\)"):
        run(hand_over(talk, alone, 1.0))
    assert talk.asked == []


def test_one_that_keeps_leading_is_told() -> None:
    with pytest.raises(NatsError, match=r"n1 was asked to step down and still leads"):
        run(hand_over(Talk([{"success": True}], whole("n1")), META, 0.5))
