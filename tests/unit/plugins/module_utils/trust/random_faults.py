# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults for random trees: a word with a value that it must not have, and parts that do not go together.

A fault says where it is told and with which words. Words are found by walking the tree beside its dataclasses, so what
the schema gains is tried, too; ``test_every_kind_has_its_faults`` holds ``FAULTS`` complete.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from ansible_collections.aegis.nats.plugins.module_utils.trust import kinds
from ansible_collections.aegis.nats.plugins.module_utils.trust.fields import (
    Block,
    Either,
    Keyed,
    Kind,
    Shape,
    Table,
    shape_of,
)
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.plugins.module_utils.trust.tree import Account, Operator
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.random_trees import Dice, Words, make
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import key

Told = tuple[str, str]
LONG = "é" * 5000
_NOT_TEXTS = [(True, "is not a text"), ([1], "is not a text")]
_SUBJECTS = [
    ("", "is empty"),
    ("a..b", "empty token"),
    (".a", "empty token"),
    ("a.", "empty token"),
    ("a b c", "space"),
    ("a.>.b", "must be the last token"),
    ("a\tb", "white space"),
    (LONG, "at most"),
]
_LIMITS = [(-2, "out of range"), (1 << 63, "out of range"), ("many", "is not a"), (1.5, "is not a"), (True, "is not a")]
_KEYS = [("UAAA", "is not the public key"), (key(Role.SERVER, 1).public_key, "is not the public key")]
_URLS = [
    ("example.com", ""),
    ("https://h/%zz", "escape"),
    ("https://a b/", "white space"),
    ("https://h:x/", "URL"),
    ("https://{h}/", "may not be"),
    ("https://%41/", "may not be"),
    ("https://u{:p@h/", "may not be"),
]

# By kind: values that are refused, and a part of what is said. What the library thinks of them is for others to ask.
FAULTS: dict[Kind, list[tuple[Any, str]]] = {
    kinds.NAME: [("a/b", "is not a name"), (".x", "is not a name"), (" x", "is not a name"), ("é" * 70, "at most 128")],
    kinds.TEXT: [*_NOT_TEXTS, (LONG, "at most"), ("\ud800", "UTF-8")],
    kinds.TAG: [("", "is not a tag"), ("a\x07", "is not a tag"), ({"a": 1}, "is not a text")],
    kinds.FLAG: [("maybe", "neither true nor false"), (7, "neither true nor false")],
    kinds.LIMIT: _LIMITS,
    kinds.SIZE: [*_LIMITS, ("1X", "is not a size")],
    kinds.KEY_COUNT: [(-1, "out of range"), (17, "out of range"), ("few", "not a whole number")],
    kinds.POSITION: [(0, "out of range"), (-1, "out of range"), (256, "out of range"), ("x", "not a whole number")],
    kinds.RESPONSE_COUNT: _LIMITS,
    kinds.DURATION: [("5", "is not a duration"), (5, "is not a duration"), ("-5s", "is not a"), ("300y", "too long")],
    kinds.LIFETIME: [("soon", "is not a duration"), ("10ms", "too short"), ("300y", "too long")],
    kinds.SUBJECT: [*_SUBJECTS, ("a q", "queue group")],
    kinds.SUBSCRIPTION: [each for each in _SUBJECTS if each[0] != ""],
    kinds.KIND: [("events", "none of its values"), ("Stream", "did you mean stream")],
    kinds.RESPONSE_TYPE: [("single", "none of its values"), ("stream", "did you mean Stream")],
    kinds.SAMPLING: [(0, "out of range"), (101, "out of range"), ("some", "not a whole number")],
    kinds.URL: [*_URLS, ("https://", "is not a URL"), ("x" * 9000, "at most")],
    kinds.SERVER_URL: [*_URLS],
    kinds.SERVICE_URL: [
        *_URLS,
        ("http://h:4222", "is not a service URL"),
        ("tls://u:p@h", "user or password"),
        ("tls://h/x", "has a path"),
        ("tls://h?x", "has a path"),
        ("tls://", "is not a service URL"),
    ],
    kinds.VERSION: [
        *(
            (each, "is not a version")
            for each in ("2.10", "v2.10.0", "2.10.0\n", "2.1.٣", "2.1.99999999999999999999", "-1.0.0")
        )
    ],
    kinds.NETWORK: [
        *((each, "is not a network") for each in ("10.0.0.0/33", "here", "fe80::1%eth0/64", "010.0.0.0/8")),
        *((each, "prefix length") for each in ("10.0.0.0", "10.0.0.0/255.0.0.0")),
    ],
    kinds.TIME: [
        ("24:00:00", "not a time of day"),
        ("8 am", "not a time"),
        (28800, "in quotes"),
        ("0٣:00:00", "time of"),
    ],
    kinds.ZONE: [("Mars/Olympus", "not a time zone"), ("europe/berlin", "not a time zone")],
    kinds.ACCOUNT: [("Nobody", "is not in the tree"), (key(Role.ACCOUNT, 1).public_key[:-1], "checksum is wrong")],
    kinds.ACCOUNTS: [("Nobody", "is not in the tree"), (key(Role.ACCOUNT, 1).public_key[:-1], "checksum is wrong")],
    kinds.USER: [("nobody", "is no user"), (key(Role.USER, 1).public_key[:-1], "checksum is wrong")],
    kinds.USERS: [("nobody", "is no user"), (key(Role.USER, 1).public_key[:-1], "checksum is wrong")],
    kinds.ACCOUNT_KEY: _KEYS,
    kinds.USER_KEY: _KEYS,
    kinds.CURVE_KEY: _KEYS,
    kinds.ACTIVATION: [("abc", "is no activation token")],
    kinds.WEIGHT: [(0, "is not a weight"), (101, "is not a weight"), ("x", "is not a weight")],
    kinds.PERCENT: [(0, "out of range"), (101, "out of range"), ("x", "not a whole number")],
    kinds.CLUSTER_TRAFFIC: [("both", "none of its values")],
    kinds.MOMENT: [("yesterday", "is not a time"), (-1, "is not a time"), (True, "is not a time")],
    kinds.CONNECTION: [("TCP", "none of its values"), ("standard", "did you mean STANDARD")],
}
# Judged beside others, by rules.
WITHOUT_FAULTS = {kinds.LOCAL_SUBJECT}


