# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The planner is pure: the same in, the same out; keys stay, tokens move only for a reason."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.plugins.module_utils.trust import tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.creds import read as read_creds
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import KeyPair, Role
from ansible_collections.aegis.nats.plugins.module_utils.trust.plan import Planned, plan_tree
from ansible_collections.aegis.nats.plugins.module_utils.trust.store import Existing, StoredAccount, StoredUser
from ansible_collections.aegis.nats.plugins.module_utils.trust.tree import Tree, read_tree
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import key, orders

NOW = 1_800_000_000


class Keys:
    """Makes keys by counting, and knows them again."""

    def __init__(self) -> None:
        self.made: dict[str, KeyPair] = {}

    def mint(self, role: Role) -> KeyPair:
        pair = key(role, len(self.made))
        self.made[pair.public_key] = pair
        return pair

    def seed(self, public: str) -> KeyPair:
        return self.made[public]


def tree_of(raw: dict[str, Any]) -> Tree:
    problems = Problems()
    tree = read_tree(raw["operator"], raw.get("system_account"), raw["accounts"], problems)
    problems.raise_if_any()
    return tree


def after(planned: Planned, before: Existing) -> Existing:
    """The store once a plan is carried out."""
    written = {change.path: change.content for change in planned.plan.changes if change.content is not None}
    accounts: dict[str, StoredAccount] = {}
    for name, token in planned.accounts.items():
        users: dict[str, StoredUser] = {}
        for (account, user), user_token in planned.users.items():
            if account == name:
                content = written.get(f"keys/creds/{planned.operator.name}/{name}/{user}.creds")
                old = before.accounts.get(name, StoredAccount(token)).users.get(user)
                users[user] = StoredUser(user_token, read_creds(content) if content else old and old.creds)
        accounts[name] = StoredAccount(token, users)
    seeds = {path.rsplit("/", 1)[1][:-3] for path in written if path.endswith(".nk")}
    return Existing(planned.operator, accounts, before.seeds | seeds)


def first(raw: dict[str, Any], keys: Keys) -> Existing:
    return after(plan_tree(Existing(), tree_of(raw), NOW, keys.mint, keys.seed), Existing())


def test_the_same_twice_is_nothing_the_second_time() -> None:
    keys = Keys()
    existing = first(orders(), keys)
    count = len(keys.made)
    again = plan_tree(existing, tree_of(orders()), NOW + 100, keys.mint, keys.seed)
    assert (again.plan.changes, again.plan.reasons) == ((), ())
    assert (again.plan.before, again.plan.after) == ({}, {})
    assert len(keys.made) == count


def test_the_chain_is_signed_as_strict_usage_wants() -> None:
    keys = Keys()
    planned = plan_tree(Existing(), tree_of(orders()), NOW, keys.mint, keys.seed)
    operator = planned.operator
    assert operator.issuer == operator.subject
    assert operator.nats["strict_signing_key_usage"] is True
    assert operator.nats["system_account"] == planned.accounts["SYS"].subject
    for name, account in planned.accounts.items():
        assert account.issuer in operator.nats["signing_keys"]
        for (of, _dummy), user in planned.users.items():
            if of == name:
                assert user.issuer in account.nats["signing_keys"]
                assert user.nats["issuer_account"] == account.subject
    for token in (operator, *planned.accounts.values(), *planned.users.values()):
        assert tokens.read(token.text).claims == token.claims


def test_without_strict_usage_and_signing_keys_identity_keys_sign() -> None:
    raw = orders()
    raw["operator"].update(signing_keys=0, strict_signing_key_usage=False)
    raw["system_account"] = {"name": "SYS", "signing_keys": 0}
    for account in raw["accounts"]:
        account["signing_keys"] = 0
    keys = Keys()
    planned = plan_tree(Existing(), tree_of(raw), NOW, keys.mint, keys.seed)
    assert planned.accounts["TeamAlpha"].issuer == planned.operator.subject
    assert planned.users[("TeamAlpha", "order-service")].issuer == planned.accounts["TeamAlpha"].subject
    assert "issuer_account" not in planned.users[("TeamAlpha", "order-service")].nats


