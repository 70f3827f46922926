# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotations on real folders, from end to end: what servers of either side of every step accept, and what is refused."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan import folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Seal, Surroundings, perform
from ansible_collections.aegis.nats.plugins.module_utils.trust import (
    tokens,
    verb_operator_sign,
    verb_rotation,
    verb_trust_info,
)
from ansible_collections.aegis.nats.plugins.module_utils.trust.creds import read as read_creds
from ansible_collections.aegis.nats.plugins.module_utils.trust.tokens import Token
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import (
    DAY,
    NOW,
    Reversed,
    files,
    orders,
    trust,
)

SEED = re.compile(rb"\bS[OAUNCX][A-Z2-7]{56}\b")
ALPHA = "stores/Acme/accounts/TeamAlpha"


class Killed(BaseException):
    """What a kill leaves behind: no handler runs, for none catches this."""


def rotate(path: Path, tree: Mapping[str, Any], seal: Optional[Seal] = None, **more: Any) -> dict[str, Any]:
    """The result of the verb. check_mode and now may be among ``more``."""
    defaults = {"system_account": None, "purge": False, "kind": "signing_keys", "targets": [], "verified": None}
    params = {"path": str(path), **defaults, "drop": False, "again": False, **tree, **more}
    check_mode, now = bool(params.pop("check_mode", False)), params.pop("now", NOW)
    return perform(verb_rotation.VERB, params, Surroundings(check_mode, now, seal or NoSeal()))


def rich() -> dict[str, Any]:
    """A tree with roles, an activation, two operator keys and a user that answers for a callout."""
    raw = orders()
    raw["operator"]["signing_keys"] = 2
    alpha, partner = raw["accounts"]
    reader = {"role": "reader", "template": {"subscribe": {"allow": ["orders.>"]}}}
    alpha["signing_keys"] = [2, reader, {"role": "writer", "template": {"publish": {"allow": ["orders.>"]}}}]
    alpha["users"] += [{"name": "dashboard", "role": "reader"}, {"name": "till", "role": "writer"}]
    alpha["exports"][0]["token_required"] = True
    partner["auth_callout"] = {"users": ["gateway"]}
    return raw


@dataclass(frozen=True)
class World:
    """What a server may hold: an operator token and account tokens; and the creds that clients may hold."""

    operator: Token
    accounts: Mapping[str, Token]
    creds: Mapping[str, Token]

    @classmethod
    def of(cls, path: Path) -> World:
        found = [(each, each.read_text()) for each in (path / "stores").rglob("*.jwt")]
        read = {str(place.relative_to(path / "stores")): tokens.read(text) for place, text in found}
        accounts = {each.subject: each for each in read.values() if each.kind == "account"}
        creds = {
            str(each.relative_to(path / "keys/creds")): tokens.read(read_creds(each.read_bytes()).token)
            for each in (path / "keys/creds/Acme").rglob("*.creds")
        }
        return cls(read["Acme/Acme.jwt"], accounts, creds)


def trusted(operator: Token) -> set[str]:
    """As a server decides who may sign accounts (nats-server accounts.go, opts.go)."""
    own = set() if operator.nats.get("strict_signing_key_usage") else {operator.subject}
    return own | set(operator.nats.get("signing_keys", ()))


def lets_in(operator: Token, account: Token, user: Token) -> bool:
    """As a server decides whether a user gets in (auth.go, processClientOrLeafAuthentication)."""
    listed = {each if isinstance(each, str) else each["key"]: each for each in account.nats.get("signing_keys", ())}
    until = account.nats.get("revocations", {})
    revoked = max(until.get(user.subject, 0), until.get("*", 0)) >= user.issued_at
    known = user.issuer == account.subject or user.issuer in listed
    return account.issuer in trusted(operator) and known and not revoked


def refused(servers: Sequence[World], clients: Sequence[World]) -> list[str]:
    """Who does not get in where: an operator, accounts and creds of any mixture of two states."""
    found = []
    for configured in servers:
        for pushed in servers:
            for holder in clients:
                for name, user in holder.creds.items():
                    account = pushed.accounts[user.nats.get("issuer_account", user.issuer)]
                    if not lets_in(configured.operator, account, user):
                        found.append(name)
                for account in pushed.accounts.values():
                    found += [] if activated(account, pushed) else [f"import of {account.name}"]
    return found


