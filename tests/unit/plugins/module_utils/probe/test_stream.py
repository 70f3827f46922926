# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words for what JetStream answers; the round trip itself is tested in tests/integration."""

from __future__ import annotations

import asyncio

import nats.errors
import nats.js.errors
import pytest
from ansible_collections.aegis.nats.plugins.module_utils.probe.stream import _words


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (asyncio.TimeoutError(), "no answer in time"),
        (nats.errors.TimeoutError(), "no answer in time"),
        (nats.js.errors.APIError(code=400, description="subjects overlap", err_code=10065), "subjects overlap"),
        (nats.js.errors.ServiceUnavailableError(), "nobody answers for JetStream: is it on in this account?"),
        (nats.errors.Error("nats: odd"), "odd"),
    ],
)
def test_words(error: BaseException, words: str) -> None:
    assert _words(error) == words