@pytest.mark.parametrize(
    ("path", "value", "reasons"),
    [
        (("operator", "tags"), ["env:prod"], ['operator Acme: tags adds "env:prod"']),
        (
            ("accounts", 0, "limits", "connections"),
            10,
            ["account TeamAlpha: limits.connections: 500 becomes 10"],
        ),
        (
            ("accounts", 0, "users", 0, "publish", "allow"),
            ["orders.>", "audit.>"],
            ['user order-service: publish.allow adds "audit.>"'],
        ),
        (("accounts", 1, "users", 0, "bearer"), True, ["user gateway: bearer: false becomes true"]),
        (("accounts", 0, "limits", "jetstream"), None, ["account TeamAlpha: limits.jetstream is dropped"]),
    ],
)
def test_one_change_touches_one_token(path: tuple[Any, ...], value: Any, reasons: list[str]) -> None:
    keys, raw = Keys(), orders()
    existing = first(raw, keys)
    inner: Any = raw
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    planned = plan_tree(existing, tree_of(raw), NOW, keys.mint, keys.seed)
    assert list(planned.plan.reasons) == reasons
    written = [change.path for change in planned.plan.changes]
    assert sum(name.endswith(".jwt") for name in written) == 1
    assert not [name for name in written if name.endswith(".nk")]


def test_a_new_token_is_later_even_within_a_second() -> None:
    keys, raw = Keys(), orders()
    existing = first(raw, keys)
    raw["accounts"][0]["description"] = "x"
    planned = plan_tree(existing, tree_of(raw), NOW, keys.mint, keys.seed)
    assert planned.accounts["TeamAlpha"].issued_at == NOW + 1
    assert planned.accounts["TeamAlpha"].claims["jti"] != existing.accounts["TeamAlpha"].token.claims["jti"]


def test_more_signing_keys_are_made_and_fewer_take_none_away() -> None:
    keys, raw = Keys(), orders()
    existing = first(raw, keys)
    raw["accounts"][0]["signing_keys"] = 3
    more = plan_tree(existing, tree_of(raw), NOW, keys.mint, keys.seed)
    old = existing.accounts["TeamAlpha"].token.nats["signing_keys"]
    assert len(more.accounts["TeamAlpha"].nats["signing_keys"]) == 3
    assert set(old) < set(more.accounts["TeamAlpha"].nats["signing_keys"])
    assert more.users == {name: each for name, each in more.users.items() if each.issuer}
    raw["accounts"][0]["signing_keys"] = 1
    fewer = plan_tree(after(more, existing), tree_of(raw), NOW, keys.mint, keys.seed)
    assert fewer.plan.changes == ()


def test_users_of_one_name_are_told_apart() -> None:
    keys, raw = Keys(), orders()
    raw["accounts"][1]["users"] = [{"name": "order-service"}]
    planned = plan_tree(Existing(), tree_of(raw), NOW, keys.mint, keys.seed)
    assert {"user TeamAlpha/order-service is new", "user ExternalPartner/order-service is new"} <= set(
        planned.plan.reasons
    )


def test_what_left_the_tree_is_told_and_only_purge_removes_it() -> None:
    keys, raw = Keys(), orders()
    existing = first(raw, keys)
    del raw["accounts"][1]
    kept = plan_tree(existing, tree_of(raw), NOW, keys.mint, keys.seed)
    assert kept.absent == ("user ExternalPartner/gateway", "account ExternalPartner")
    assert not kept.plan.changed
    purged = plan_tree(existing, tree_of(raw), NOW, keys.mint, keys.seed, purge=True)
    assert len(purged.plan.reasons) == 2
    gone = {change.path for change in purged.plan.changes}
    written = [change.path for change in purged.plan.changes if change.content is not None]
    assert written == ["stores/Acme/.removed"]
    assert len([name for name in gone if name.endswith(".nk")]) == 3
    assert {
        "keys/creds/Acme/ExternalPartner/gateway.creds",
        "stores/Acme/accounts/ExternalPartner/users/gateway.jwt",
    } < gone


def with_role(raw: dict[str, Any], **template: Any) -> dict[str, Any]:
    raw["accounts"][0]["signing_keys"] = [{"role": "reader", "template": {"subscribe": {"allow": ["a.>"]}, **template}}]
    raw["accounts"][0]["users"].append({"name": "r", "role": "reader"})
    return raw


def test_a_user_with_a_role_says_nothing_of_its_own() -> None:
    keys = Keys()
    planned = plan_tree(Existing(), tree_of(with_role(orders())), NOW, keys.mint, keys.seed)
    scoped, plain = planned.accounts["TeamAlpha"].nats["signing_keys"]
    if isinstance(scoped, str):
        scoped, plain = plain, scoped
    user = planned.users[("TeamAlpha", "r")]
    assert user.issuer == scoped["key"]
    assert dict(user.nats) == {
        "pub": {},
        "sub": {},
        "issuer_account": planned.accounts["TeamAlpha"].subject,
        "type": "user",
        "version": 2,
    }
    assert planned.users[("TeamAlpha", "order-service")].issuer == plain
    assert scoped["template"]["sub"] == {"allow": ["a.>"]}
    assert [scoped["template"][name] for name in ("subs", "data", "payload")] == [-1, -1, -1]


