# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.jetstream.api import ApiError, request
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.jetstream.answers import Talk, run


def test_the_answer_is_given_back() -> None:
    talk = Talk([{"success": True}])
    assert run(request(talk, "$JS.API.X", {"peer": "n4"})) == {"success": True}
    assert talk.asked == [("$JS.API.X", {"peer": "n4"})]
    run(request(talk, "$JS.API.X"))
    assert talk.asked[1] == ("$JS.API.X", None)


def test_an_error_has_jetstream_s_words_and_ours() -> None:
    error = {"code": 400, "err_code": 10005, "description": "no suitable peers for placement"}
    with pytest.raises(ApiError, match=r"^no suitable peers for placement \(no other server takes it: ") as caught:
        run(request(Talk([{"error": error}]), "$JS.API.X"))
    assert caught.value.code == 10005 and not caught.value.passing


def test_silence_passes() -> None:
    with pytest.raises(ApiError, match=r"JetStream did not answer") as caught:
        run(request(Talk([]), "$JS.API.X"))
    assert caught.value.passing
