# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole verb on real folders: made, unchanged, changed, in check mode, purged, killed and taken up again."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan import folder
from ansible_collections.aegis.nats.plugins.module_utils.trust import creds, keys, kinds, tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.fields import Kind
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.random_faults import (
    FAULTS,
    TOGETHER,
    WITHOUT_FAULTS,
    add_together,
    places,
    spoilt,
)
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.random_trees import make
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import (
    DAY,
    NOW,
    ORDERS,
    Reversed,
    files,
    orders,
    trust,
)

SEED = re.compile(rb"\bS[OAUNCX][A-Z2-7]{56}\b")


class Killed(BaseException):
    """What a kill leaves behind: no handler runs, for none catches this."""


def test_made_then_unchanged_byte_for_byte(tmp_path: Path) -> None:
    first = trust(tmp_path, ORDERS)
    assert first["changed"]
    assert first["reasons"] == [
        "operator Acme is new",
        "account SYS is new",
        "account TeamAlpha is new",
        "account ExternalPartner is new",
        "user sys is new",
        "user order-service is new",
        "user gateway is new",
    ]
    before = files(tmp_path)
    again = trust(tmp_path, ORDERS, NOW + DAY)
    assert (again["changed"], again["reasons"], again["diff"]) == (False, [], {"before": "", "after": ""})
    assert files(tmp_path) == before
    for name in ("operator", "system_account", "accounts", "users"):
        assert again[name] == first[name]


def test_files_belong_to_one_only(tmp_path: Path) -> None:
    trust(tmp_path / "store", ORDERS)
    for each in [tmp_path / "store", *(tmp_path / "store").rglob("*")]:
        assert stat.S_IMODE(each.stat().st_mode) == (0o700 if each.is_dir() else 0o600), each


def test_what_is_returned(tmp_path: Path) -> None:
    found = trust(tmp_path, ORDERS)
    operator = tokens.read(found["operator"]["jwt"])
    assert found["operator"]["public_key"] == operator.subject
    assert found["operator"]["signing_keys"] == operator.nats["signing_keys"]
    assert found["system_account"]["public_key"] == operator.nats["system_account"]
    assert [(each["name"], each["system"]) for each in found["accounts"]] == [
        ("SYS", True),
        ("TeamAlpha", False),
        ("ExternalPartner", False),
    ]
    service = found["users"][1]
    assert (service["account"], service["name"], service["expires"]) == (
        "TeamAlpha",
        "order-service",
        "2027-02-21T12:00:00Z",
    )
    held = creds.read(Path(service["creds"]).read_bytes())
    assert tokens.read(held.token).subject == keys.from_seed(held.seed).public_key == service["public_key"]
    assert found["users"][0]["expires"] is None


def test_no_secret_is_returned(tmp_path: Path) -> None:
    found = trust(tmp_path, ORDERS)
    told = repr(found).encode()
    secrets = [match for content in files(tmp_path).values() for match in SEED.findall(content)]
    assert len(set(secrets)) == 11
    assert not [secret for secret in secrets if secret in told]
    user_tokens = [content for name, content in files(tmp_path).items() if "/users/" in name]
    assert len(user_tokens) == 3
    assert not [token for token in user_tokens if token in told]


def test_check_mode_tells_what_the_run_does_and_writes_nothing(tmp_path: Path) -> None:
    root = tmp_path / "store"
    told = trust(root, ORDERS, check_mode=True)
    assert not root.exists()
    assert told["reasons"] == trust(root, ORDERS)["reasons"]
    raw = orders()
    raw["accounts"][0]["users"][0]["publish"]["allow"].append("audit.>")
    before = files(root)
    told = trust(root, raw, check_mode=True)
    assert files(root) == before
    done = trust(root, raw)
    assert done["reasons"] == told["reasons"] == ['user order-service: publish.allow adds "audit.>"']
    assert (done["changed"], done["diff"]) == (told["changed"], told["diff"])
    changed = {name for name, content in files(root).items() if before.get(name) != content}
    assert changed == {
        "keys/creds/Acme/TeamAlpha/order-service.creds",
        "stores/Acme/accounts/TeamAlpha/users/order-service.jwt",
    }


def test_a_key_stays_through_every_change(tmp_path: Path) -> None:
    first = trust(tmp_path, ORDERS)
    raw = orders()
    raw["operator"]["tags"] = ["x"]
    raw["system_account"] = {"description": "d", "users": [{"name": "sys", "tags": ["y"]}]}
    for account in raw["accounts"]:
        account["description"] = "d"
        account["users"][0]["tags"] = ["z"]
    second = trust(tmp_path, raw)
    assert len(second["reasons"]) == 7
    for name in ("users", "accounts"):
        assert [each["public_key"] for each in second[name]] == [each["public_key"] for each in first[name]]
    assert second["operator"]["public_key"] == first["operator"]["public_key"]


