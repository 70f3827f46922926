# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A root alone, and a root with an authority below it, before the strict judges; and through a rotation of the root.

Both roots have the same name, as those of an inventory that did not change its name have: a judge tells them apart by
their keys only. What peers trust holds both for a while, each in its turn first.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki.verb_certificate_rotation import VERB
from ansible_collections.aegis.nats.tests.integration.strict_judges import (
    GO,
    OPENSSL,
    PYTHON,
    go_refuses,
    openssl_refuses,
    python_refuses,
)
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import authority, call, certificate

HIERARCHIES: dict[str, tuple[str, ...]] = {"root": ("ca",), "intermediate": ("ca", "issuing")}
KINDS = ["ecdsa-p256", "rsa-2048"]
JUDGES = {"openssl": OPENSSL, "go": GO, "python": PYTHON}


class Stage(NamedTuple):
    """What peers trusted and showed at one time, copied away: ``ca.crt``, ``server.crt``, ``app.crt`` and keys."""

    path: Path

    @property
    def trusted(self) -> Path:
        return self.path / "ca.crt"


class Rotated(NamedTuple):
    before: Stage
    trust: Stage
    issue: Stage
    drop: Stage


def make(path: Path, names: Sequence[str], kind: str, now: datetime) -> None:
    made = [authority(path, now, key_type=kind, path_length=len(names) - 1)]
    if "issuing" in names:
        made.append(authority(path, now, name="issuing", parent="ca", common_name="Issuing CA", key_type=kind))
    assert not [result for result in made if result.get("failed")], made


def stage(pki: Path, to: Path) -> Stage:
    to.mkdir()
    for source, name in (("ca", "ca"), ("issued/n1/route", "server"), ("issued/app", "app")):
        for ending in ("crt", "key"):
            shutil.copy(pki / f"{source}.{ending}", to / f"{name}.{ending}")
    return Stage(to)


def rotate(pki: Path, names: Sequence[str], now: datetime, **params: Any) -> str:
    found = call(VERB, {"path": str(pki), "kind": "authority", "authorities": list(names), **params}, now)
    assert not found.get("failed"), found
    return str(found["phase"])


@pytest.fixture(scope="module", params=[(name, kind) for name in HIERARCHIES for kind in KINDS], ids="-".join)
def rotated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Rotated:
    """The rotation's phases as the playbook goes through them."""
    hierarchy, kind = request.param
    names, folder, now = HIERARCHIES[hierarchy], tmp_path_factory.mktemp("rotated"), datetime.now(timezone.utc)
    pki = folder / "pki"
    server = {"dns": ["localhost"], "ip": ["127.0.0.1"], "key_type": kind}
    wanted = [
        {"name": "n1/route", "profile": "route", **server},
        {"name": "app", "profile": "client", "key_type": kind},
    ]

    def issued(to: str) -> Stage:
        made = certificate(pki, wanted, now, authority=names[-1])
        assert not made.get("failed"), made
        return stage(pki, folder / to)

    make(pki, names, kind, now)
    before = issued("before")
    make(pki / "next", names, kind, now)
    stages = []
    for phase, params in (("trust", {}), ("issue", {"verified": "trust"}), ("drop", {"verified": "issue"})):
        assert rotate(pki, names, now, **params) == phase
        stages.append(issued(phase))
    assert rotate(pki, names, now, verified="drop") == ""
    return Rotated(before, *stages)


def refusals(judge: str, trusted: Path, shown: Stage) -> list[str]:
    """What a judge says to server and client certificate of a stage; nothing where it is content with both."""
    server, client = shown.path / "server.crt", shown.path / "app.crt"
    if judge == "python":
        said = [python_refuses(trusted, shown.path / "app", trusted, shown.path / "server")]
    elif judge == "go":
        said = [go_refuses(trusted, server, "serverAuth", "localhost"), go_refuses(trusted, server, "clientAuth")]
        said.append(go_refuses(trusted, client, "clientAuth"))
    else:
        said = [openssl_refuses(trusted, server, use, "-verify_ip", "127.0.0.1") for use in ("sslserver", "sslclient")]
        said.append(openssl_refuses(trusted, client, "sslclient"))
    return [each for each in said if each]


judged = pytest.mark.parametrize("judge", JUDGES)


def needs(judge: str) -> None:
    if JUDGES[judge] is None:
        pytest.skip(f"there is no {judge} here that judges strictly")


@judged
def test_before_and_after(rotated: Rotated, judge: str) -> None:
    needs(judge)
    for shown in (rotated.before, rotated.drop):
        assert refusals(judge, shown.trusted, shown) == []
        assert shown.trusted.read_bytes().count(b"BEGIN CERTIFICATE") == 1


@judged
def test_each_phase_trusts_what_the_neighbours_show(rotated: Rotated, judge: str) -> None:
    """Servers go from one phase to the next one after another: those on both sides must trust each other."""
    needs(judge)
    for one, other in zip(rotated, rotated[1:]):
        assert refusals(judge, one.trusted, other) == []
        assert refusals(judge, other.trusted, one) == []
    for middle in (rotated.trust, rotated.issue):
        assert middle.trusted.read_bytes().count(b"BEGIN CERTIFICATE") == 2


@judged
def test_who_missed_the_rotation_is_refused(rotated: Rotated, judge: str) -> None:
    """Also the proof that a judge tells the roots, which have one name, apart."""
    needs(judge)
    assert refusals(judge, rotated.before.trusted, rotated.drop)
    assert refusals(judge, rotated.drop.trusted, rotated.before)
