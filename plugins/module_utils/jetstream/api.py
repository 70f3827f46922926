# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to JetStream's API that the meta leader answers, its errors in words (nats-server server/errors.json)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Optional

from ..plan.errors import NatsError
from ..resolver.conversation import Conversation

#: Error codes that pass by themselves.
_PASSING = frozenset((10008, 10202))
_HINTS: Mapping[int, str] = {
    10005: "no other server takes it: too few servers, none with the stream's placement tags, or none with the space "
    "that it reserves",
    10008: "JetStream has no leader at the moment",
    10044: "it is no server of JetStream's meta group",
    10202: "another server is being taken out at the moment",
}


class ApiError(NatsError):
    """JetStream refused. code: of the error; passing: it may be asked again."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code

    @property
    def passing(self) -> bool:
        return self.code in _PASSING


async def request(talk: Conversation, subject: str, wish: Optional[Mapping[str, Any]] = None) -> Mapping[str, Any]:
    """The answer to one request; raises ApiError with JetStream's own words and what they mean."""
    answers = (await talk.ask([(subject, json.dumps(wish).encode() if wish else b"")], 1))[0]
    if not answers:
        # Only the meta leader answers, and none may have led just then.
        raise ApiError(f"{subject}: JetStream did not answer", 10008)
    try:
        said: Mapping[str, Any] = json.loads(answers[0])
        error = said.get("error")
    except (ValueError, AttributeError) as problem:
        raise ApiError(f"{subject}: the answer is not one of JetStream's API") from problem
    if error:
        code = int(error.get("err_code") or 0)
        hint = f" ({_HINTS[code]})" if code in _HINTS else ""
        raise ApiError(f"{error.get('description') or error}{hint}", code)
    return said
