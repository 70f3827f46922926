# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""nats-py comes through one place."""

from __future__ import annotations

import nats.errors
import nats.js.errors
import pytest
from ansible_collections.aegis.nats.plugins.module_utils.client import libraries
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import MissingLibrary


def test_the_errors_are_those_of_the_library() -> None:
    assert issubclass(nats.errors.TimeoutError, libraries.nats_error())
    assert issubclass(nats.js.errors.ServiceUnavailableError, libraries.jetstream_error())
    assert libraries.no_responders() is nats.errors.NoRespondersError
    assert libraries.not_found() is nats.js.errors.NotFoundError


def test_its_absence_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "nats_client", None)
    with pytest.raises(MissingLibrary, match="nats-py"):
        libraries.new_client()
