# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is decided of a stream before anything is done to it."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.backup.comparing import marked
from ansible_collections.aegis.nats.plugins.module_utils.backup.putting import Standing, refuse, smaller, stand
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.backup.samples import state, stream

ENTRY = stream()


def there(mark: str = "", **changes: Any) -> dict[str, Any]:
    config = marked(ENTRY.config, mark) if mark else ENTRY.config
    return {"config": config, "state": ENTRY.state, **changes}


@pytest.mark.parametrize(
    "info, standing",
    [
        (None, Standing.ABSENT),
        (there(), Standing.SAME),
        (there("f00d"), Standing.VERIFIED),
        (there("f00d", state=state(1, 1)), Standing.HALF),
        (there(state=state(1, 1)), Standing.OTHER),
        (there("beef"), Standing.OTHER),
    ],
)
def test_how_it_stands(info: Optional[dict[str, Any]], standing: Standing) -> None:
    assert stand(ENTRY, "f00d", info, ENTRY.consumers).standing is standing


def test_what_others_made_is_refused_unless_it_may_be_overwritten() -> None:
    wanted = [stand(ENTRY, "f00d", info, ENTRY.consumers) for info in (there(state=state(1, 1)), there(), None)]
    problems = Problems()
    refuse(wanted, True, problems)
    assert not len(problems)
    refuse(wanted, False, problems)
    (told,) = (str(each) for each in problems)
    assert told.startswith("streams.TeamAlpha/ORDERS: is there and is not what was taken (messages: 10 was taken, 1 is")


@pytest.mark.parametrize("most, replicas", [(None, 3), (1, 1), (3, 3), (5, 3)])
def test_a_smaller_cluster_gets_fewer_replicas(most: Optional[int], replicas: int) -> None:
    assert smaller(ENTRY, most).config["num_replicas"] == replicas
