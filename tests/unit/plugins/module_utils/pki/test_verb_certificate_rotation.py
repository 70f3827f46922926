# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb certificate_rotation: begun, taken up, moved on, killed, and refused."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Optional

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import chain, facts
from ansible_collections.aegis.nats.plugins.module_utils.pki.verb_certificate_rotation import VERB
from ansible_collections.aegis.nats.plugins.module_utils.plan import folder as folder_module
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import Seal
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import (
    DAY,
    NOW,
    Reversed,
    authority,
    call,
    certificate,
    entry,
    snapshot,
)

SECOND = timedelta(seconds=1)
LATER = NOW + DAY
WANTED = [entry("n1/server"), {"name": "clients/app", "profile": "client", "common_name": "app"}]
PHRASE = "correct horse battery"


def rotate(
    path: Path,
    kind: str = "authority",
    now: datetime = LATER,
    check: bool = False,
    sealer: Optional[Seal] = None,
    **params: Any,
) -> dict[str, Any]:
    return call(VERB, {"path": str(path), "kind": kind, **params}, now, check, sealer)


def good(result: dict[str, Any]) -> dict[str, Any]:
    assert not result.get("failed"), result["msg"]
    return result


def record(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((path / "rotation.json").read_text())
    return found


def subjects(path: Path) -> list[str]:
    return [facts.read(one).common_name or "" for one in chain.load_all(path.read_bytes(), str(path))]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    authority(tmp_path / "pki", common_name="Old")
    certificate(tmp_path / "pki", WANTED)
    return tmp_path / "pki"


def with_next(path: Path, **params: Any) -> Path:
    good(authority(path / "next", LATER, **{"common_name": "New", **params}))
    return path


def test_the_certificates(path: Path) -> None:
    old = good(certificate(path, WANTED))["certificates"]
    before = snapshot(path)
    checked = rotate(path, "certificates", check=True)
    assert snapshot(path) == before
    begun = good(rotate(path, "certificates"))
    assert begun["reasons"] == ["the certificates: all that were issued before 2026-11-24T12:00:00Z are issued anew"]
    assert (checked["reasons"], checked["changed"], checked["message"]) == (begun["reasons"], True, begun["message"])
    assert (begun["phase"], begun["to_come"], begun["finished"]) == ("issue", ["issue"], False)
    assert (begun["old_path"], begun["new_path"], begun["wants_next"]) == ("", "", False)
    assert (checked["phase"], checked["to_come"]) == ("", ["issue"])

    late = LATER + SECOND
    for again in (True, False):
        found = certificate(path, WANTED, late, check=again)
        assert found["reasons"] == [f"{one['name']}: its rotation is under way" for one in WANTED]
    new = good(certificate(path, WANTED, late))
    assert not new["changed"]
    assert not {one["serial"] for one in old.values()} & {one["serial"] for one in new["certificates"].values()}
    taken_up = good(rotate(path, "certificates", late))
    assert (taken_up["changed"], taken_up["phase"]) == (False, "issue")
    assert taken_up["message"] == "the certificates: phase issue goes on"

    done = good(rotate(path, "certificates", late, verified="issue"))
    assert (done["changed"], done["finished"], done["phase"], done["to_come"]) == (True, True, "", [])
    assert record(path) == {"form": 1, "current": None, "finished": {"certificates": "2026-11-24T12:00:01Z"}}
    assert not certificate(path, WANTED, late)["changed"]
    before = snapshot(path)
    for params in ({}, {"verified": "issue"}):
        once_more = good(rotate(path, "certificates", late, **params))
        assert not once_more["changed"] and once_more["finished"]
        assert once_more["message"].startswith("the certificates were rotated at 2026-11-24T12:00:01Z: to rotate once")
    assert snapshot(path) == before
    assert good(rotate(path, "certificates", late + DAY, again=True))["phase"] == "issue"


def test_the_authority_phase_by_phase(path: Path) -> None:
    root = str(path)
    asked = good(rotate(path, begin=False))
    assert (asked["wants_next"], asked["changed"], asked["finished"]) == (True, False, False)
    assert not (path / "next").exists()
    with_next(path)
    begun = good(rotate(path, to="trust"))
    assert (begun["phase"], begun["to_come"]) == ("trust", ["trust", "issue", "drop"])
    assert (begun["old_path"], begun["new_path"]) == (root, f"{root}/next")
    assert begun["reasons"][0].startswith("the authority: CN=New (serial ")
    assert subjects(path / "ca.crt") == ["Old", "New"]
    assert not certificate(path, WANTED, LATER)["changed"], "what is there is still signed by the one that signs"

    waiting = good(rotate(path, to="trust", verified="trust"))
    assert (waiting["waiting"], waiting["phase"], waiting["to_come"]) == (True, "", ["issue", "drop"])
    assert waiting["reasons"] == ["the authority: phase trust was verified"]
    assert f"give all clients {root}/ca.crt" in waiting["message"] and "nats_rotate_to=issue" in waiting["message"]
    again = good(rotate(path, to="trust"))
    assert (again["changed"], again["message"]) == (False, waiting["message"])

    issuing = good(rotate(path, to="issue"))
    assert (issuing["phase"], issuing["old_path"], issuing["new_path"]) == ("issue", f"{root}/previous", root)
    assert issuing["reasons"] == ["the authority: phase trust was verified, phase issue begins"]
    assert subjects(path / "ca.crt") == ["New", "Old"]
    assert certificate(path, WANTED, LATER)["reasons"] == [
        f"{one['name']}: another authority signed it" for one in WANTED
    ]
    waiting = good(rotate(path, to="issue", verified="issue"))
    assert f"new certificates ({root}/issued/clients)" in waiting["message"]
    assert "nats_rotate_to=drop" in waiting["message"]

    dropping = good(rotate(path))
    assert (dropping["phase"], dropping["to_come"]) == ("drop", ["drop"])
    assert subjects(path / "ca.crt") == ["New"] and (path / "previous/ca.key").exists()
    before = snapshot(path)
    checked = rotate(path, verified="drop", check=True)
    assert snapshot(path) == before
    done = good(rotate(path, verified="drop"))
    assert checked["reasons"] == done["reasons"] == [done["message"]]
    assert done["message"] == "the authority: rotated; every server refuses what the one before it signed"
    assert sorted(one.name for one in path.iterdir() if one.is_dir()) == ["issued", "retired"]
    assert record(path)["finished"] == {"authority": "2026-11-24T12:00:00Z"}
    assert not certificate(path, WANTED, LATER)["changed"]
    again = good(rotate(path, begin=False))
    assert (again["changed"], again["wants_next"], again["finished"]) == (False, False, True)
    assert good(rotate(path, begin=False, again=True))["wants_next"]


def test_all_phases_in_one_go(path: Path) -> None:
    with_next(path)
    phases = [good(rotate(path))["phase"]]
    for phase in ("trust", "issue"):
        certificate(path, WANTED, LATER)
        phases.append(good(rotate(path, verified=phase))["phase"])
    assert phases == ["trust", "issue", "drop"]
    assert good(rotate(path, verified="drop"))["finished"]


def test_an_authority_asked_for_that_is_to_follow_is_no_difference(path: Path) -> None:
    """During the phase trust the inventory says the next authority, and the present one still signs."""
    asked = {"common_name": "New", "certificate_file": str(path / "next/ca.crt")}
    with_next(path)
    assert "run the playbook rotate_ca" in authority(path, LATER, **asked)["msg"]
    del asked["certificate_file"]
    assert "the playbook rotate_ca does" in authority(path, LATER, **asked)["warnings"][0]
    rotate(path, to="trust")
    for wish in (asked, {**asked, "certificate_file": str(path / "next/ca.crt")}):
        found = good(authority(path, LATER, **wish))
        assert not found["changed"] and "warnings" not in found


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"verified": "issue"}, "the phase under way is trust, not issue: begin anew"),
        ({"verified": "drop"}, "the phase under way is trust, not drop: begin anew"),
        ({"kind": "certificates"}, "the rotation of the authority is under way (phase trust): finish that one first"),
    ],
)
def test_the_wrong_order(path: Path, params: dict[str, Any], words: str) -> None:
    good(rotate(with_next(path)))
    before = snapshot(path)
    for check in (True, False):
        result = rotate(path, **params, check=check)
        assert result["failed"] and words in result["msg"]
    assert snapshot(path) == before


