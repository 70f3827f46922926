# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An operator's own certificates: what peers would refuse is told beforehand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.checks.covering import covered
from ansible_collections.aegis.nats.plugins.module_utils.pki import given
from ansible_collections.aegis.nats.plugins.module_utils.pki.profiles import Profile
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import (
    DAY,
    NOW,
    authority,
    certificate,
    entry,
)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    authority(tmp_path, path_length=1)
    authority(tmp_path, name="below", parent="ca", common_name="Below")
    authority(tmp_path / "foreign", common_name="Foreign CA")
    wanted = [entry("n1/route", "route"), entry("n1/server"), entry("n2/route", "route", dns=["n2.example.com"], ip=[])]
    made = certificate(tmp_path, wanted, authority="below")
    assert not made.get("failed"), made
    return tmp_path


def files(own: Path, name: str = "n1/route", **more: Any) -> given.Given:
    found = given.Given(
        name="route",
        profile=Profile.ROUTE,
        certificate_path="/own/route.crt",
        certificate=(own / f"issued/{name}.crt").read_bytes(),
        ca_path="/own/ca.crt",
        ca=(own / "ca.crt").read_bytes(),
        key_path="/own/route.key",
        key=(own / f"issued/{name}.key").read_bytes(),
        hosts=[("n1.example.com", "nats_server_address")],
    )
    return replace(found, **more)


def told(one: given.Given, now: Any = NOW) -> list[tuple[str, str]]:
    return given.problems(one, now, covered)


def test_good_files_have_no_problem(own: Path) -> None:
    assert told(files(own)) == []
    assert told(files(own, key=None)) == []
    assert given.authority_problem((own / "ca.crt").read_bytes(), "/own/ca.crt") is None


def test_every_problem_at_once(own: Path) -> None:
    found = told(files(own, "n1/server", key=(own / "issued/n1/route.key").read_bytes(), hosts=[("db", "x")]))
    assert [path for path, _sentence in found] == ["route_certificate", "route_certificate", "route_key"]
    assert "is not for clientAuth: servers that dial each other and are dialled want both" in found[0][1]
    assert "does not carry db, which x has peers dial" in found[1][1]
    assert "(it has n1.example.com, 192.0.2.1)" in found[1][1]
    assert "/own/route.key is not the key of /own/route.crt" in found[2][1]


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"certificate": b"nothing"}, "route_certificate", "is not a certificate in PEM form"),
        ({"key": b"nothing"}, "route_key", "is not a private key in PEM form"),
    ],
)
def test_what_is_no_certificate_or_key(own: Path, changes: dict[str, Any], path: str, message: str) -> None:
    ((where, sentence),) = told(files(own, **changes))
    assert where == path and message in sentence


def test_a_key_with_a_passphrase_is_of_no_use_to_the_server(own: Path) -> None:
    authority(own / "locked", passphrase="hunter22hunter")
    ((where, sentence),) = told(files(own, key=(own / "locked/ca.key").read_bytes()))
    assert where == "route_key" and "encrypted with a passphrase, which nats-server can't open" in sentence


def test_dates(own: Path) -> None:
    assert any("expired on" in sentence for _where, sentence in told(files(own), NOW + 400 * DAY))
    assert any("is not valid before" in sentence for _where, sentence in told(files(own), NOW - DAY))


def test_the_chain_leads_to_the_authority(own: Path) -> None:
    alone = (own / "issued/n1/route.crt").read_bytes().partition(b"-----END CERTIFICATE-----\n")
    ((_where, sentence),) = told(files(own, certificate=alone[0] + alone[1]))
    assert "does not lead to /own/ca.crt: put the intermediates below the certificate" in sentence
    ((_where, sentence),) = told(files(own, ca=(own / "foreign/ca.crt").read_bytes()))
    assert "does not lead to /own/ca.crt" in sentence
    # Go takes any certificate of the file as the end of the chain.
    assert told(files(own, certificate=alone[0] + alone[1], ca=(own / "below.crt").read_bytes())) == []


def test_what_is_no_authority(own: Path) -> None:
    leaf = (own / "issued/n1/route.crt").read_bytes().partition(b"-----END CERTIFICATE-----\n")
    said = given.authority_problem(leaf[0] + leaf[1], "/own/ca.crt")
    assert said is not None and "is not an authority" in said and "keyCertSign" in said
    assert "not a certificate" in str(given.authority_problem(b"x", "/own/ca.crt"))
