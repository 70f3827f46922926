# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The raw list of certificates: defaults, and every problem with its place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki.profiles import Profile
from ansible_collections.aegis.nats.plugins.module_utils.pki.wanted import parse_certificates, safe_name
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems


def problems_of(*entries: Any) -> list[str]:
    problems = Problems()
    parse_certificates(list(entries), problems)
    return [str(problem) for problem in problems]


def test_defaults() -> None:
    problems = Problems()
    (wanted,) = parse_certificates([{"name": "n1/server", "profile": "server", "dns": ["N1"], "days": None}], problems)
    assert not len(problems)
    assert (wanted.profile, wanted.common_name, wanted.days) == (Profile.SERVER, "n1", 365)
    assert (wanted.key_type.name, wanted.renew_before, wanted.organization) == ("ecdsa-p256", None, None)


@pytest.mark.parametrize(
    ("more", "common_name"),
    [
        ({"dns": ["a.example"], "ip": ["::1"]}, "a.example"),
        ({"dns": [".".join(["a" * 40] * 3)], "ip": ["::1"]}, "::1"),
        ({"email": ["a@example.com"]}, "a@example.com"),
        ({}, "clients/order-service"),
        ({"common_name": "Order service"}, "Order service"),
    ],
)
def test_common_name(more: dict[str, Any], common_name: str) -> None:
    (wanted,) = parse_certificates([{"name": "clients/order-service", "profile": "client", **more}], Problems())
    assert wanted.common_name == common_name


def test_renewal_window() -> None:
    (wanted,) = parse_certificates(
        [{"name": "a", "profile": "client", "days": "90", "renew_before": "30d"}], Problems()
    )
    assert (wanted.days, wanted.renew_before) == (90, timedelta(days=30))


GOOD = {"name": "n1/server", "profile": "server", "dns": ["n1"]}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": None}, "certificates[0].name: is needed"),
        ({"name": "../ca"}, "certificates[0].name: '../ca' can't be a file name"),
        ({"name": "/etc/passwd"}, "can't be a file name"),
        ({"name": "n1//server"}, "can't be a file name"),
        ({"name": "n1/.."}, "can't be a file name"),
        ({"name": "n1/ser ver"}, "can't be a file name"),
        ({"name": "n1\n"}, "can't be a file name"),
        ({"profile": None}, "certificates[0].profile: is needed: write one of server, route"),
        ({"profile": "sever"}, "did you mean 'server'?"),
        ({"key_type": "P-256"}, "certificates[0].key_type: 'P-256' is not known"),
        ({"key_type": "rsa-1024"}, "did you mean 'rsa-"),
        ({"days": 0}, "certificates[0].days: 0 is not a lifetime"),
        ({"days": "a year"}, "'a year' is not a lifetime"),
        ({"days": True}, "True is not a lifetime"),
        ({"days": 40000}, "40000 is not a lifetime"),
        ({"renew_before": "soon"}, "certificates[0].renew_before: 'soon' is not a duration"),
        ({"renew_before": 30}, "is not a duration"),
        ({"renew_before": "365d"}, "is not less than the lifetime of 365 days"),
        ({"dns": []}, "certificates[0]: a server certificate names what peers dial: write dns or ip"),
        ({"dns": "n1"}, "certificates[0].dns: must be a list: write [n1]"),
        ({"common_name": "x" * 65}, "certificates[0].common_name:"),
        ({"organization": "a\nb"}, "certificates[0].organization:"),
        ({"sans": ["n1"]}, "certificates[0].sans: 'sans' is not known"),
        ({"csr": "hello"}, "certificates[0].csr: is not a certificate request"),
    ],
)
def test_one_problem(change: dict[str, Any], words: str) -> None:
    found = problems_of({**GOOD, **change})
    assert len(found) == 1, found
    assert words in found[0]


def test_all_problems_at_once() -> None:
    found = problems_of({"name": "a b", "dns": ["x:1", "ok"]}, "n2", {**GOOD, "days": -1}, GOOD, GOOD)
    assert [line.split(": ")[0] for line in found] == [
        "certificates[0].name",
        "certificates[0].profile",
        "certificates[0].dns[0]",
        "certificates[1]",
        "certificates[2].days",
        "certificates[3].name",
        "certificates[4].name",
    ]
    assert "is also certificates[2]: names are unique" in found[5]


@pytest.mark.parametrize("name", ["n1", "n1.example.com/server", "2001:db8::1/route", "_a+b@c"])
def test_safe_names(name: str) -> None:
    problems = Problems()
    assert safe_name(name, problems, "name") == name
    assert not len(problems)