def activated(importer: Token, world: World) -> bool:
    """Whether the exporters honour the activations of an account (accounts.go, checkActivation)."""
    for each in importer.nats.get("imports", ()):
        if each.get("token"):
            token, exporter = tokens.read(each["token"]), world.accounts[each["account"]]
            keys = {each if isinstance(each, str) else each["key"] for each in exporter.nats["signing_keys"]}
            if token.issuer not in {*keys, exporter.subject}:
                return False
    return True


def steps(path: Path, tree: Mapping[str, Any], **ask: Any) -> Iterator[tuple[str, World, World]]:
    """Every phase of a rotation: its name, the state before and after."""
    said = rotate(path, tree, **ask)
    assert said.get("phase"), said
    later = NOW
    while said.get("phase"):
        before = World.of(path)
        later += DAY / 24
        done = trust(path, tree, now=later)
        assert not done.get("failed"), done
        again = trust(path, tree, now=later)
        assert not again["changed"], again["reasons"]
        yield said["phase"], before, World.of(path)
        said = rotate(path, tree, **{**ask, "again": False}, verified=said["phase"], now=later)
        assert not said.get("failed"), said


ASKS: list[dict[str, Any]] = [
    {"targets": ["operator"]},
    {"targets": ["TeamAlpha"], "drop": True},
    {"targets": ["SYS", "ExternalPartner", "TeamAlpha"], "drop": True},
    {"kind": "operator"},
    {"kind": "user", "targets": ["TeamAlpha/order-service"], "drop": True},
    {"kind": "user", "targets": ["TeamAlpha/dashboard"], "drop": True},
    {"kind": "user", "targets": ["ExternalPartner/gateway"], "drop": True},
]


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("ask", ASKS, ids=lambda ask: "-".join([ask.get("kind", "keys"), *ask.get("targets", [])]))
def test_at_no_moment_is_anybody_refused_before_the_drop(tmp_path: Path, ask: dict[str, Any], strict: bool) -> None:
    """Servers take a phase one after the other, and accounts reach some before others: every mixture has to work."""
    tree = rich()
    tree["operator"]["strict_signing_key_usage"] = strict
    if not strict and ask.get("kind") == "operator":
        tree["operator"]["signing_keys"] = 0
    trust(tmp_path, tree)
    first = World.of(tmp_path)
    last = first
    for phase, before, after in steps(tmp_path, tree, **ask):
        clients = [after] if phase == "drop" else [first, before, after]
        # Until a phase is everywhere its creds are not handed out; from the last phase on, the first are gone.
        assert refused([before, after], [before] if phase != "drop" else clients) == []
        assert refused([after], clients) == []
        last = after
    assert set(refused([last], [first])) == _cut_off(ask, first)
    gone = _gone(first, last, ask)
    assert gone
    old = {place for place in files(tmp_path) if place.endswith(".nk") and any(key in place for key in gone)}
    assert not old
    assert not (tmp_path / "keys/creds/.rotation").exists()
    issuers = {each.issuer for each in (*last.accounts.values(), *last.creds.values())}
    assert not issuers & gone


def _cut_off(ask: Mapping[str, Any], first: World) -> set[str]:
    """Whose first creds have to be refused in the end."""
    targets = ask.get("targets", [])
    if ask.get("kind") == "user":
        return {f"Acme/{targets[0]}.creds"}
    return {name for name in first.creds if name.split("/")[1] in targets}


@pytest.mark.parametrize("target", ["TeamAlpha/order-service", "ExternalPartner/gateway"])
def test_a_user_has_its_new_key_before_the_old_one_is_refused(tmp_path: Path, target: str) -> None:
    """A callout service as well: servers ask it as long as they know the user that it is connected as."""
    trust(tmp_path, rich())
    name = f"Acme/{target}.creds"
    for phase, before, after in steps(tmp_path, rich(), kind="user", targets=[target], drop=True):
        assert (before.creds[name].subject == after.creds[name].subject) is (phase == "drop")
        partner = next(each for each in after.accounts.values() if each.name == "ExternalPartner")
        served = partner.nats["authorization"]["auth_users"]
        assert after.creds["Acme/ExternalPartner/gateway.creds"].subject in served
        if phase == "add":
            assert before.creds["Acme/ExternalPartner/gateway.creds"].subject in served
        assert len(served) == (2 if phase == "add" and "gateway" in target else 1)


