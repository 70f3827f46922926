# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alternative names: what is taken, in which form, and what is refused with which words."""

from __future__ import annotations

import ipaddress
from typing import Callable

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki.names import (
    Names,
    dns_name,
    email,
    ip_address,
    parse_names,
    uri,
)
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("read", "text", "found"),
    [
        (dns_name, "N1.Example.COM", "n1.example.com"),
        (dns_name, "localhost", "localhost"),
        (dns_name, "nats_1", "nats_1"),
        (dns_name, "*.example.com", "*.example.com"),
        (dns_name, "xn--bcher-kva.example", "xn--bcher-kva.example"),
        (ip_address, "2001:DB8:0:0::1", "2001:db8::1"),
        (ip_address, "[::1]", "::1"),
        (email, "Order.Service+x@Example.com", "Order.Service+x@example.com"),
        (uri, "spiffe://example.com/nats", "spiffe://example.com/nats"),
        (uri, "urn:uuid:1", "urn:uuid:1"),
    ],
)
def test_normal_forms(read: Callable[[str], str], text: str, found: str) -> None:
    assert read(text) == found


@pytest.mark.parametrize(
    ("read", "text", "words"),
    [
        (dns_name, "bücher.example", "write its IDNA form 'xn--bcher-kva.example'"),
        (dns_name, "10.0.0.1", "is an IP address: put it under ip"),
        (dns_name, "[::1]", "is an IP address: put it under ip"),
        (dns_name, "tls://n1.example.com", "is a URL: write the host name alone"),
        (dns_name, "n1.example.com:4222", "carries a port"),
        (dns_name, "n1.example.com.", "write 'n1.example.com'"),
        (dns_name, "*", "a wildcard stands alone"),
        (dns_name, "n*.example.com", "a wildcard stands alone"),
        (dns_name, "a.*.example.com", "a wildcard stands alone"),
        (dns_name, "-n1.example.com", "is not a host name (the label '-n1')"),
        (dns_name, "n1..example.com", "is not a host name (the label '')"),
        (dns_name, "n 1", "is not a host name"),
        (dns_name, "n1\n", "is not a host name"),
        (dns_name, "a" * 64, "is not a host name"),
        (dns_name, ".".join(["a" * 60] * 5), "its length of 304"),
        (ip_address, "10.0.0.0/8", "is a network"),
        (ip_address, "fe80::1%eth0", "has a zone"),
        (ip_address, "n1.example.com", "put host names under dns"),
        (ip_address, "10.0.0.256", "is not an IP address: write it as"),
        (ip_address, "010.0.0.1", "is not an IP address"),
        (email, "order-service", "is not a mail address"),
        (email, "a b@example.com", "is not a mail address"),
        (email, "a@", "is not a host name"),
        (uri, "n1.example.com", "is not an absolute URI"),
        (uri, "https://bücher.example", "is not an absolute URI"),
        (uri, "spiffe://a b", "is not an absolute URI"),
    ],
)
def test_refusals(read: Callable[[str], str], text: str, words: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        read(text)
    assert words in str(caught.value)


@given(st.ip_addresses())
def test_any_address_comes_back(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if "%" not in str(address):
        assert ipaddress.ip_address(ip_address(address.exploded)) == address


@given(st.text(max_size=40))
def test_what_is_taken_as_a_host_name_is_stable(text: str) -> None:
    try:
        name = dns_name(text)
    except ValueError as error:
        assert str(error)
    else:
        assert dns_name(name) == name
        assert name.isascii()


def test_all_problems_of_an_entry_with_their_places() -> None:
    problems = Problems()
    raw = {"dns": ["ok.example", "10.0.0.1", 7], "ip": "10.0.0.1", "email": None, "uri": [""]}
    names = parse_names(raw, problems, "certificates[3]")
    assert names == Names(dns=("ok.example",))
    assert [problem.path for problem in problems] == [
        "certificates[3].dns[1]",
        "certificates[3].dns[2]",
        "certificates[3].ip",
        "certificates[3].uri[0]",
    ]


def test_doubles_are_one_name_and_order_is_kept() -> None:
    names = parse_names({"dns": ["b.example", "A.example", "a.example"], "ip": ["::1", "0::1"]}, Problems(), "")
    assert names.as_dict() == {"dns": ["b.example", "a.example"], "ip": ["::1"], "email": [], "uri": []}
    assert names
    assert not Names()
