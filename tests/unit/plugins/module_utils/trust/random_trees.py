# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random trees without a fault: every word of the tree, in any company. The same number gives the same tree."""

from __future__ import annotations

import random
from typing import Any

from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import key

Words = dict[str, Any]
TEXTS = ["orders", 'a <b> & "c"', "übergrößen", "日本", "line\u2028end", "x" * 300, "$1", "{{name()}}", "tab\tend"]
TOKENS = ["a", "b", "orders", "x-1", "$SYS", "_INBOX", "ü", "{{name()}}"]
SIZES = [0, 1, "1K", "512M", "1G", "2GiB", "unlimited", -1, "7"]
LIMITS = [0, 1, 7, 500, -1, "unlimited", "12"]
DURATIONS = ["500ms", "5s", "2m", "1h30m", "1ns"]
LIFETIMES = ["2h", "30d", "1y", "90m"]
MOMENTS = ["2020-01-01T00:00:00Z", "2021-06-01T12:00:00+02:00", 1500000000]
NETWORKS = ["10.0.0.0/8", "192.168.1.1/32", "2001:db8::/32", "0.0.0.0/0", "fe80::/10"]
ZONES = ["Europe/Berlin", "UTC", "America/New_York"]
CONNECTIONS = ["STANDARD", "WEBSOCKET", "LEAFNODE", "LEAFNODE_WS", "MQTT", "MQTT_WS", "IN_PROCESS"]
TAGS = ["env:prod", "Team:A", "x", "ü"]
URLS = ["https://example.com/orders?x=1#y", "http://10.0.0.1:8080", "https://u:p@h/%20", "x://[::1]:1/"]


class Dice(random.Random):
    """Chance, in the words of this file."""

    def maybe(self, into: Words, name: str, value: Any, chance: float = 0.25) -> None:
        """Say a word, or not."""
        if self.random() < chance:
            into[name] = value

    def some(self, of: list[Any], most: int = 3) -> list[Any]:
        return self.sample(of, self.randint(1, min(most, len(of))))

    def subject(self, wild: bool = True) -> str:
        tokens = [self.choice([*TOKENS, "*"] if wild else TOKENS) for _dummy in range(self.randint(1, 4))]
        return ".".join([*tokens, ">"] if wild and self.random() < 0.3 else tokens)

    def subjects(self, queue: bool = False) -> list[str]:
        found = [self.subject() for _dummy in range(self.randint(1, 3))]
        if queue and self.random() < 0.5:
            found.append(f"{self.subject()} q{self.randint(1, 3)}")
        return list(dict.fromkeys(found))


def make(number: int) -> Words:
    """A tree as ``trust`` takes it: operator, system_account, accounts."""
    dice = Dice(number)
    strict = dice.random() < 0.7
    accounts = [_account(dice, f"acc{each}" if dice.random() < 0.8 else f"Ünit {each}", strict) for each in range(3)]
    accounts = accounts[: dice.randint(0, 3)]
    for account in accounts:
        _imports(dice, account, [each for each in accounts if each is not account])
        _callout(dice, account, accounts)
    tree: Words = {"operator": _operator(dice, strict), "accounts": accounts}
    if dice.random() < 0.5:
        tree["system_account"] = {"name": "SYS", "users": [{"name": "sys"}]}
        dice.maybe(tree["system_account"], "signing_keys", 2)
    return tree


def _operator(dice: Dice, strict: bool) -> Words:
    found: Words = {"name": dice.choice(["Acme", "O p", "Ö"])}
    if not strict:
        found["strict_signing_key_usage"] = False
    dice.maybe(found, "signing_keys", dice.randint(1 if strict else 0, 3))
    urls = ["nats://h:4222", "tls://10.0.0.1", "ws://[::1]:80", "wss://x.example.com"]
    dice.maybe(found, "service_urls", dice.some(urls))
    dice.maybe(found, "account_server_url", dice.choice(["https://h/jwt/v1", "nats://h:4222"]))
    dice.maybe(found, "assert_server_version", dice.choice(["2.10.0", "0.0.1"]))
    dice.maybe(found, "tags", dice.some(TAGS))
    _lifetime(dice, found, limited=False)
    return found


def _lifetime(dice: Dice, into: Words, limited: bool = True) -> None:
    if limited:
        dice.maybe(into, "not_before", dice.choice(MOMENTS), 0.1)
    if dice.random() < 0.2:
        into["expires"] = dice.choice(LIFETIMES)
        dice.maybe(into, "renew_before", dice.choice(["30m", "1h"]), 0.5)


