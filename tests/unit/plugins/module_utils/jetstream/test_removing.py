# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.jetstream.removing import remove
from ansible_collections.aegis.nats.plugins.module_utils.jetstream.servers import NatsError
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.jetstream.answers import (
    Talk,
    jsz,
    replica,
    run,
    whole,
)

WITHOUT = [jsz("n1", leader="n1", others=[replica("n2")])]


def test_a_server_is_removed_by_its_id_and_waited_for() -> None:
    talk = Talk([{"success": True}], whole(), [{"success": True}], WITHOUT)
    assert run(remove(talk, "n3", 5.0)).names == ("n1", "n2")
    assert talk.asked[0] == ("$JS.API.SERVER.REMOVE", {"peer": "n3", "peer_id": "BXScrY9i"})


def test_one_that_a_run_before_took_out_is_none_any_more() -> None:
    gone = {"error": {"err_code": 10044, "description": "server is not a member of the cluster"}}
    assert run(remove(Talk([gone], WITHOUT), "n3", 5.0)).names == ("n1", "n2")


def test_a_refusal_and_one_that_stays_are_told() -> None:
    with pytest.raises(NatsError, match="n3 can't be taken out of JetStream's meta group: insufficient"):
        run(remove(Talk([{"error": {"err_code": 10023, "description": "insufficient resources"}}]), "n3", 5.0))
    with pytest.raises(NatsError, match="n3 is still in JetStream's meta group"):
        run(remove(Talk([{"success": True}], whole()), "n3", 0.5))
