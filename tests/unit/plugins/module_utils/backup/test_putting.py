# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is decided of a stream before anything is done to it."""

from __future__ import annotations

import asyncio
from typing import Any, Optional
from unittest.mock import AsyncMock

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.backup import putting
from ansible_collections.aegis.nats.plugins.module_utils.backup.comparing import marked
from ansible_collections.aegis.nats.plugins.module_utils.backup.jetstream import Listed, NoAnswer, Refused
from ansible_collections.aegis.nats.plugins.module_utils.backup.putting import (
    Standing,
    There,
    check_fit,
    fitted,
    refuse,
    stand,
)
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import NatsError
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.backup.samples import consumer, state, stream

ENTRY = stream()


def there(mark: str = "", consumers: Any = ENTRY.consumers, same: bool = False, **changes: Any) -> There:
    config = marked(ENTRY.config, mark) if mark else ENTRY.config
    return There({"config": config, "state": ENTRY.state, **changes}, consumers, same)


@pytest.mark.parametrize(
    "found, standing",
    [
        (None, Standing.ABSENT),
        (there(), Standing.SAME),
        (there("f00d"), Standing.VERIFIED),
        (there("f00d", state=state(1, 1)), Standing.HALF),
        (there(state=state(1, 1)), Standing.OTHER),
        (there("beef"), Standing.OTHER),
        # Written to since: its messages tell that it is the same stream, or it is another one.
        (there(state=state(20, 22), same=True), Standing.LATER),
        (there(state=state(20, 22)), Standing.OTHER),
        # Begun by this archive: what applications wrote since is never deleted with it.
        (there("f00d", state=state(20, 22)), Standing.VERIFIED),
        (there("f00d", state=state(20, 22), consumers={}), Standing.OTHER),
        # Nothing was ever in it.
        (there(state=state(0, 0)), Standing.EMPTY),
        (there(state=state(0, 0), consumers={"mine": consumer(0, 0)}), Standing.OTHER),
        (there(state=state(0, 5)), Standing.OTHER),
    ],
)
def test_how_it_stands(found: Optional[There], standing: Standing) -> None:
    assert stand(ENTRY, "f00d", found).standing is standing


def test_what_others_made_is_refused_unless_it_may_be_overwritten() -> None:
    wanted = [stand(ENTRY, "f00d", found) for found in (there(state=state(1, 1)), there(), None)]
    problems = Problems()
    refuse(wanted, True, False, problems)
    assert not len(problems)
    refuse(wanted, False, False, problems)
    (told,) = (str(each) for each in problems)
    assert told.startswith("streams.TeamAlpha/ORDERS: is there and is not what was taken (messages: 10 was taken, 1 is")


def test_what_was_in_use_since_is_left_unless_it_was_named() -> None:
    later = stand(ENTRY, "f00d", there(state=state(20, 22), same=True))
    problems = Problems()
    refuse([later], False, False, problems)
    assert later.idle and not len(problems)
    refuse([later], False, True, problems)
    (told,) = (str(each) for each in problems)
    assert "was in use since (" in told and "loses what came later" in told
    assert later.overwritten().standing is Standing.OTHER and not later.overwritten().idle


@pytest.mark.parametrize("most, replicas", [(None, 3), (1, 1), (3, 3), (5, 3)])
def test_a_smaller_cluster_gets_fewer_replicas(most: Optional[int], replicas: int) -> None:
    assert fitted(ENTRY, most).config["num_replicas"] == replicas


@pytest.mark.parametrize("own, most, fits", [(0, 1, True), (3, None, True), (3, 3, True), (3, 1, False)])
def test_a_consumer_that_asks_for_more_is_told_before(own: int, most: Optional[int], fits: bool) -> None:
    problems = Problems()
    entry = stream(consumers={"d": consumer(8, 5, 3, num_replicas=own)})
    check_fit(fitted(entry, most), problems)
    assert [str(each) for each in problems] == (
        []
        if fits
        else [
            "replicas: 1 is too few for TeamAlpha/ORDERS: its consumer d asks for 3 replicas of its own: have more "
            "servers, or leave the stream out"
        ]
    )


class Starting:
    """JetStream of an account that is enabled after some questions."""

    def __init__(self, refusals: int, code: int = 10039) -> None:
        self.refusals, self.code = refusals, code

    async def streams(self, wanted: Any) -> Listed:
        self.refusals -= 1
        if self.refusals >= 0:
            raise Refused("stream list", {"err_code": self.code, "description": "JetStream not enabled for account"})
        return Listed([], [])


@pytest.mark.parametrize("refusals, code, words", [(3, 10039, ""), (99, 10039, "limits.jetstream"), (1, 10008, "A: ")])
def test_an_account_gets_its_jetstream_in_time(
    monkeypatch: pytest.MonkeyPatch, refusals: int, code: int, words: str
) -> None:
    monkeypatch.setattr(putting.asyncio, "sleep", AsyncMock())
    each: Any = Starting(refusals, code)
    if not words:
        assert asyncio.run(putting._listed(each, "A", set())) == Listed([], [])
        return
    with pytest.raises(NatsError, match=words):
        asyncio.run(putting._listed(each, "A", set()))


@pytest.mark.parametrize("silent", [3, 99])
def test_an_account_that_does_not_answer_is_asked_again(monkeypatch: pytest.MonkeyPatch, silent: int) -> None:
    monkeypatch.setattr(putting.asyncio, "sleep", AsyncMock())
    each: Any = AsyncMock()
    each.streams.side_effect = [*[NoAnswer("stream list: no responders")] * silent, Listed([], [])]
    if silent < 10:
        assert asyncio.run(putting._listed(each, "A", set())) == Listed([], [])
        return
    with pytest.raises(NoAnswer, match="no responders"):
        asyncio.run(putting._listed(each, "A", set()))
    assert each.streams.await_count == 10