def _account(dice: Dice, name: str, strict: bool) -> Words:
    found: Words = {"name": name}
    dice.maybe(found, "description", dice.choice(TEXTS))
    dice.maybe(found, "info_url", dice.choice(URLS))
    dice.maybe(found, "tags", dice.some(TAGS))
    dice.maybe(found, "cluster_traffic", dice.choice(["system", "owner"]))
    dice.maybe(found, "trace", {"destination": dice.subject(wild=False), "sampling": dice.randint(1, 100)})
    dice.maybe(found, "default_permissions", _permissions(dice))
    _lifetime(dice, found)
    exports = _exports(dice)
    dice.maybe(found, "exports", exports, 0.6)
    dice.maybe(found, "limits", _limits(dice, exports), 0.5)
    roles = [f"role{each}" for each in range(dice.randint(0, 2))]
    if roles:
        found["signing_keys"] = [dice.randint(1, 2), *[_role(dice, role) for role in roles]]
    elif dice.random() < 0.3:
        found["signing_keys"] = dice.randint(1 if strict else 0, 2)
    bearers = not found.get("limits", {}).get("disallow_bearer")
    found["users"] = [_user(dice, f"u{each}", roles, bearers) for each in range(dice.randint(0, 3))]
    dice.maybe(found, "mappings", _mappings(dice))
    names = [each["name"] for each in found["users"]]
    revoked = [*names, key(Role.USER, 7).public_key, "*"]
    dice.maybe(found, "revocations", [{"user": each, "before": dice.choice(MOMENTS)} for each in dice.some(revoked)])
    return found


def _permissions(dice: Dice) -> Words:
    """Publish, subscribe and responses. What is allowed is never what is denied."""
    found: Words = {}
    for name in ("publish", "subscribe"):
        queue = name == "subscribe"
        allow = dice.subjects(queue)
        deny = [each for each in dice.subjects(queue) if each not in allow]
        dice.maybe(found, name, {"allow": allow, **({"deny": deny} if deny else {})}, 0.5)
    ttl = {"ttl": dice.choice(DURATIONS)} if dice.random() < 0.5 else {}
    dice.maybe(found, "responses", {"max": dice.choice([1, 5, -1]), **ttl})
    return found


def _rights(dice: Dice, role: bool) -> Words:
    found = _permissions(dice)
    least = 1 if role else 0
    limits = {name: dice.choice([least, 7, -1, "12"]) for name in dice.some(["subscriptions", "data", "payload"])}
    dice.maybe(found, "limits", limits)
    dice.maybe(found, "source_networks", dice.some(NETWORKS))
    if dice.random() < 0.2:
        found["times"] = [{"start": "08:00:00", "end": "18:00"}, {"start": "23:00:00", "end": "01:00:00"}]
        dice.maybe(found, "times_location", dice.choice(ZONES), 0.7)
    dice.maybe(found, "connection_types", dice.some(CONNECTIONS))
    dice.maybe(found, "proxy_required", True, 0.1)
    return found


def _role(dice: Dice, name: str) -> Words:
    found: Words = {"role": name}
    dice.maybe(found, "description", dice.choice(TEXTS))
    dice.maybe(found, "template", _rights(dice, role=True), 0.7)
    return found


def _user(dice: Dice, name: str, roles: list[str], bearers: bool) -> Words:
    found: Words = {"name": name}
    if roles and dice.random() < 0.4:
        found["role"] = dice.choice(roles)
    else:
        found.update(_rights(dice, role=False))
        dice.maybe(found, "bearer", True, 0.1 if bearers else 0)
    dice.maybe(found, "tags", dice.some(TAGS))
    dice.maybe(found, "public_key", key(Role.USER, int(name[1:])).public_key, 0.1)
    _lifetime(dice, found)
    return found


def _jetstream(dice: Dice) -> Words:
    found: Words = {"disk": dice.choice(["1G", -1, "10GiB"])}
    for name in ("streams", "consumers", "max_ack_pending"):
        dice.maybe(found, name, dice.choice(LIMITS))
    dice.maybe(found, "memory", dice.choice(SIZES))
    dice.maybe(found, "disk_max_stream_bytes", dice.choice([-1, "1M", 0]))
    dice.maybe(found, "memory_max_stream_bytes", dice.choice([-1, 0]))
    dice.maybe(found, "max_bytes_required", True)
    return found