def test_what_was_verified_is_verified_once(path: Path) -> None:
    good(rotate(with_next(path)))
    good(rotate(path, to="trust", verified="trust"))
    assert "the phase under way is trust, not trust" in rotate(path, to="trust", verified="trust")["msg"]


def test_what_can_t_begin(path: Path, tmp_path: Path) -> None:
    before = snapshot(path)
    assert "next: the next authority is not there: make it first" in rotate(path)["msg"]
    assert "there is no authority ca yet: deploy first" in rotate(tmp_path / "empty")["msg"]
    assert "there is no authority ca yet: deploy first" in rotate(tmp_path / "empty", "certificates")["msg"]
    told = rotate(path, authorities=["../x", "b"])["problems"]
    assert [problem["path"] for problem in told] == ["authorities[0]", "authorities"]
    assert "no vault secret" in rotate(path, seal=True)["msg"]
    assert snapshot(path) == before
    with_next(path, days=5)
    before = snapshot(path)
    assert "CN=New expired on" in rotate(path, now=LATER + 6 * DAY)["msg"]
    assert "the authority issuing below it is not there yet" in rotate(path, authorities=["ca", "issuing"])["msg"]
    assert snapshot(path) == before
    (path / "rotation.json").write_text("{")
    assert "the record of the rotation is damaged" in rotate(path)["msg"]
    assert "the record of the rotation is damaged" in certificate(path, WANTED)["msg"]


