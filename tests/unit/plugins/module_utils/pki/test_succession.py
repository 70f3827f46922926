# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of authorities that take turns, a root alone and a root with an authority below it, turn by turn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import chain, facts, succession
from ansible_collections.aegis.nats.plugins.module_utils.plan.changes import FileChange
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import StoreError
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import (
    DAY,
    NOW,
    authority,
    certificate,
    entry,
    snapshot,
)

PROBE = {"name": succession.PROBE, "profile": "client", "common_name": "rotation-probe"}
ROOT_ONLY, WITH_ISSUING = ("ca",), ("ca", "issuing")


def made(path: Path, names: Sequence[str], common_name: str, **root: Any) -> Path:
    """A folder with authorities: a root, and below it each further name."""
    limits = {"path_length": 1} if len(names) > 1 else {}
    assert "failed" not in authority(path, common_name=common_name, **limits, **root)
    for name in names[1:]:
        found = authority(path, name=name, parent="ca", common_name=f"{common_name} {name}", days=365)
        assert "failed" not in found, found
    return path


def issued(path: Path, wanted: dict[str, Any], names: Sequence[str]) -> list[str]:
    """Why a certificate was issued by the authority that signs."""
    found: dict[str, Any] = certificate(path, [wanted], authority=names[-1])
    return list(found["reasons"])


def commit(folder: Folder, changes: list[FileChange]) -> None:
    with folder.locked():
        folder.commit(changes)


def names_in(path: Path) -> list[str]:
    return [facts.read(one).common_name or "" for one in chain.load_all(path.read_bytes(), str(path))]


def files(path: Path) -> set[str]:
    return set(snapshot(path))


@pytest.fixture(params=[ROOT_ONLY, WITH_ISSUING], ids="+".join)
def names(request: pytest.FixtureRequest) -> Sequence[str]:
    found: Sequence[str] = request.param
    return found


@pytest.fixture
def path(tmp_path: Path, names: Sequence[str]) -> Path:
    path = made(tmp_path / "pki", names, "Old")
    issued(path, entry("n1/server"), names)
    made(path / "next", names, "New")
    issued(path / "next", PROBE, names)
    return path


def test_turn_by_turn(path: Path, names: Sequence[str]) -> None:
    folder = Folder(str(path), NoSeal())
    old, new = snapshot(path), snapshot(path / "next")
    own = {each for each in old if not each.startswith(("next/", "issued/"))}
    old_root, new_root = (path / "ca.crt").read_bytes(), (path / "next/ca.crt").read_bytes()

    before, after = succession.check_next(folder, names, NOW)
    assert (before.common_name, after.common_name) == ("Old", "New")

    commit(folder, succession.trust_both(folder))
    now = snapshot(path)
    assert {each for each in now if now[each] != old.get(each)} == {"ca.crt"} and now.keys() == old.keys()
    assert (path / "ca.crt").read_bytes() == old_root + new_root
    again = succession.trust_both(folder)
    commit(folder, again)
    assert snapshot(path) == now

    commit(folder, succession.take_over(folder, names))
    now = snapshot(path)
    assert (path / "ca.crt").read_bytes() == new_root + old_root
    assert (path / "previous/ca.crt").read_bytes() == old_root
    for file in own - {"ca.crt"}:
        assert now[f"previous/{file}"] == old[file]
    for file in {f"{name}.{kind}" for name in names for kind in ("crt", "key")} - {"ca.crt"}:
        assert now[file] == new[file]
    assert files(path) == {
        *("issued/n1/server.crt", "issued/n1/server.key"),
        *(f"previous/{file}" for file in own),
        *(file for file in new if not file.startswith("issued/")),
    }
    assert now["ca.key"].startswith("600 ") and now["ca.crt"].startswith("644 ")

    assert issued(path, entry("n1/server"), names) == ["n1/server: another authority signed it"]
    commit(folder, succession.trust_one(folder))
    assert (path / "ca.crt").read_bytes() == new_root

    issued(path, PROBE, names)
    issued(path / "previous", PROBE, names)
    commit(folder, succession.retire(folder, "AA:bb:" * 10, names))
    place = "retired/aabbaabbaabbaabb"
    now = snapshot(path)
    assert {each for each in now if each.startswith("retired/")} == {f"{place}/{file}" for file in own} | {
        f"{place}/{names[-1]}.serials.json"
    }
    assert now[f"{place}/ca.key"] == old["ca.key"]
    assert not (path / "previous").exists() and not (path / "issued/rotation").exists()
    assert not (path / "next").exists()
    assert names_in(path / "ca.crt") == ["New"]


def test_an_authority_below_that_the_next_one_lacks(tmp_path: Path) -> None:
    """What lies in the folder and not in next/ is the one before's."""
    path = made(tmp_path, WITH_ISSUING, "Old")
    made(path / "next", ROOT_ONLY, "New")
    folder = Folder(str(path), NoSeal())
    with pytest.raises(StoreError, match="the authority issuing below it is not there yet"):
        succession.check_next(folder, WITH_ISSUING, NOW)
    assert succession.check_next(folder, ROOT_ONLY, NOW)


def refused(path: Path, names: Sequence[str] = ROOT_ONLY, late: int = 0) -> str:
    before = snapshot(path)
    with pytest.raises(StoreError) as told:
        succession.check_next(Folder(str(path), NoSeal()), names, NOW + late * DAY)
    assert snapshot(path) == before
    return str(told.value)


def test_who_can_t_take_over(tmp_path: Path) -> None:
    path = made(tmp_path, ROOT_ONLY, "Old")
    (path / "next").mkdir()
    (path / "next/ca.crt").write_bytes((path / "ca.crt").read_bytes())
    assert "next/ca.crt: has the key of the present authority" in refused(path)
    (path / "next/ca.crt").unlink()
    made(path / "next", ROOT_ONLY, "New", days=10)
    assert "CN=New expired on 2026-12-03" in refused(path, late=11)
    assert "CN=New is not valid before" in refused(path, late=-2)
    issued(path, entry("n1"), ROOT_ONLY)
    (path / "next/ca.crt").write_bytes((path / "issued/n1.crt").read_bytes())
    assert "is not an authority (basicConstraints without CA:TRUE)" in refused(path)
    (path / "next/ca.crt").write_text("nonsense")
    assert "is not a certificate in PEM form" in refused(path)
    made(path / "other", ROOT_ONLY, "Other")
    (path / "next/ca.crt").write_bytes((path / "other/ca.crt").read_bytes())
    (path / "ca.crt").unlink()
    assert "there is no authority ca to rotate: deploy first" in refused(path)


def test_an_authority_below_that_somebody_else_signed(tmp_path: Path) -> None:
    path = made(tmp_path / "pki", WITH_ISSUING, "Old")
    made(path / "next", WITH_ISSUING, "New")
    # The present root has signed it, or another one of the same name.
    (path / "next/issuing.crt").write_bytes((path / "issuing.crt").read_bytes())
    assert "the authority issuing in next is not below it" in refused(path, WITH_ISSUING)
    made(tmp_path / "other", WITH_ISSUING, "New")
    (path / "next/issuing.crt").write_bytes((tmp_path / "other/issuing.crt").read_bytes())
    assert "the authority issuing in next is not below it" in refused(path, WITH_ISSUING)