def _limits(dice: Dice, exports: list[Words]) -> Words:
    found: Words = {name: dice.choice(SIZES) for name in dice.some(["data", "payload"])}
    for name in ("subscriptions", "connections", "leafnodes"):
        dice.maybe(found, name, dice.choice(LIMITS))
    dice.maybe(found, "imports", dice.choice([-1, 9]))
    dice.maybe(found, "exports", dice.choice([-1, 9]))
    plain = all("*" not in each["subject"] and ">" not in each["subject"] for each in exports)
    if plain or found.get("exports", -1) == -1:
        dice.maybe(found, "wildcard_exports", False)
    dice.maybe(found, "disallow_bearer", True)
    kind = dice.random()
    if kind < 0.3:
        found["jetstream"] = _jetstream(dice)
    elif kind < 0.5:
        found["jetstream_tiers"] = {tier: _jetstream(dice) for tier in dice.some(["R1", "R3"], 2)}
    return found


def _exports(dice: Dice) -> list[Words]:
    """The first token of each is its own, so that none overlaps."""
    found: list[Words] = []
    for number in range(dice.randint(1, 3)):
        kind = dice.choice(["stream", "service"])
        rest = dice.choice(["", ".>", ".*", ".*.b.*", ".x", ".*.>"])
        export: Words = {"subject": f"e{number}{rest}", "type": kind}
        dice.maybe(export, "name", dice.choice(TEXTS))
        dice.maybe(export, "description", dice.choice(TEXTS))
        dice.maybe(export, "info_url", dice.choice(URLS))
        dice.maybe(export, "advertise", True)
        dice.maybe(export, "token_required", True)
        revoked = [{"account": key(Role.ACCOUNT, 6).public_key, "before": dice.choice(MOMENTS)}]
        dice.maybe(export, "revocations", revoked, 0.15)
        if rest == ".*":
            dice.maybe(export, "account_token_position", 2)
        if kind == "service":
            dice.maybe(export, "response_type", dice.choice(["Singleton", "Stream", "Chunked"]))
            dice.maybe(export, "response_threshold", dice.choice(DURATIONS))
            dice.maybe(export, "allow_trace", True)
            sampling = dice.choice([1, 100, "headers", "Headers"])
            dice.maybe(export, "latency", {"sampling": sampling, "results": dice.subject(wild=False)})
        found.append(export)
    return found


def _imports(dice: Dice, account: Words, others: list[Words]) -> None:
    """Something of what others export; services keep names that do not overlap."""
    found: list[Words] = []
    for other in others:
        for export in other.get("exports", ()):
            if "account_token_position" not in export and dice.random() < 0.5:
                found.append(_import(dice, other["name"], export, len(found)))
    if dice.random() < 0.15:
        stranger = {"account": key(Role.ACCOUNT, 5).public_key, "subject": dice.subject(), "type": "stream"}
        found.append(stranger)
    if found:
        account["imports"] = found[:9]


def _import(dice: Dice, source: str, export: Words, number: int) -> Words:
    subject = export["subject"]
    if subject.endswith(".>") and dice.random() < 0.5:
        subject = subject[:-1] + dice.choice(["here", "*", "x.>"])
    found: Words = {"account": source, "subject": subject, "type": export["type"]}
    stars = subject.split(".").count("*")
    if dice.random() < 0.6:
        marks = [dice.choice([f"${each + 1}", "*"]) for each in range(stars)]
        found["local_subject"] = ".".join([f"i{number}", *marks, *([">"] if subject.endswith(">") else [])])
    dice.maybe(found, "name", dice.choice(TEXTS))
    dice.maybe(found, "share" if export["type"] == "service" else "allow_trace", True)
    return found


def _callout(dice: Dice, account: Words, accounts: list[Words]) -> None:
    if dice.random() > 0.15:
        return
    users = [*[each["name"] for each in account["users"]], key(Role.USER, 3).public_key]
    found: Words = {"users": dice.some(users)}
    allowed = [*[each["name"] for each in accounts], key(Role.ACCOUNT, 3).public_key]
    dice.maybe(found, "allowed_accounts", dice.choice([["*"], dice.some(allowed)]), 0.6)
    dice.maybe(found, "xkey", key(Role.CURVE, 1).public_key)
    account["auth_callout"] = found


def _mappings(dice: Dice) -> list[Words]:
    found = []
    for subject in dict.fromkeys(dice.subjects()):
        to: list[Words] = [{"subject": dice.subject(wild=False), "weight": dice.randint(1, 50)}]
        to.append({"subject": dice.subject(wild=False), "weight": dice.choice([50, "7"])})
        to.append({"subject": dice.subject(wild=False), "cluster": dice.choice(["east", "ü"])})
        found.append({"subject": subject, "to": to[: dice.randint(1, 3)]})
    return found
