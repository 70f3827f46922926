# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a wish means; the refusals that need a store are in test_verb_rotation."""

from __future__ import annotations

from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.plugins.module_utils.trust.rotation import Kind, Phase, Record, Rotation
from ansible_collections.aegis.nats.plugins.module_utils.trust.rotation_start import Ask, at, keys_of, read_ask, start
from ansible_collections.aegis.nats.plugins.module_utils.trust.store import Existing
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import key, orders
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.test_plan import Keys, first, tree_of

UNDER_WAY = Rotation(Kind.SIGNING_KEYS, ("TeamAlpha",), Phase.REPLACE, {"OLD": "NEW"})


def asked(kind: str, *targets: str, current: object = None) -> tuple[Ask, list[str]]:
    problems = Problems()
    ask = read_ask(kind, targets, current, tree_of(orders()), problems)  # type: ignore[arg-type]
    return ask, [str(each) for each in problems]


def test_a_wish_is_read() -> None:
    assert asked("signing_keys", " TeamAlpha", "SYS", "TeamAlpha ") == (
        Ask(Kind.SIGNING_KEYS, ("TeamAlpha", "SYS")),
        [],
    )
    assert asked("operator") == (Ask(Kind.OPERATOR, ("operator",)), [])
    assert asked("signing_keys", "", current=UNDER_WAY) == (Ask(Kind.SIGNING_KEYS, ()), [])


def test_every_fault_is_told() -> None:
    _ask, problems = asked("signing_keys", "operator", "Nope", "No")
    assert len(problems) == 3
    assert asked("user", current=UNDER_WAY)[1] == ["targets: says nothing to rotate: name account/user"]


def test_it_means_what_is_under_way() -> None:
    record = Record(UNDER_WAY, {"signing_keys Other": 5})
    for targets in ((), ("TeamAlpha",), ("Other", "TeamAlpha")):
        assert Ask(Kind.SIGNING_KEYS, targets).means(record)
    assert not Ask(Kind.SIGNING_KEYS, ("Other",)).means(record)
    assert not Ask(Kind.SIGNING_KEYS, ("SYS", "TeamAlpha")).means(record)
    assert not Ask(Kind.USER, ()).means(record)
    assert not Ask(Kind.SIGNING_KEYS, ()).means(Record())


def roles_of(raw: dict[str, object], ask: Ask) -> tuple[dict[str, Role], list[str]]:
    problems = Problems()
    found = keys_of(ask, first(raw, Keys()), problems)  # type: ignore[arg-type]
    return found, [str(each) for each in problems]


def test_roles_that_share_a_name_have_to_get_names_of_their_own() -> None:
    raw = orders()
    names = [key(Role.ACCOUNT, number).public_key for number in (91, 92)]
    raw["accounts"][0]["signing_keys"] = [1, *({"role": "twice", "key": each, "template": {}} for each in names)]
    _keys, problems = roles_of(raw, Ask(Kind.SIGNING_KEYS, ("TeamAlpha",)))
    assert len(problems) == 1
    assert all(each in problems[0] for each in names)


def test_all_keys_of_a_target_are_replaced_each_by_one_of_its_role() -> None:
    raw = orders()
    raw["operator"]["signing_keys"] = 3
    for ask, role, count in (
        (Ask(Kind.SIGNING_KEYS, ("operator",)), Role.OPERATOR, 3),
        (Ask(Kind.SIGNING_KEYS, ("TeamAlpha", "SYS")), Role.ACCOUNT, 2),
        (Ask(Kind.OPERATOR, ("operator",)), Role.OPERATOR, 1),
        (Ask(Kind.USER, ("TeamAlpha/order-service",)), Role.USER, 1),
    ):
        keys = Keys()
        existing = first(raw, keys)
        found, problems = keys_of(ask, existing, Problems()), Problems()
        assert (len(found), set(found.values()), len(problems)) == (count, {role}, 0)
        turn, made = start(ask, existing, found, keys.mint, 9)
        assert set(turn.keys) == set(found)
        assert sorted(turn.keys.values()) == sorted(each.public_key for each in made)
        assert {each.role for each in made} == {role}
        assert (turn.phase, turn.verified, turn.started) == (turn.phases[0], False, 9)
        assert set(turn.issued) == (set(found) if ask.kind is Kind.USER else set())


def test_without_a_store_there_is_nothing_to_rotate() -> None:
    problems = Problems()
    assert keys_of(Ask(Kind.OPERATOR, ("operator",)), Existing(), problems) == {}
    assert "deploy first" in str(next(iter(problems)))


def test_a_phase_that_begins_is_not_verified() -> None:
    assert at(UNDER_WAY, Phase.DROP).phase is Phase.DROP
    assert not at(UNDER_WAY, Phase.DROP).verified
