# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.scrub import Secrets, last_lines, secrets_of

SEED = "SUAIBDPBAUTWCWBKIO6XHQNINK5FWJW4OHLXC3HQ2KFE4PEJUA44CNHTC4"
PUBLIC = "UBACUQ6ADN7ZLJMTDG4UOQTZ5NMTLTGWJ6XPNVQ5S4SVBPPFSYFKCPMN"


#: Lines, and what of them must not be told. The agent of nats_monitoring is held to them too.
SECRET_LINES = [
    ('password: "hunter2 is long"', "hunter2"),
    ("pass = hunter2", "hunter2"),
    ("token 'hunter2 x'", "hunter2"),
    ("Removed route nats://route:hunter2@10.0.0.1:6222", "hunter2"),
    ("config reload not supported for JetStreamKey: old=hunter2 and more, new=hunter3", "hunter"),
    ("Gateway: old={Password:hunter2 Timeout:2}", "hunter2"),
    (f"seed {SEED} is", SEED),
    ("jwt eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5In0.eyJqdGkiOiJYIn0.c2ln", "eyJ0eXAi"),
    ("-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----", "hunter2"),
    ('pass: "$2a$11$abcdefghijklmnopqrstuv"', "abcdefghij"),
    ('"password": "a \\" hunter2"', "hunter2"),
    (
        "config reload not supported for Gateway: old={c 10.0.0.1 7222 g hunter2 2}, new={c 10.0.0.1 7222 g hunter3}",
        "hunter",
    ),
    ('config reload not supported for LeafNode: field "Password": old=hunter2, new=hunter3', "hunter"),
]
PUBLIC_LINES = [
    'key_file: "/etc/nats/current/tls/server.key"',
    "key: $JS_KEY",
    "open tls/server.key: permission denied",
    "/etc/nats/my-token: no such file or directory",
    f"user {PUBLIC} logged in",
    "nkey: " + PUBLIC,
    'nats-server.conf:3:5: unknown field "foo"',
    "Listening on nats://127.0.0.1:4222",
]


@pytest.mark.parametrize(("line", "secret"), SECRET_LINES)
def test_shapes_of_secrets_are_hidden_without_knowing_them(line: str, secret: str) -> None:
    hidden = Secrets().hide(f"before {line} \nafter")
    assert secret not in hidden
    assert hidden.startswith("before")
    assert hidden.endswith("after")


@pytest.mark.parametrize("line", PUBLIC_LINES)
def test_what_is_public_stays(line: str) -> None:
    assert Secrets().hide(line) == line


def test_known_values_are_hidden_wherever_they_are() -> None:
    contents = {
        "nats-server.conf": b'authorization { user: a, password: "in the config" }\nroutes: ["tls://r:in-a-url@h:1"]',
        "nats.env": b"JS_KEY='\"in the environment\"'\n",
        "tls/server.key": b"-----BEGIN-----\nlong line of a key\n",
        "tls/server.pem": b"this line is public\n",
    }
    secrets = secrets_of(contents, "nats.env", {"tls/server.key"})
    said = "in the config | in-a-url | in the environment | long line of a key | this line is public"
    assert secrets.hide(said) == "******** | ******** | ******** | ******** | this line is public"


def test_longer_secrets_first_and_short_ones_not_at_all() -> None:
    secrets = Secrets(["abcd", "abcdefgh", "ab"]).join(Secrets(["wxyz"]))
    assert secrets.hide("abcdefgh ab wxyz") == "******** ab ********"


def test_last_lines() -> None:
    assert last_lines("1\n\n2\n3\n", count=2) == "2\n3"
    assert last_lines("") == ""