@dataclass(frozen=True)
class Place:
    """A scalar of a tree. path: where problems are told; parent, name: where it stands."""

    path: str
    kind: Kind
    parent: Any
    name: Any


def places(tree: Words) -> list[Place]:
    """Every scalar that a tree says."""
    found = list(_block(Operator, tree["operator"], "operator"))
    if tree.get("system_account"):
        found += _block(Account, tree["system_account"], "system_account")
    for account in tree["accounts"]:
        found += _block(Account, account, f"accounts.{account['name']}")
    return found


def _block(of: type[Any], words: Words, path: str) -> Iterator[Place]:
    for each in fields(of):
        if each.name in words and (each.name != "name" or of is Operator):
            yield from _shape(shape_of(each), words, each.name, f"{path}.{each.name}")


def _shape(shape: Shape, parent: Any, name: Any, path: str) -> Iterator[Place]:
    value = parent[name]
    if isinstance(shape, Either):
        shape = shape.other if isinstance(value, (dict, list)) else shape.kind
    if isinstance(shape, Kind):
        yield Place(path, shape, parent, name)
    elif isinstance(shape, Block):
        yield from _block(shape.of, value, path)
    elif isinstance(shape, Table):
        for tier in value:
            yield from _shape(shape.of, value, tier, f"{path}.{tier}")
    else:
        of = Block(shape.of) if isinstance(shape, Keyed) else shape.of
        for at in range(len(value)):
            yield from _shape(of, value, at, f"{path}[{at}]")


def _own(words: Words, path: str, said: str, *more: Words) -> tuple[list[Words], Told]:
    """Accounts of their own that hold a fault; the first one is told."""
    return [{"name": "own", **words}, *more], (f"accounts.own{path}", said)


_EXPORTER: Words = {"name": "source", "exports": [{"subject": "s.*.>", "type": "service"}]}
_FROM_IT: Words = {"account": "source", "subject": "s.*.>", "type": "service"}
_PLACED: Words = {"name": "placed", "exports": [{"subject": "s.*.>", "type": "service", "account_token_position": 2}]}
_STRANGER = key(Role.ACCOUNT, 8).public_key


def _taken(said: str, path: str = "", **words: Any) -> tuple[list[Words], Told]:
    return _own({"imports": [{**_FROM_IT, **words}]}, f".imports[0]{path}", said, _EXPORTER, _PLACED)


def _given(path: str, said: str, **words: Any) -> tuple[list[Words], Told]:
    return _own({"exports": [{"subject": "x.*", "type": "stream", **words}]}, f".exports[0]{path}", said)


def _of_user(path: str, said: str, **words: Any) -> tuple[list[Words], Told]:
    role = {"role": "r", "template": {"publish": {"allow": ["a"]}}}
    return _own({"signing_keys": [1, role], "users": [{"name": "u", **words}]}, f".users[0]{path}", said)


def _two(first: str, second: str, kind: str) -> list[Words]:
    return [{"subject": each, "type": kind} for each in (first, second)]