def test_renewal_keeps_the_key(tmp_path: Path) -> None:
    first = trust(tmp_path, ORDERS)
    assert not trust(tmp_path, ORDERS, NOW + 59 * DAY)["changed"]
    later = trust(tmp_path, ORDERS, NOW + 60 * DAY)
    assert later["reasons"] == ["user order-service: is renewed, 30 days before its end"]
    assert later["users"][1]["public_key"] == first["users"][1]["public_key"]
    assert later["users"][1]["expires"] == "2027-04-22T12:00:00Z"


def test_purge(tmp_path: Path) -> None:
    first = trust(tmp_path, ORDERS)
    partner, service = first["accounts"][2]["public_key"], first["users"][1]["public_key"]
    raw = orders()
    raw["accounts"][0]["users"] = []
    del raw["accounts"][1]
    kept = trust(tmp_path, raw)
    assert not kept["changed"]
    assert kept["absent"] == [
        "user ExternalPartner/gateway",
        "account ExternalPartner",
        "user TeamAlpha/order-service",
    ]
    assert "purge: true revokes the users" in kept["warnings"][0]
    gone = trust(tmp_path, raw, purge=True)
    assert gone["reasons"] == [
        "account TeamAlpha: revocations adds order-service",
        "user ExternalPartner/gateway is not in the tree, is removed",
        "account ExternalPartner is not in the tree, is removed",
        "user TeamAlpha/order-service is not in the tree, is revoked and removed",
    ]
    assert gone["removed_accounts"] == [{"name": "ExternalPartner", "public_key": partner}]
    assert kept["removed_accounts"] == []
    alpha = tokens.read(gone["accounts"][1]["jwt"])
    assert alpha.nats["revocations"] == {service: int(NOW.timestamp())}
    assert not [name for name in files(tmp_path) if "ExternalPartner" in name or "order-service" in name]
    assert not (tmp_path / "stores/Acme/accounts/ExternalPartner").exists()
    again = trust(tmp_path, raw, purge=True)
    assert not again["changed"] and again["removed_accounts"] == gone["removed_accounts"]


def test_the_system_account_keeps_its_name(tmp_path: Path) -> None:
    trust(tmp_path, ORDERS)
    before = files(tmp_path)
    found = trust(tmp_path, {**ORDERS, "system_account": {"name": "SYSTEM"}}, purge=True)
    assert 'write "SYS"' in found["msg"]
    assert files(tmp_path) == before


def test_bad_input_is_told_whole_before_anything_is_written(tmp_path: Path) -> None:
    root = tmp_path / "store"
    raw = orders()
    raw["operator"]["signing_kyes"] = 2
    raw["accounts"][0]["users"].append({"name": "order-service", "publish": {"allow": ["a.>.b"]}})
    raw["accounts"][1]["imports"][0]["type"] = "stream"
    found = trust(root, raw)
    assert [problem["path"] for problem in found["problems"]] == [
        "operator.signing_kyes",
        "accounts.TeamAlpha.users[1].publish.allow[0]",
        "accounts.TeamAlpha.users[1].name",
        "accounts.ExternalPartner.imports[0].type",
    ]
    assert (found["failed"], found["changed"]) == (True, False)
    assert not root.exists()


def test_weak_wishes_are_granted_and_warned_about(tmp_path: Path) -> None:
    raw = orders()
    raw["operator"]["strict_signing_key_usage"] = False
    raw["accounts"][1]["users"][0]["bearer"] = True
    warnings = trust(tmp_path, raw)["warnings"]
    assert any("strict_signing_key_usage" in each for each in warnings)
    assert any("ExternalPartner/gateway" in each for each in warnings)


def test_open_secrets_are_kept_out_of_git(tmp_path: Path) -> None:
    trust(tmp_path / "open", ORDERS)
    trust(tmp_path / "sealed", ORDERS, seal=Reversed())
    assert b"**/*.nk" in (tmp_path / "open/keys/.gitignore").read_bytes()
    assert not (tmp_path / "sealed/keys/.gitignore").exists()