def test_a_root_whose_key_is_elsewhere(path: Path, tmp_path: Path) -> None:
    """Only the certificates take turns then; what signs is below them."""
    elsewhere = {"certificate_file": str(tmp_path / "root.crt"), "key_kept": "elsewhere"}
    for name, common_name, place in (("one", "Old", path), ("two", "New", path / "next")):
        there = tmp_path / name
        authority(there, LATER, common_name=common_name, path_length=1, passphrase=PHRASE)
        (tmp_path / "root.crt").write_bytes((there / "ca.crt").read_bytes())
        for file in path.glob("ca.*") if place is path else ():
            file.unlink()
        good(authority(place, LATER, **elsewhere))
        below = {"name": "issuing", "parent": "ca", "common_name": f"{common_name} issuing"}
        waits = good(authority(place, LATER, **below))
        if place != path:
            told = rotate(path, authorities=["ca", "issuing"])["msg"]
            assert f"is not there yet: have {place}/issuing.csr signed by it, give the answer as" in told
        answer = {"parent_passphrase": PHRASE, "csr": waits["request"]}
        good(authority(there, LATER, **below, **answer))
        (tmp_path / "issuing.crt").write_bytes((there / "issuing.crt").read_bytes())
        good(authority(place, LATER, **below, certificate_file=str(tmp_path / "issuing.crt")))
    good(certificate(path, WANTED, LATER, authority="issuing"))
    names, verified = ["ca", "issuing"], None
    for phase in ("trust", "issue", "drop"):
        assert good(rotate(path, authorities=names, verified=verified))["phase"] == phase
        good(certificate(path, WANTED, LATER, authority="issuing"))
        verified = phase
    assert good(rotate(path, authorities=names, verified="drop"))["finished"]
    assert (subjects(path / "ca.crt"), subjects(path / "issuing.crt")) == (["New"], ["New issuing"])
    assert not list(path.rglob("ca.key"))
    assert len(list(path.glob("retired/*/issuing.key"))) == 1


def test_sealed_keys_stay_sealed(tmp_path: Path) -> None:
    path, sealer = tmp_path, Reversed()
    authority(path, common_name="Old", passphrase=PHRASE, sealer=sealer)
    authority(path / "next", LATER, common_name="New", passphrase=PHRASE, sealer=sealer)
    good(rotate(path, sealer=sealer))
    before = snapshot(path)
    assert "is sealed with Ansible Vault and this play has no vault secret" in rotate(path, verified="trust")["msg"]
    assert snapshot(path) == before
    good(rotate(path, sealer=sealer, verified="trust"))
    keys = [(path / place).read_bytes() for place in ("ca.key", "previous/ca.key")]
    assert all(content.startswith(b"$ANSIBLE_VAULT;") for content in keys) and keys[0] != keys[1]
    good(certificate(path, WANTED, LATER, sealer=sealer, passphrase=PHRASE))


class Killed(BaseException):
    """What a test raises where a run is killed; nothing may catch it."""


@pytest.mark.parametrize("verified", ["trust", "issue", "drop"])
def test_killed_at_any_rename(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verified: str) -> None:
    """Whichever rename is the last, the runs after it end where one run alone does."""
    source, names = tmp_path / "source", ["ca", "issuing"]
    for place, common_name in ((source, "Old"), (source / "next", "New")):
        authority(place, LATER, common_name=common_name, path_length=1)
        authority(place, LATER, name="issuing", parent="ca", common_name=f"{common_name} issuing")
    good(certificate(source, WANTED, LATER, authority="issuing"))
    reached = good(rotate(source, authorities=names))["phase"]
    while reached != verified:
        reached = good(rotate(source, authorities=names, verified=reached))["phase"]
    whole = tmp_path / "whole"
    shutil.copytree(source, whole)
    good(rotate(whole, authorities=names, verified=verified))

    kills = 0
    while True:
        path = tmp_path / f"killed at {kills}"
        shutil.copytree(source, path)
        with monkeypatch.context() as patched:
            patched.setattr(folder_module.os, "replace", dying(kills))
            try:
                good(rotate(path, authorities=names, verified=verified))
                break
            except Killed:
                kills += 1
        checked, taken_up = (good(rotate(path, authorities=names, check=check)) for check in (True, False))
        assert {**checked, "diff": None} == {**taken_up, "diff": None}
        if taken_up["phase"] == verified:
            assert kills == 1, "only what was not published yet is to be said again"
            good(rotate(path, authorities=names, verified=verified))
        assert snapshot(path) == snapshot(whole)
        assert not (path / ".staging").exists() and not (path / ".journal").exists()
    # The journal, and each file or new folder that is put in its place.
    assert kills >= {"trust": 8, "issue": 3, "drop": 3}[verified]


def dying(at: int) -> Callable[[Any, Any], None]:
    """A rename that kills the run instead of the one with this number."""
    real, calls = os.replace, iter(range(1000))

    def replace(source: Any, target: Any) -> None:
        if next(calls) == at:
            raise Killed
        real(source, target)

    return replace
