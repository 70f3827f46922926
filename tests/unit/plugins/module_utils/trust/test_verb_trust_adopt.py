# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A store taken over: whole, again, with seeds missing and found later; the source stays as it is."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Optional

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Seal, Surroundings, perform
from ansible_collections.aegis.nats.plugins.module_utils.trust.verb_trust_adopt import VERB
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import (
    NOW,
    ORDERS,
    Reversed,
    files,
    orders,
    trust,
)


def adopt(
    path: Path, source: Optional[Path] = None, seal: Optional[Seal] = None, check_mode: bool = False, **more: Any
) -> dict[str, Any]:
    params = {"path": str(path), "source": source and str(source), "keys": [], "operator": None, **more}
    return perform(VERB, params, Surroundings(check_mode, NOW, seal or NoSeal()))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A store as nsc has it: a role, and users that it can tell from the outside."""
    raw = orders()
    raw["accounts"][0]["signing_keys"] = [1, {"role": "reader", "template": {"publish": {"allow": ["{{name()}}.>"]}}}]
    raw["accounts"][0]["users"].append({"name": "r", "role": "reader"})
    trust(tmp_path / "nsc", raw)
    (tmp_path / "nsc/keys/.gitignore").unlink()
    return tmp_path / "nsc"


def tree_of(found: dict[str, Any]) -> dict[str, Any]:
    return dict(found["tree"])


def test_a_whole_store_is_taken_and_its_tree_changes_nothing(tmp_path: Path, source: Path) -> None:
    before = files(source)
    foreseen = adopt(tmp_path / "ours", source, check_mode=True)
    assert not (tmp_path / "ours").exists()
    found = adopt(tmp_path / "ours", source)
    assert foreseen["reasons"] == found["reasons"]
    assert found["reasons"] == [f"operator Acme is taken over from {source}/stores: 3 accounts, 4 users, 13 seeds"]
    assert found["missing"] == []
    ours = files(tmp_path / "ours")
    assert {name: ours[name] for name in before} == before
    assert files(source) == before
    assert trust(tmp_path / "ours", tree_of(found))["reasons"] == []
    again = adopt(tmp_path / "ours", source)
    assert (again["changed"], again["reasons"]) == (False, [])
    assert files(tmp_path / "ours") == ours


def test_it_is_sealed_where_there_is_a_seal(tmp_path: Path, source: Path) -> None:
    found = adopt(tmp_path / "ours", source, seal=Reversed())
    secrets = [each for each in (tmp_path / "ours/keys").rglob("*") if each.is_file()]
    assert len(secrets) == 17
    assert all(each.read_bytes().startswith(b"$ANSIBLE_VAULT;") for each in secrets)
    assert trust(tmp_path / "ours", tree_of(found), seal=Reversed())["reasons"] == []


def test_seeds_that_are_missing_are_named_and_taken_when_they_are_found(tmp_path: Path, source: Path) -> None:
    shutil.move(str(source / "keys/keys"), str(tmp_path / "stick"))
    shutil.rmtree(source / "keys/creds/Acme/ExternalPartner")
    found = adopt(tmp_path / "ours", source)
    told = "\n".join(found["missing"])
    for part in (
        "the identity key of operator Acme",
        "a signing key of operator Acme: no account can be added",
        "a signing key of account TeamAlpha: no user without a role",
        "the key of role TeamAlpha/reader",
        "the seed of user ExternalPartner/gateway",
    ):
        assert part in told
    # A user whose creds are there has its seed in them.
    assert "order-service" not in told
    assert trust(tmp_path / "ours", tree_of(found))["reasons"] == []
    found = adopt(tmp_path / "ours", source, keys=[str(tmp_path / "stick")])
    assert found["missing"] == []
    assert len([each for each in found["reasons"] if each.startswith("the seed of")]) == 13
    assert "keys/creds/Acme/ExternalPartner/gateway.creds was missing, is written" in found["reasons"]
    assert trust(tmp_path / "ours", tree_of(found))["reasons"] == []


def test_creds_that_are_missing_are_written_from_the_seed(tmp_path: Path, source: Path) -> None:
    creds = source / "keys/creds/Acme/TeamAlpha/r.creds"
    before = creds.read_bytes()
    creds.unlink()
    found = adopt(tmp_path / "ours", source)
    assert found["reasons"][1] == "1 creds files are written from their users' seeds"
    assert (tmp_path / "ours/keys/creds/Acme/TeamAlpha/r.creds").read_bytes() == before
    assert trust(tmp_path / "ours", tree_of(found))["reasons"] == []


def test_what_the_source_does_later_is_told_and_left_aside(tmp_path: Path, source: Path) -> None:
    found = adopt(tmp_path / "ours", source)
    tree = tree_of(found)
    tree["accounts"][1]["users"].append({"name": "late"})
    tree["accounts"][0]["description"] = "later"
    trust(source, tree)
    again = adopt(tmp_path / "ours", source)
    assert not again["changed"]
    assert "account ExternalPartner, user TeamAlpha/late" in again["warnings"][0]


def test_of_several_operators_one_is_taken_with_its_own_seeds(tmp_path: Path, source: Path) -> None:
    trust(tmp_path / "other", {"operator": {"name": "Other"}})
    shutil.copytree(tmp_path / "other", source, dirs_exist_ok=True)
    assert "holds the operators Acme, Other: name one of them" in adopt(tmp_path / "ours", source)["msg"]
    assert "there is no operator Third" in adopt(tmp_path / "ours", source, operator="Third")["msg"]
    found = adopt(tmp_path / "ours", source, operator="Acme")
    assert found["missing"] == []
    assert len(list((tmp_path / "ours").rglob("*.nk"))) == 13
    assert not list((tmp_path / "ours").rglob("Other*"))


def test_where_nsc_has_its_things(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "NKEYS_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert "there is no store of nsc" in adopt(tmp_path / "ours")["msg"]
    own = tmp_path / "home/.local/share/nats/nsc"
    own.parent.mkdir(parents=True)
    shutil.copytree(source, own)
    assert adopt(tmp_path / "a")["source"] == str(own / "stores")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "data/nats").mkdir(parents=True)
    shutil.move(str(own), str(tmp_path / "data/nats/nsc"))
    assert adopt(tmp_path / "b")["missing"] == []
    shutil.move(str(tmp_path / "data/nats/nsc/stores"), str(tmp_path / "elsewhere"))
    config = tmp_path / "home/.config/nats/nsc/nsc.json"
    config.parent.mkdir(parents=True)
    config.write_text('{"store_root": "' + str(tmp_path / "elsewhere") + '"}')
    assert adopt(tmp_path / "c")["source"] == str(tmp_path / "elsewhere")
    shutil.move(str(tmp_path / "data/nats/nsc/keys"), str(tmp_path / "nkeys"))
    assert adopt(tmp_path / "d")["missing"] != []
    monkeypatch.setenv("NKEYS_PATH", str(tmp_path / "nkeys"))
    assert adopt(tmp_path / "e")["missing"] == []
    assert adopt(tmp_path / "f", tmp_path / "elsewhere", keys=[str(tmp_path / "nkeys")])["missing"] == []


@pytest.mark.parametrize("inside", ["", "stores", "stores/Acme/ours"])
def test_a_store_is_not_taken_into_itself(source: Path, inside: str) -> None:
    before = files(source)
    assert "to use that store as it is" in adopt(source / inside, source)["msg"]
    assert files(source) == before


def test_what_is_damaged_is_told_with_its_place_and_nothing_is_taken(tmp_path: Path, source: Path) -> None:
    seed = next((source / "keys/keys/A").rglob("*.nk"))
    whole = seed.read_bytes()
    seed.write_bytes(whole[:-5])
    assert str(seed) in adopt(tmp_path / "ours", source)["msg"]
    seed.write_bytes(next((source / "keys/keys/O").rglob("*.nk")).read_bytes())
    assert "holds the seed of another key" in adopt(tmp_path / "ours", source)["msg"]
    seed.write_bytes(whole)
    token = source / "stores/Acme/accounts/TeamAlpha/TeamAlpha.jwt"
    token.write_bytes(token.read_bytes()[:-9])
    assert "TeamAlpha.jwt" in adopt(tmp_path / "ours", source)["msg"]
    assert "is no folder" in adopt(tmp_path / "ours", source, keys=[str(tmp_path / "nowhere")])["msg"]
    assert not list((tmp_path / "ours").rglob("*.nk"))


def test_another_operator_s_store_takes_nothing(tmp_path: Path, source: Path) -> None:
    trust(tmp_path / "ours", {"operator": {"name": "Other"}})
    assert "store of operator Other" in adopt(tmp_path / "ours", source)["msg"]


def test_a_newer_token_of_a_user_has_its_creds_written(tmp_path: Path, source: Path) -> None:
    """Creds of an older token do not survive where the seed is there."""
    old = (source / "keys/creds/Acme/TeamAlpha/order-service.creds").read_bytes()
    raw = orders()
    raw["accounts"][0]["users"][0]["tags"] = ["x"]
    trust(source, raw)
    fresh = (source / "keys/creds/Acme/TeamAlpha/order-service.creds").read_bytes()
    (source / "keys/creds/Acme/TeamAlpha/order-service.creds").write_bytes(old)
    adopt(tmp_path / "ours", source)
    assert (tmp_path / "ours/keys/creds/Acme/TeamAlpha/order-service.creds").read_bytes() == fresh
    assert raw != ORDERS