def _from_stranger(first: str, second: str) -> list[Words]:
    return [{"account": _STRANGER, "subject": each, "type": "service"} for each in (first, second)]


# Accounts that can't be as they are: rules between the words.
TOGETHER: list[tuple[list[Words], Told]] = [
    _own({"users": [{"name": "u"}, {"name": "U"}]}, ".users[1].name", "is also the name of users[0]"),
    _own({"exports": _two("x.>", "x.y", "stream")}, ".exports[1].subject", "overlaps"),
    _own({"exports": _two("*.*", "a.>", "service")}, ".exports[1].subject", "overlaps"),
    _own({"exports": _two("a", "a", "service")}, ".exports[1].subject", "overlaps"),
    _own({"exports": _two("x", "y", "stream"), "limits": {"exports": 1}}, ".exports", "limits.exports allows 1"),
    _own({"exports": _two("x", "y", "stream"), "limits": {"exports": 0}}, ".exports", "limits.exports allows 0"),
    _own(
        {"exports": [{"subject": "x.*", "type": "stream"}], "limits": {"exports": 9, "wildcard_exports": False}},
        ".exports[0].subject",
        "wildcard_exports forbids",
    ),
    _given(".response_type", "is for services", response_type="Stream"),
    _given(".response_threshold", "is for services", response_threshold="5s"),
    _given(".latency", "is for services", latency={"results": "l"}),
    _given(".allow_trace", "is for services", allow_trace=True),
    _given(".latency.results", "has a wildcard", type="service", latency={"results": "l.*"}),
    _given(".account_token_position", 'is not "*"', account_token_position=1),
    _given(".account_token_position", 'is not "*"', account_token_position=3),
    _given(".account_token_position", 'is not "*"', subject="x", account_token_position=1),
    _given(".account_token_position", 'is not "*"', subject="x.>", account_token_position=2),
    _given(".revocations[0].account", "is not in the tree", revocations=[{"account": "No", "before": 5}]),
    _taken("is not in the tree", ".account", account="Nowhere"),
    _taken("can't import from itself", ".account", account="own"),
    _taken("does not export", ".subject", subject="t.a"),
    _taken("does not export", ".subject", subject=">"),
    _taken("as a service: write service", ".type", type="stream"),
    _taken('must end in ">"', ".local_subject", local_subject="l.*"),
    _taken("must use each", ".local_subject", local_subject="l.>"),
    _taken("refers to", ".local_subject", local_subject="l.$2.>"),
    _taken("refers to", ".local_subject", local_subject="l.$0.>"),
    _taken("must use each", ".local_subject", local_subject="l.$1.*.>"),
    _taken("empty token", ".local_subject", local_subject="l..$1.>"),
    _taken("space", ".local_subject", local_subject="l $1.>"),
    _taken("is for streams", ".allow_trace", allow_trace=True),
    _own(
        {"imports": [{"account": _STRANGER, "subject": "x", "type": "stream", "share": True}]},
        ".imports[0].share",
        "is for services",
    ),
    _own(
        {"imports": [{"account": _STRANGER, "subject": "x", "type": "stream", "local_subject": "y.$-1"}]},
        ".imports[0].local_subject",
        "refers to",
    ),
    _own({"imports": _from_stranger("x.>", "x.y")}, ".imports[1]", "overlaps"),
    _own({"imports": _from_stranger("*.*", "a.>")}, ".imports[1]", "overlaps"),
    _own({"imports": _from_stranger("x", "y"), "limits": {"imports": 1}}, ".imports", "limits.imports allows 1"),
    _own(
        {"mappings": [{"subject": "a", "to": [{"subject": "b", "weight": 60}, {"subject": "c", "weight": 60}]}]},
        ".mappings[0].to",
        "120 percent",
    ),
    _own(
        {"mappings": [{"subject": "a", "to": [{"subject": each, "cluster": "x"} for each in "bc"]}]},
        ".mappings[0].to",
        "200 percent",
    ),
    _own({"mappings": [{"subject": "a", "to": []}]}, ".mappings[0].to", "is empty"),
    _own({"mappings": [{"subject": "a", "to": [{"subject": "b..c"}]}]}, ".mappings[0].to[0].subject", "empty token"),
    _own({"mappings": [{"subject": "a", "to": [{"subject": "b"}]}] * 2}, ".mappings[1].subject", "is also mapped"),
    _own({"trace": {"destination": "t.*"}}, ".trace.destination", "has a wildcard"),
    _own({"auth_callout": {"allowed_accounts": ["*"]}}, ".auth_callout.users", "is missing"),
    _own(
        {"users": [{"name": "u"}], "auth_callout": {"users": ["u"], "allowed_accounts": ["*", _STRANGER]}},
        ".auth_callout.allowed_accounts",
        'write "*" alone',
    ),
    _own({"limits": {"jetstream": {}, "jetstream_tiers": {"R1": {}}}}, ".limits", "write one of them"),
    _own({"limits": {"jetstream_tiers": {"": {}}}}, ".limits.jetstream_tiers", "is blank"),
    _own(
        {"limits": {"jetstream": {"disk": "1G", "disk_max_stream_bytes": "2G"}}},
        ".limits.jetstream.disk_max_stream_bytes",
        "but disk allows",
    ),
    _own({"limits": {"jetstream": {"memory": 0, "disk": 0}}}, ".limits.jetstream", "switches JetStream off"),
    _own({"signing_keys": 0, "users": [{"name": "u"}]}, ".signing_keys", "strict_signing_key_usage needs one"),
    _own({"signing_keys": [1, 2]}, ".signing_keys", "two numbers"),
    _own({"signing_keys": [{"role": "r"}, {"role": "r"}]}, ".signing_keys[1].role", "is also the role"),
    _own({"signing_keys": [{"role": ""}]}, ".signing_keys[0].role", "is empty"),
    _own(
        {"signing_keys": [{"role": "r", "template": {"limits": {"data": 0}}}]},
        ".signing_keys[0].template.limits.data",
        "take for unlimited",
    ),
    _own({"revocations": [{"user": "*", "before": 5}, {"user": "*", "before": 6}]}, ".revocations[1].user", "already"),
    _of_user(".role", "is no role", role="boss"),
    _of_user(".publish", "is what its role r says", role="r", publish={"allow": ["a"]}),
    _of_user(".publish.allow[0]", "is also in deny", publish={"allow": ["a"], "deny": ["a"]}),
    _of_user(".renew_before", "there is no expires", renew_before="1h"),
    _of_user(".renew_before", "is not shorter", renew_before="1h", expires="1h"),
    _of_user(".times[0]", "starts when it ends", times=[{"start": "08:00:00", "end": "08:00:00"}]),
    _own(
        {"limits": {"disallow_bearer": True}, "users": [{"name": "u", "bearer": True}]},
        ".users[0].bearer",
        "disallow_bearer forbids",
    ),
    ([{"name": "twin"}, {"name": "Twin"}], ("accounts[LAST].name", "is also the name of")),
    _taken("the public key of this account", ".subject", account="placed"),
    _own({"signing_keys": [{"role": "r", "key": "AAAA"}]}, ".signing_keys[0].key", "is not the public key"),
    _own(
        {"imports": [{"account": _STRANGER, "subject": "x", "type": "stream", "token": "abc"}]},
        ".imports[0].token",
        "is no activation token",
    ),
    _own({"tags": ["x", "x"]}, ".tags[1]", "stands twice"),
    _own({"exports": [{"type": "stream"}]}, ".exports[0].subject", "is missing"),
    _own({"exports": [{"subject": "x"}]}, ".exports[0].type", "is missing"),
    _own({"imports": [{"subject": "x", "type": "stream"}]}, ".imports[0].account", "is missing"),
    _own({"users": "u"}, ".users", "must be a list"),
    _own({"limits": [1]}, ".limits", "must be a mapping"),
    _own({"user": [{"name": "u"}]}, ".user", "did you mean users?"),
    _own({"limits": {"conns": 5}}, ".limits.conns", "is not known here"),
]


