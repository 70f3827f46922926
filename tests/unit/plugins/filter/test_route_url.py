# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""URLs of routes."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.aegis.nats.plugins.filter.route_url import route_url
from hypothesis import given
from hypothesis import strategies as st

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(TEXT, TEXT)
def test_any_user_and_password_come_back(user: str, password: str) -> None:
    parts = urlsplit(route_url("n1.example.com", 6222, user, password))
    assert (unquote(parts.username or ""), unquote(parts.password or "")) == (user, password)
    assert (parts.scheme, parts.hostname, parts.port) == ("tls", "n1.example.com", 6222)


def test_without_login_and_with_ipv6() -> None:
    assert route_url("::1", "6222", scheme="nats") == "nats://[::1]:6222"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("", 6222), "must be a name or an address"),
        (("n1@n2", 6222), "must be a name or an address"),
        (("n1", 0), "0 is not a port"),
        (("n1", 70000), "not a port"),
        (("n1", "x"), "not a port"),
        (("n1", 6222, "", "secret"), "a password needs a user"),
    ],
)
def test_what_is_no_route(arguments: tuple[object, ...], message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=message) as caught:
        route_url(*arguments)
    assert "secret" not in str(caught.value)
