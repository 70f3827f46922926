# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is a URL in a token and what is not; what may be a password is not repeated."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust import urls


@pytest.mark.parametrize("text", ["https://example.com/a?b=1#c", "https://u:p@h/%20", "x://[::1]:1/", "http://hö/"])
def test_what_is_one(text: str) -> None:
    assert urls.web(text) == urls.server(text) == text


@pytest.mark.parametrize("text", ["tls://h:4222", "nats://10.0.0.1", "ws://[::1]:80", "wss://h"])
def test_what_clients_connect_to(text: str) -> None:
    assert urls.service(text) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("https://u:hunter2{@h/", '"{" may not be'),
        ("https://u:hunter2@h/%zz", "escape"),
        ("https://%41/", '"%" may not be'),
        ("https://a b/", "white space"),
        ("https://h/a b", "white space"),
        ("https://h:x/", "is not a URL"),
        ("example.com", "scheme"),
    ],
)
def test_what_is_none(text: str, says: str) -> None:
    for check in (urls.web, urls.server):
        with pytest.raises(ValueError, match=says) as caught:
            check(text)
        assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("text", ["http://h", "tls://", "tls://h/", "tls://h?x", "tls://u:hunter2@h"])
def test_what_clients_do_not_connect_to(text: str) -> None:
    with pytest.raises(ValueError, match=r"service URL|path|user or password") as caught:
        urls.service(text)
    assert "hunter2" not in str(caught.value)
