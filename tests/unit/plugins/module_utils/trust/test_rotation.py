# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that take turns, and the record of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import StoreError
from ansible_collections.aegis.nats.plugins.module_utils.trust.rotation import (
    NOTHING,
    Kind,
    Phase,
    Record,
    Rotation,
    read,
    write,
)
from hypothesis import given
from hypothesis import strategies as st

KEYS = {"OLD1": "NEW1", "OLD2": "NEW2"}
ALPHA = Rotation(Kind.SIGNING_KEYS, ("TeamAlpha",), Phase.ADD, KEYS, started=7)
names = st.text(st.sampled_from("ABC/"), max_size=4)
rotations = st.builds(
    Rotation,
    st.sampled_from(Kind),
    st.lists(names, min_size=1, max_size=3).map(tuple),
    st.sampled_from(Phase),
    st.dictionaries(names, names),
    st.booleans(),
    st.booleans(),
    st.dictionaries(names, st.integers(0, 2**40)),
    st.integers(0, 2**40),
)


@given(st.none() | rotations, st.dictionaries(names, st.integers(0, 2**40)))
def test_a_record_is_read_as_it_was_written(current: Rotation, finished: dict[str, int]) -> None:
    record = Record(current, finished)
    assert read(write(record), "x") == record


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"form": 1}', b'{"form": 1, "finished": {}, "current": {"kind": "?"}}', b'{"form": 2}'],
)
def test_what_is_no_record_is_told_with_its_place(content: bytes) -> None:
    with pytest.raises(StoreError, match=r"^stores/Acme/\.rotation: "):
        read(content, "stores/Acme/.rotation")


def test_without_a_record_nothing_is_under_way() -> None:
    assert read(None, "x") == Record()


@pytest.mark.parametrize(
    ("phase", "signers", "listed"),
    [
        (Phase.ADD, ("OLD1", "KEPT", "OLD2"), ("OLD1", "NEW1", "KEPT", "OLD2", "NEW2")),
        (Phase.REPLACE, ("NEW1", "KEPT", "NEW2"), ("OLD1", "NEW1", "KEPT", "OLD2", "NEW2")),
        (Phase.DROP, ("NEW1", "KEPT", "NEW2"), ("NEW1", "KEPT", "NEW2")),
    ],
)
def test_who_signs_and_who_is_listed(phase: Phase, signers: tuple[str, ...], listed: tuple[str, ...]) -> None:
    turn = replace(ALPHA, phase=phase)
    for held in (("OLD1", "KEPT", "OLD2"), listed, signers):
        assert turn.settled(held) == signers
        assert turn.listed(held) == listed
    assert turn.listed(turn.settled(listed)) == listed


def test_without_a_rotation_every_key_is_itself() -> None:
    assert NOTHING.settled(("A", "B", "A")) == NOTHING.listed(("A", "B")) == ("A", "B")
    assert (NOTHING.subject("A"), NOTHING.signer("A"), NOTHING.both("A"), NOTHING.guests) == ("A", "A", ("A",), ())
    assert (NOTHING.instead("A"), NOTHING.retired("X")) == ("", {})


def test_an_identity_is_carried_until_it_is_dropped() -> None:
    turn = Rotation(Kind.OPERATOR, ("operator",), Phase.ADD, {"OLD": "NEW"}, carried=True)
    assert [each.value for each in turn.phases] == ["add", "replace", "drop"]
    assert (turn.subject("OLD"), turn.signer("OLD"), turn.guests) == ("NEW", "OLD", ("OLD",))
    # Once it is among the signing keys it is no signing key of its own.
    assert turn.settled(("KEY", "OLD")) == ("KEY",)
    assert replace(turn, phase=Phase.REPLACE).signer("OLD") == "NEW"
    assert replace(turn, phase=Phase.DROP).guests == ()
    assert replace(turn, carried=False).phases == (Phase.DROP,)


def test_only_what_cuts_off_clients_waits() -> None:
    turn = replace(ALPHA, phase=Phase.REPLACE, verified=True)
    assert turn.waits
    assert not replace(turn, verified=False).waits
    assert not replace(turn, phase=Phase.ADD).waits
    assert not replace(turn, targets=("operator",)).waits
    assert replace(turn, kind=Kind.USER, targets=("TeamAlpha/x",), phase=Phase.ADD).waits


def test_the_key_of_a_user_is_refused_when_it_is_dropped_or_the_user_leaves() -> None:
    turn = Rotation(Kind.USER, ("TeamAlpha/till",), Phase.ADD, {"OLD": "NEW"}, issued={"OLD": 5})
    assert turn.retired("TeamAlpha") == {}
    assert turn.retired("TeamAlpha", ["till"]) == {"OLD": 5}
    dropped = replace(turn, phase=Phase.DROP)
    assert (dropped.retired("TeamAlpha"), dropped.retired("Other")) == ({"OLD": 5}, {})


def test_it_is_told_in_words() -> None:
    assert ALPHA.title == "signing keys of TeamAlpha"
    assert replace(ALPHA, kind=Kind.OPERATOR, targets=("operator",)).title == "identity key of the operator"
    assert "(phase add)" in ALPHA.remark
    assert ALPHA.instead("OLD1") == "was signed by OLD1, which NEW1 replaces"
    assert ALPHA.summary["keys"] == KEYS