def _gone(first: World, last: World, ask: Mapping[str, Any]) -> set[str]:
    """The keys that the rotation was about."""
    if ask.get("kind") == "user":
        return {each.subject for each in first.creds.values()} - {each.subject for each in last.creds.values()}
    found = trusted(first.operator) - trusted(last.operator) | {first.operator.subject} - {last.operator.subject}
    for key, account in first.accounts.items():
        found |= set(_listed(account)) - set(_listed(last.accounts[key]))
    return found


def _listed(account: Token) -> dict[str, Any]:
    keys = account.nats.get("signing_keys", ())
    return {each if isinstance(each, str) else each["key"]: None if isinstance(each, str) else each for each in keys}


def test_roles_keep_their_template(tmp_path: Path) -> None:
    trust(tmp_path, rich())
    before = World.of(tmp_path)
    for _dummy in steps(tmp_path, rich(), targets=["TeamAlpha"], drop=True):
        pass
    after = World.of(tmp_path)
    for key, account in before.accounts.items():
        old, new = _listed(account), _listed(after.accounts[key])
        assert len(old) == len(new)
        if account.name == "TeamAlpha":
            assert not set(old) & set(new)
        shown = [
            sorted(json.dumps({**each, "key": ""}, sort_keys=True) for each in keys.values() if each)
            for keys in (old, new)
        ]
        assert shown[0] == shown[1]


def test_an_account_waits_for_its_applications(tmp_path: Path) -> None:
    trust(tmp_path, rich())
    ask: dict[str, Any] = {"targets": ["TeamAlpha"]}
    assert [phase for phase, *_dummy in steps(tmp_path, rich(), **ask)] == ["add", "replace"]
    was = files(tmp_path)
    told = rotate(tmp_path, rich(), **ask)
    assert (told["changed"], told["waiting"], told["phase"], told["to_come"]) == (False, True, "", ["drop"])
    assert "nats_rotate_drop=true" in told["message"]
    assert "keys/creds/Acme/TeamAlpha/" in told["message"]
    between = trust(tmp_path, rich(), now=NOW + DAY)
    assert not between["changed"]
    assert "waits for its last phase" in between["warnings"][0]
    assert files(tmp_path) == was
    assert [phase for phase, *_dummy in steps(tmp_path, rich(), drop=True)] == ["drop"]
    done = rotate(tmp_path, rich(), **ask)
    assert (done["changed"], done["finished"], done["phase"]) == (False, True, "")
    assert "TeamAlpha was rotated at 2026-11-23" in done["message"]
    assert rotate(tmp_path, rich(), **ask, again=True)["phase"] == "add"


def test_a_run_in_between_makes_and_drops_nothing(tmp_path: Path) -> None:
    """Also one that changes something else: more keys, a template, a user more."""
    trust(tmp_path, rich())
    for phase, _dummy, after in steps(tmp_path, rich(), targets=["TeamAlpha"], drop=True):
        changed = rich()
        changed["accounts"][0]["signing_keys"][1]["template"]["subscribe"]["allow"].append(f"{phase}.>")
        changed["accounts"][0]["users"].append({"name": f"new-{phase}", "role": "reader"})
        keys = set(_listed(next(each for each in after.accounts.values() if each.name == "TeamAlpha")))
        done = trust(tmp_path, changed, now=NOW + 2 * DAY)
        world = World.of(tmp_path)
        alpha = next(each for each in world.accounts.values() if each.name == "TeamAlpha")
        assert set(_listed(alpha)) == keys, done["reasons"]
        templates = [each["template"]["sub"].get("allow") for each in _listed(alpha).values() if each]
        assert templates.count(["orders.>", f"{phase}.>"]) == (1 if phase == "drop" else 2)
        assert refused([world], [world]) == []