def test_a_template_changes_the_account_only() -> None:
    keys = Keys()
    existing = first(with_role(orders()), keys)
    raw = with_role(orders(), publish={"allow": ["b"]})
    planned = plan_tree(existing, tree_of(raw), NOW, keys.mint, keys.seed)
    assert planned.plan.reasons == ('account TeamAlpha: signing_keys.reader.template.publish.allow adds "b"',)
    again = plan_tree(after(planned, existing), tree_of(raw), NOW, keys.mint, keys.seed)
    assert not again.plan.changed


def test_a_user_gets_and_loses_a_role() -> None:
    keys = Keys()
    raw = with_role(orders())
    existing = first(raw, keys)
    del raw["accounts"][0]["users"][1]["role"]
    raw["accounts"][0]["users"][1]["publish"] = {"deny": [">"]}
    planned = plan_tree(existing, tree_of(raw), NOW, keys.mint, keys.seed)
    assert planned.plan.reasons[0] == 'user r: role: "reader" becomes nothing'
    back = plan_tree(after(planned, existing), tree_of(with_role(orders())), NOW, keys.mint, keys.seed)
    assert back.plan.reasons[0] == 'user r: role: nothing becomes "reader"'
    assert back.users[("TeamAlpha", "r")].subject == existing.accounts["TeamAlpha"].users["r"].token.subject


def test_a_role_that_left_stays_until_purge() -> None:
    keys = Keys()
    existing = first(with_role(orders()), keys)
    kept = plan_tree(existing, tree_of(orders()), NOW, keys.mint, keys.seed)
    assert kept.absent == ("user TeamAlpha/r", "role TeamAlpha/reader")
    assert not kept.plan.changed
    purged = plan_tree(existing, tree_of(orders()), NOW, keys.mint, keys.seed, purge=True)
    assert len(purged.accounts["TeamAlpha"].nats["signing_keys"]) == 1
    assert sum(change.path.endswith(".nk") and change.content is None for change in purged.plan.changes) == 2


def test_a_role_may_be_named_by_its_key() -> None:
    keys = Keys()
    existing = first(with_role(orders()), keys)
    scoped = next(
        each for each in existing.accounts["TeamAlpha"].token.nats["signing_keys"] if not isinstance(each, str)
    )
    raw = with_role(orders())
    raw["accounts"][0]["signing_keys"][0]["key"] = raw["accounts"][0]["users"][1]["role"] = scoped["key"]
    assert not plan_tree(existing, tree_of(raw), NOW, keys.mint, keys.seed).plan.changed


def test_missing_and_damaged_creds_are_written_again() -> None:
    keys, raw = Keys(), orders()
    existing = first(raw, keys)
    for damaged, word in ((False, "missing"), (True, "damaged")):
        stored = existing.accounts["TeamAlpha"]
        users = {"order-service": StoredUser(stored.users["order-service"].token, None, damaged)}
        accounts = {**existing.accounts, "TeamAlpha": StoredAccount(stored.token, users)}
        planned = plan_tree(
            Existing(existing.operator, accounts, existing.seeds), tree_of(raw), NOW, keys.mint, keys.seed
        )
        assert planned.plan.reasons == (f"user order-service: its creds were {word}, are written again",)
        assert [change.path for change in planned.plan.changes] == ["keys/creds/Acme/TeamAlpha/order-service.creds"]


def test_secrets_are_marked_and_never_in_the_pictures() -> None:
    keys = Keys()
    plan = plan_tree(Existing(), tree_of(orders()), NOW, keys.mint, keys.seed).plan
    for change in plan.changes:
        assert change.secret == change.path.endswith((".nk", ".creds"))
        assert change.mode == 0o600
    told = repr((plan.reasons, plan.before, plan.after, plan.diff(), plan.changes))
    assert not [pair.seed for pair in keys.made.values() if pair.seed in told]


def test_the_token_of_a_bearer_user_is_a_secret() -> None:
    keys, raw = Keys(), orders()
    raw["accounts"][1]["users"][0]["bearer"] = True
    plan = plan_tree(Existing(), tree_of(raw), NOW, keys.mint, keys.seed).plan
    assert [change.secret for change in plan.changes if change.path.endswith("users/gateway.jwt")] == [True]