def spoilt(number: int, least: int, most: int) -> tuple[Words, list[Told]]:
    """A random tree with several faults, and what has to be told of each."""
    dice, tree, told = Dice(number), make(number), []
    open_to = [each for each in places(tree) if each.kind in FAULTS]
    together = 1 if dice.random() < 0.6 else 0
    dice.shuffle(open_to)
    # One of a list or mapping: of two equal faults in a list the second is told as a twin.
    apart = {id(each.parent): each for each in open_to}
    for place in list(apart.values())[: dice.randint(least, most) - together]:
        told.append(spoil(place, dice))
    if together or len(told) < least:
        told.append(add_together(tree, TOGETHER[number % len(TOGETHER)]))
    while len(told) < least:
        word = f"wrong{len(told)}"
        tree["operator"][word] = 1
        told.append((f"operator.{word}", "is not known here"))
    return tree, told


def spoil(place: Place, dice: Dice) -> Told:
    """Give a word a value that it must not have."""
    value, said = dice.choice(FAULTS[place.kind])
    place.parent[place.name] = value
    return place.path, said


def add_together(tree: Words, fault: tuple[list[Words], Told]) -> Told:
    """Add accounts that do not go together."""
    accounts, (path, said) = copy.deepcopy(fault)
    tree["accounts"] += accounts
    return path.replace("LAST", str(len(tree["accounts"]) - 1)), said