@pytest.mark.parametrize("ask", ASKS[:5], ids=str)
def test_the_tree_is_told_as_if_there_were_no_rotation(tmp_path: Path, ask: dict[str, Any]) -> None:
    trust(tmp_path, rich())

    def told() -> dict[str, Any]:
        params = {"path": str(tmp_path), "operator": None}
        found = perform(verb_trust_info.VERB, params, Surroundings(False, NOW, NoSeal()))
        for account in found["tree"]["accounts"]:
            if isinstance(account.get("signing_keys"), list):
                # Tokens list keys in the order of their text.
                account["signing_keys"].sort(key=str)
        return found

    before = told()
    assert before["rotation"] is None
    for phase, *_dummy in steps(tmp_path, rich(), **ask):
        found = told()
        assert found["rotation"]["phase"] == phase
        assert any("under way" in each for each in found["warnings"])
        if ask.get("kind") == "user" and phase == "drop":
            for account in found["tree"]["accounts"]:
                account.pop("revocations", None)
        assert found["tree"] == before["tree"]
        assert not trust(tmp_path, found["tree"], now=NOW + 3 * DAY)["changed"]


def test_what_is_not_in_the_tree_is_signed_anew(tmp_path: Path) -> None:
    """Neither an account nor a user that was taken from the tree, and not purged, may be locked out in silence."""
    trust(tmp_path, rich())
    less = rich()
    del less["accounts"][1]
    less["accounts"][0]["users"].pop(0)
    for ask in ({"targets": ["operator"]}, {"targets": ["TeamAlpha"], "drop": True}):
        for _phase, before, after in steps(tmp_path, less, **ask):
            assert refused([before, after], [after]) == []
        pushed = trust(tmp_path, less)
        assert not pushed["changed"]
    assert "user TeamAlpha/order-service" in pushed["absent"]


def test_accounts_that_the_tree_lacks_are_pushed(tmp_path: Path) -> None:
    trust(tmp_path, rich())
    less = rich()
    del less["accounts"][1]
    rotate(tmp_path, less, targets=["operator"])
    assert [each["name"] for each in trust(tmp_path, less)["accounts"]] == ["SYS", "TeamAlpha", "ExternalPartner"]


