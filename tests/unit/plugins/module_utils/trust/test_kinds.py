# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scalars: what is taken, what it becomes, what is refused and why."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust import kinds
from ansible_collections.aegis.nats.plugins.module_utils.trust.fields import Kind
from hypothesis import given
from hypothesis import strategies as st

ALL = {name: kind for name, kind in vars(kinds).items() if isinstance(kind, Kind)}
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.binary(max_size=4),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
    st.sampled_from(["nats://[::1", "http://a:b", "1.2.3.4/33", "90d", "\ud800", "$1", "1e400d", "9" * 400 + "G"]),
)


@pytest.mark.parametrize("name", ALL)
@given(value=JUNK)
def test_junk_is_taken_or_refused_with_a_sentence(name: str, value: Any) -> None:
    try:
        parsed = ALL[name].parse(value)
    except ValueError as error:
        assert len(str(error)) > 10
    else:
        assert parsed is not None
        assert ALL[name].parse(ALL[name].show(parsed)) == parsed


@pytest.mark.parametrize(
    ("kind", "value", "becomes"),
    [
        (kinds.LIMIT, "500", 500),
        (kinds.LIMIT, "unlimited", -1),
        (kinds.SIZE, "1G", 10**9),
        (kinds.SIZE, "1GiB", 2**30),
        (kinds.SIZE, -1, -1),
        (kinds.DURATION, "5s", 5_000_000_000),
        (kinds.LIFETIME, "90d", 90 * 86_400),
        (kinds.FLAG, "yes", True),
        (kinds.TAG, " Team:A ", "team:a"),
        (kinds.NETWORK, "10.0.0.0/8", "10.0.0.0/8"),
        (kinds.TIME, "08:00", "08:00:00"),
        (kinds.SAMPLING, "Headers", "headers"),
        (kinds.SAMPLING, "50", 50),
        (kinds.SERVICE_URL, "tls://h:4222", "tls://h:4222"),
        (kinds.NAME, "Team Ä", "Team Ä"),
    ],
)
def test_what_is_taken(kind: Kind, value: Any, becomes: Any) -> None:
    assert kind.parse(value) == becomes


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        (kinds.LIMIT, -2, "-1 for unlimited"),
        (kinds.LIMIT, 2**63, "out of range"),
        (kinds.LIMIT, True, "not a whole number"),
        (kinds.LIMIT, "many", "not a whole number"),
        (kinds.SIZE, "1 gigabyte", "not a size"),
        (kinds.DURATION, 5, "with its unit"),
        (kinds.DURATION, "5", "with its unit"),
        (kinds.DURATION, "300y", "at most 292 years"),
        (kinds.LIFETIME, "10ms", "whole seconds"),
        (kinds.KEY_COUNT, 17, "0 to 16"),
        (kinds.NAME, "../x", "file name"),
        (kinds.NAME, "a/b", "file name"),
        (kinds.NAME, "-x", "file name"),
        (kinds.NAME, "", "not a name"),
        (kinds.NAME, "a\nb", "not a name"),
        (kinds.NAME, "x" * 129, "at most 128"),
        (kinds.NAME, ["x"], "not a text"),
        (kinds.FLAG, "maybe", "neither true nor false"),
        (kinds.SUBJECT, "a.>.b", '">" must be the last token'),
        (kinds.SUBJECT, "a b", "queue"),
        (kinds.TIME, 28800, "without quotes"),
        (kinds.TIME, "24:00:00", "time of day"),
        (kinds.NETWORK, "10.0.0.0/99", "CIDR"),
        (kinds.NETWORK, "10.0.0.1", "no prefix length"),
        (kinds.ZONE, "Mars/Phobos", "IANA"),
        (kinds.URL, "example.com", "with its scheme"),
        (kinds.SERVICE_URL, "http://h", "nats://"),
        (kinds.SERVICE_URL, "nats://u:hunter2@h", "leave them out"),
        (kinds.SERVICE_URL, "nats://h/path", "has a path"),
        (kinds.SERVICE_URL, "nats://h:port", "not a URL"),
        (kinds.VERSION, "2.10", "all three parts"),
        (kinds.RESPONSE_TYPE, "singleton", "did you mean Singleton"),
        (kinds.CONNECTION, "WEBSOKET", "did you mean WEBSOCKET"),
        (kinds.SAMPLING, 101, "1 to 100"),
        (kinds.ACCOUNT, "ADWUSKGGFDI4FRXK5EBTRECZSVQSSWJHHJOGH6JWG3AUMFFMQ435D6HX", "checksum"),
        (kinds.TEXT, "x" * 8193, "at most 8192"),
        (kinds.TEXT, "é" * 4097, "8194 bytes"),
        (kinds.URL, "https://u:hunter2{@h/", "may not be"),
        (kinds.URL, "https://u:hunter2@h/%zz", "escape"),
        (kinds.VERSION, "2.1.٣", "all three parts"),
        (kinds.TIME, "0٣:00:00", "time of day"),
        (kinds.NETWORK, "fe80::1%eth0/64", "zone"),
    ],
)
def test_what_is_refused(kind: Kind, value: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says.replace("(", r"\(")) as caught:
        kind.parse(value)
    assert "hunter2" not in str(caught.value)
