# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ansible_collections.aegis.nats.plugins.module_utils.jetstream.verb_jetstream_peer import PEER
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform


def peer(**given: Any) -> dict[str, Any]:
    params = {"creds": "/none", "name": "n1", "state": "follower", "timeout": 1.0, "wait_timeout": 1.0, **given}
    return perform(PEER, params, Surroundings(False, datetime.now(timezone.utc), NoSeal()))


def test_everything_wrong_is_told_at_once() -> None:
    result = peer(servers=["n1:4222"], wait_timeout=0.0)
    assert result["failed"], result
    assert [problem["path"] for problem in result["problems"]] == ["servers[0]", "creds", "wait_timeout"]