@pytest.mark.parametrize("ask", ASKS, ids=str)
def test_a_kill_at_any_moment_is_taken_up(tmp_path: Path, ask: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every rename of a commit is a moment to be killed at: whatever is left, the same calls lead to the end."""
    trust(tmp_path, rich())
    real, when = folder.os.replace, 0
    made: set[str] = set()

    def killing(count: int) -> Any:
        left = [count]

        def replace(source: Any, target: Any) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            real(source, target)

        return replace

    for when in range(200):
        monkeypatch.setattr(folder.os, "replace", killing(when % 23))
        try:
            said = rotate(tmp_path, rich(), **ask)
            if said["finished"]:
                break
            assert not said.get("failed"), said
            made |= {f"{old} {new}" for old, new in said["rotation"]["keys"].items()}
            trust(tmp_path, rich(), now=NOW + when * DAY / 24)
            said = rotate(tmp_path, rich(), **ask, verified=said["phase"])
            assert not said.get("failed"), said
        except Killed:
            continue
    monkeypatch.setattr(folder.os, "replace", real)
    assert rotate(tmp_path, rich(), **ask)["finished"], when
    assert not trust(tmp_path, rich(), now=NOW + 200 * DAY / 24)["changed"]
    # Made once: every old key has one successor.
    assert len({each.split()[0] for each in made}) == len(made)
    world = World.of(tmp_path)
    assert refused([world], [world]) == []


def test_sealed_it_is_the_same(tmp_path: Path) -> None:
    seal = Reversed()
    trust(tmp_path, rich(), seal=seal)
    said = rotate(tmp_path, rich(), seal, targets=["TeamAlpha"], drop=True)
    while said["phase"]:
        assert not trust(tmp_path, rich(), seal=seal).get("failed")
        for place, content in files(tmp_path).items():
            assert not SEED.search(content), place
            if place.startswith("keys/"):
                assert content.startswith(b"$ANSIBLE_VAULT;"), place
        said = rotate(tmp_path, rich(), seal, targets=["TeamAlpha"], drop=True, verified=said["phase"])
    assert said["finished"]


def test_no_secret_is_told_or_recorded(tmp_path: Path) -> None:
    trust(tmp_path, rich())
    seeds = {content.decode().strip() for place, content in files(tmp_path).items() if place.endswith(".nk")}
    said = rotate(tmp_path, rich(), targets=["TeamAlpha"])
    text = json.dumps(said) + (tmp_path / "stores/Acme/.rotation").read_text()
    assert not SEED.search(text.encode())
    assert not [each for each in seeds if each in text]
    assert "eyJ" not in text


def test_a_check_says_what_would_run_and_writes_nothing(tmp_path: Path) -> None:
    trust(tmp_path, rich())
    was = files(tmp_path)
    said = rotate(tmp_path, rich(), targets=["TeamAlpha"], check_mode=True)
    assert (said["changed"], said["phase"], said["to_come"]) == (True, "", ["add", "replace", "drop"])
    assert said["reasons"][0] == "signing keys of TeamAlpha: rotated in the phases add, replace, drop"
    assert files(tmp_path) == was
    rotate(tmp_path, rich(), targets=["TeamAlpha"])
    was = files(tmp_path)
    under_way = rotate(tmp_path, rich(), targets=["TeamAlpha"], check_mode=True)
    assert under_way["phase"] == "add"
    assert files(tmp_path) == was


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        ({"targets": ["Nobody"]}, 'targets[0]: "Nobody" is no account of the tree'),
        ({"targets": []}, "targets: says nothing to rotate: name operator, or the accounts"),
        ({"targets": ["operator", "TeamAlpha"]}, "targets[0]: operator is rotated by itself"),
        ({"targets": ["Later"]}, "targets[0]: Later is in the tree, but not in the store yet"),
        ({"targets": ["Plain"]}, "targets[0]: Plain has no signing key"),
        ({"kind": "user", "targets": ["TeamAlpha"]}, 'targets[0]: "TeamAlpha": account TeamAlpha has no user ""'),
        ({"kind": "user", "targets": ["No/one"]}, 'targets[0]: "No/one": there is no account No'),
        ({"kind": "user", "targets": ["TeamAlpha/own"]}, "targets[0]: TeamAlpha/own keeps its seed"),
        (
            {"kind": "user", "targets": ["ExternalPartner/gone"]},
            "targets[0]: ExternalPartner/gone is revoked in the tree",
        ),
        ({"kind": "user", "targets": ["ExternalPartner/gone", "TeamAlpha/till"]}, "targets: names 2 users"),
    ],
)
def test_what_can_not_be_rotated_is_told_before_anything_changes(
    tmp_path: Path, ask: dict[str, Any], message: str
) -> None:
    tree = rich()
    tree["accounts"].append({"name": "Plain", "signing_keys": 0})
    tree["accounts"][1]["users"].append({"name": "gone"})
    assert trust(tmp_path, tree)["changed"]
    key = next(iter(World.of(tmp_path).creds.values())).subject
    tree["accounts"].append({"name": "Later"})
    tree["accounts"][1]["users"][1]["revoked"] = True
    tree["accounts"][0]["users"].append({"name": "own", "public_key": key})
    was = files(tmp_path)
    said = rotate(tmp_path, tree, **ask)
    assert said["failed"]
    assert message in said["msg"]
    assert files(tmp_path) == was


def test_another_rotation_has_to_wait(tmp_path: Path) -> None:
    trust(tmp_path, rich())
    rotate(tmp_path, rich(), targets=["TeamAlpha"])
    was = files(tmp_path)
    for ask in ({"targets": ["operator"]}, {"kind": "operator"}, {"targets": ["TeamAlpha", "SYS"]}):
        said = rotate(tmp_path, rich(), **ask)
        assert said["failed"]
        assert "signing keys of TeamAlpha is under way (phase add)" in said["msg"]
    assert files(tmp_path) == was


@pytest.mark.parametrize("ask", [{"targets": ["operator"]}, {"kind": "operator"}], ids=str)
def test_without_the_root_key_nothing_begins(tmp_path: Path, ask: dict[str, Any]) -> None:
    trust(tmp_path, rich())
    root = World.of(tmp_path).operator.subject
    place = tmp_path / f"keys/keys/O/{root[1:3]}/{root}.nk"
    place.unlink()
    was = files(tmp_path)
    said = rotate(tmp_path, rich(), **ask)
    if ask.get("kind") == "operator":
        # A new identity signs its token itself: the old root key is not needed.
        assert said["phase"] == "drop"
        return
    assert said["failed"]
    assert f"keys/keys/O/{root[1:3]}/{root}.nk" in said["msg"]
    assert files(tmp_path) == was


def test_the_root_key_may_be_elsewhere(tmp_path: Path) -> None:
    """Both changes of the operator travel to its key; what is not signed yet is neither in force nor verified."""
    home, request, at = tmp_path / "home", tmp_path / "acme.request", NOW
    trust(home, rich())
    first = World.of(home)
    root = next(home.rglob(f"{first.operator.subject}.nk")).rename(tmp_path / "root.nk")
    carry = {"operator_request": str(request)}
    ask: dict[str, Any] = {"targets": ["operator"], **carry}
    said, phases = rotate(home, rich(), **ask), []
    while said["phase"]:
        phases.append(said["phase"])
        before, at = World.of(home), at + DAY
        done = trust(home, rich(), now=at, **carry)
        assert bool(done["pending"]) is (said["phase"] != "replace"), done
        if done["pending"]:
            waiting = World.of(home)
            assert waiting.operator == before.operator
            assert refused([before, waiting], [before, waiting]) == []
            early = rotate(home, rich(), **ask, verified=said["phase"])
            assert "waits for its root key" in early["msg"]
            assert not trust(home, rich(), now=at, **carry)["changed"]
            params = {"request": str(request), "response": None, "key": str(root)}
            signed = perform(verb_operator_sign.VERB, params, Surroundings(False, at, NoSeal()))
            assert not signed.get("failed"), signed
            done = trust(home, rich(), now=at + DAY, **carry)
            assert done["pending"] is None, done
        after = World.of(home)
        assert refused([before, after], [before, after]) == []
        said = rotate(home, rich(), **ask, verified=said["phase"])
        assert not said.get("failed"), said
    assert phases == ["add", "replace", "drop"]
    last = World.of(home)
    assert not trusted(last.operator) & trusted(first.operator)
    assert all(next(home.rglob(f"{each}.nk"), None) for each in trusted(last.operator))


def test_a_target_that_left_the_tree_is_told(tmp_path: Path) -> None:
    trust(tmp_path, rich())
    rotate(tmp_path, rich(), kind="user", targets=["TeamAlpha/till"])
    trust(tmp_path, rich())
    less = rich()
    less["accounts"][0]["users"].pop()
    assert "TeamAlpha/till: is under rotation and left the tree" in trust(tmp_path, less)["msg"]
    old = World.of(tmp_path)
    assert trust(tmp_path, less, purge=True, now=NOW + DAY)["changed"]
    alpha = next(each for each in World.of(tmp_path).accounts.values() if each.name == "TeamAlpha")
    assert old.creds["Acme/TeamAlpha/till.creds"].subject in alpha.nats["revocations"]
    record = json.loads((tmp_path / "stores/Acme/.rotation").read_text())
    assert set(record["current"]["keys"]) <= set(alpha.nats["revocations"])


def test_a_role_named_by_its_key_is_told(tmp_path: Path) -> None:
    tree = rich()
    trust(tmp_path, tree)
    alpha = next(each for each in World.of(tmp_path).accounts.values() if each.name == "TeamAlpha")
    key = next(key for key, each in _listed(alpha).items() if each and each["role"] == "reader")
    named = copy.deepcopy(tree)
    named["accounts"][0]["signing_keys"][1]["key"] = key
    named["accounts"][0]["users"][1]["role"] = key
    said = rotate(tmp_path, named, targets=["TeamAlpha"])
    assert "role reader is named by its key, which is being rotated" in said["msg"]


def test_a_phase_that_is_not_under_way_was_not_verified(tmp_path: Path) -> None:
    trust(tmp_path, rich())
    rotate(tmp_path, rich(), targets=["TeamAlpha"])
    assert "the phase under way is add, not drop" in rotate(tmp_path, rich(), verified="drop")["msg"]


def test_a_damaged_record_changes_nothing(tmp_path: Path) -> None:
    trust(tmp_path, rich())
    (tmp_path / "stores/Acme/.rotation").write_text('{"form": 1}')
    for said in (trust(tmp_path, rich()), rotate(tmp_path, rich(), targets=["operator"])):
        assert "is not the record of a rotation" in said["msg"]