@pytest.mark.parametrize("step", ["replace", "open", "write", "unlink", "fsync", "sync_all", "mkdir"])
def test_killed_at_any_step_and_taken_up_again(step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a kill the next run ends where the first would have; what had been committed is not made again."""
    place = folder if step == "sync_all" else os
    real = getattr(place, step)
    small = {"operator": {"name": "Acme"}}
    if step == "sync_all":
        monkeypatch.setattr(folder, "MANY", 0)
    for nth in range(60):
        root = tmp_path / str(nth)
        left = [nth]

        def counted(*args: Any, _left: list[int] = left, **more: Any) -> Any:  # pylint: disable=dangerous-default-value
            if _left[0] == 0:
                raise Killed
            _left[0] -= 1
            return real(*args, **more)

        with monkeypatch.context() as patched:
            patched.setattr(place, step, counted)
            try:
                trust(root, small)
            except Killed:
                pass
            else:
                assert nth > 0
                return
        found_seeds = {name for name in files(root) if name.endswith(".nk")} if root.exists() else set()
        published = {name for name in found_seeds if not name.startswith(".staging")}
        seen = trust(root, small, check_mode=True)
        found = trust(root, small)
        assert not found.get("failed"), found
        assert seen["changed"] == found["changed"]
        assert seen["reasons"] == found["reasons"]
        if published:
            assert found["operator"]["public_key"] == seen["operator"]["public_key"]
        seeds = {name for name in files(root) if name.endswith(".nk")}
        assert published <= seeds
        assert len(seeds) == 5, "a key was made twice or lost"
        assert not [name for name in files(root) if name.startswith((".staging", ".journal"))]
        assert not trust(root, small)["changed"]
    pytest.fail("never ran to its end")


def take_away(path: Path, *publics: str) -> None:
    for public in publics:
        next(path.rglob(f"{public}.nk")).unlink()


def test_the_root_key_and_the_identities_of_accounts_may_be_elsewhere(tmp_path: Path) -> None:
    """Signing keys do everything but a change of the operator's own token."""
    first = trust(tmp_path, ORDERS)
    take_away(tmp_path, first["operator"]["public_key"], *(each["public_key"] for each in first["accounts"]))
    assert not trust(tmp_path, ORDERS, NOW + DAY)["changed"]
    raw = orders()
    raw["accounts"][0]["users"].append({"name": "late"})
    raw["accounts"][0]["exports"][0]["token_required"] = True
    raw["accounts"][0]["signing_keys"] = 2
    raw["accounts"].append({"name": "New", "users": [{"name": "n"}]})
    raw["accounts"][1]["users"] = []
    found = trust(tmp_path, raw, NOW + 70 * DAY, purge=True)
    assert found.get("failed") is None, found["msg"]
    assert "user order-service: is renewed, 20 days before its end" in found["reasons"]
    assert "user ExternalPartner/gateway is not in the tree, is revoked and removed" in found["reasons"]
    assert {"account New is new", "user late is new", "user n is new"} <= set(found["reasons"])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"tags": ["x"]}, 'tags adds "x"'),
        ({"signing_keys": 2}, "signing_keys adds"),
        ({"expires": "1y"}, "expires: never becomes 365d"),
    ],
)
def test_what_needs_the_root_key_says_so_and_changes_nothing(change: dict[str, Any], says: str, tmp_path: Path) -> None:
    first = trust(tmp_path, ORDERS)
    root = first["operator"]["public_key"]
    take_away(tmp_path, root)
    before = files(tmp_path)
    raw = orders()
    raw["operator"].update(change)
    raw["accounts"][0]["users"].append({"name": "late"})
    told = trust(tmp_path, raw)["msg"]
    assert told.startswith(f"operator Acme has to be signed ({says}")
    assert f"keys/keys/O/{root[1:3]}/{root}.nk" in told
    assert files(tmp_path) == before


@pytest.mark.parametrize("number", range(100))
def test_every_fault_of_a_bad_tree_is_named_and_nothing_is_written(tmp_path: Path, number: int) -> None:
    """A hundred random trees with three to six faults each, from a catalogue of them."""
    raw, told = spoilt(number, 3, 6)
    assert len(told) >= 3
    found = trust(tmp_path / "store", raw)
    assert found.get("failed") is True
    for path, said in told:
        named = [each["message"] for each in found["problems"] if each["path"] == path]
        assert any(said in message for message in named), (path, said, found["msg"])
    assert not list(tmp_path.iterdir())


def test_every_kind_of_word_has_faults() -> None:
    known = {each for each in vars(kinds).values() if isinstance(each, Kind)}
    assert set(FAULTS) | WITHOUT_FAULTS == known
    said = {place.kind for number in range(300) for place in places(make(number))}
    # An activation and the key of a nameless role need keys that only a store has; they are among the rules.
    assert known - said == {kinds.ACTIVATION, kinds.ACCOUNT_KEY}


@pytest.mark.parametrize("fault", TOGETHER, ids=lambda fault: f"{fault[1][0]} {fault[1][1]}")
def test_what_does_not_go_together_is_named(tmp_path: Path, fault: tuple[Any, tuple[str, str]]) -> None:
    raw: dict[str, Any] = {"operator": {"name": "Acme"}, "accounts": []}
    path, said = add_together(raw, fault)
    found = trust(tmp_path / "store", raw)
    assert [each for each in found["problems"] if each["path"] == path and said in each["message"]], found["msg"]
