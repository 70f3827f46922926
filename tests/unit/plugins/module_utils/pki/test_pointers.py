# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Responder, list and issuer in certificates: written, read again, compared, and refused where they make no sense."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node import nodes
from ansible_collections.aegis.nats.plugins.module_utils.pki import facts
from ansible_collections.aegis.nats.plugins.module_utils.pki.pointers import Pointers, differences
from ansible_collections.aegis.nats.plugins.module_utils.pki.profiles import Profile
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import authority, certificate, entry
from cryptography import x509

ALL = {
    "ocsp_urls": ["http://pki.example.com/ocsp", "https://other.example.com:8080/"],
    "crl_urls": ["http://pki.example.com/ca.crl"],
    "issuer_urls": ["http://pki.example.com/ca.crt"],
}


def read(path: Path, name: str = "issued/n1/server") -> Any:
    return facts.load((path / f"{name}.crt").read_bytes(), name)


def test_what_is_written_is_read_again_and_stays(tmp_path: Path) -> None:
    authority(tmp_path)
    wanted = [entry(must_staple=True, **ALL)]
    assert not certificate(tmp_path, wanted).get("failed")
    made = read(tmp_path)
    assert facts.read(made).pointers.as_dict() == {**ALL, "must_staple": True}
    kinds = (x509.AuthorityInformationAccess, x509.CRLDistributionPoints, x509.TLSFeature)
    assert not any(made.extensions.get_extension_for_class(kind).critical for kind in kinds)
    assert not certificate(tmp_path, wanted)["changed"]


def test_nothing_is_written_unless_asked(tmp_path: Path) -> None:
    authority(tmp_path)
    certificate(tmp_path, [entry()])
    assert not facts.read(read(tmp_path)).pointers


def test_another_responder_is_a_reason(tmp_path: Path) -> None:
    authority(tmp_path)
    certificate(tmp_path, [entry(crl_urls=["http://a.example.com/ca.crl"])])
    again = certificate(tmp_path, [entry(ocsp_urls=["http://b.example.com"], must_staple=True)])
    assert again["reasons"] == [
        "n1/server: ocsp_urls none becomes http://b.example.com",
        "n1/server: crl_urls http://a.example.com/ca.crl becomes none",
        "n1/server: must_staple false becomes true",
    ]


@pytest.mark.parametrize(
    ("more", "place", "message"),
    [
        ({"ocsp_urls": ["pki.example.com"]}, "ocsp_urls[0]", "is not a URL to ask at"),
        ({"ocsp_urls": ["ldap://pki.example.com"]}, "ocsp_urls[0]", "is not a URL to ask at"),
        ({"crl_urls": ["http://a:70000/"]}, "crl_urls[0]", "is not a URL to ask at"),
        ({"crl_urls": "http://a"}, "crl_urls", "must be a list"),
        ({"issuer_urls": ["http://me:secret@a/"]}, "issuer_urls[0]", "holds a user"),
        ({"must_staple": "perhaps"}, "must_staple", "neither true nor false"),
        ({"must_staple": True}, "must_staple", "needs ocsp_urls"),
        (
            {"must_staple": True, "profile": "client", **ALL},
            "must_staple",
            "staples no answer to a certificate of client",
        ),
        ({"must_staple": True, "profile": "leafnode", **ALL}, "must_staple", "staples no answer"),
        ({"profile": "ocsp", "ocsp_urls": ["http://a"]}, "ocsp_urls", "would ask itself"),
    ],
)
def test_what_makes_no_sense_is_told(tmp_path: Path, more: dict[str, Any], place: str, message: str) -> None:
    authority(tmp_path)
    (told,) = certificate(tmp_path, [{**entry(), **more}])["problems"]
    assert told["path"] == f"certificates[0].{place}"
    assert message in told["message"] and "secret" not in told["message"]


def test_the_profiles_that_are_stapled_are_those_of_the_servers() -> None:
    assert {profile.value for profile in Profile if profile.stapled} == nodes.STAPLED | {"monitoring"}


def test_somebody_elses_authority_says_it_itself(tmp_path: Path) -> None:
    authority(tmp_path)
    told = certificate(tmp_path, [entry(**ALL)], external=True)["problems"]
    assert [problem["path"] for problem in told] == [f"certificates[0].{kind}" for kind in ALL]


def test_an_authority_below_another_points_too(tmp_path: Path) -> None:
    authority(tmp_path, path_length=1)
    asked: dict[str, Any] = {"name": "below", "parent": "ca", "common_name": "Below", **ALL}
    assert authority(tmp_path, **asked)["changed"]
    assert facts.read(read(tmp_path, "below")).pointers.as_dict() == {**ALL, "must_staple": False}
    assert not authority(tmp_path, **asked).get("warnings")
    assert "keeps its URLs" in authority(tmp_path, **{**asked, "crl_urls": ["http://c"]})["warnings"][0]
    (told,) = authority(tmp_path / "other", ocsp_urls=["http://a"])["problems"]
    assert told["path"] == "ocsp_urls" and "for a root nobody" in told["message"]


def test_differences_are_told_by_kind() -> None:
    assert not differences(Pointers(), Pointers())
    assert differences(Pointers(crl_urls=("http://a", "http://b")), Pointers()) == [
        "crl_urls none becomes http://a, http://b"
    ]


def test_only_what_servers_staple_is_asked_to_be_stapled() -> None:
    servers = [{"host": "n1", "name": "n1", "names": ["n1"]}]
    wanted = nodes.certificates(
        servers, {}, [], [{"name": "app"}], profiles=["server", "leafnode", "monitoring"], must_staple=True
    )
    assert [one.get("must_staple", False) for one in wanted] == [True, False, False, False]
