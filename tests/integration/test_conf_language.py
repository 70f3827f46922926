# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our reader and writer of the configuration language against real servers.

``nats-server -t`` prints the digest of what it has read (SHA-256 of the parsed map as Go writes JSON), so equal digests
mean that both have read the same. AEGIS_NATS_SERVERS names the programs, separated by colons.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import subprocess
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.parse import parse
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.render import render

SERVERS = [path for path in os.environ.get("AEGIS_NATS_SERVERS", "").split(":") if path]
pytestmark = pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server")

LETTERS = [*"\"'\\\n\r\t\0\x01\x7f${}[]()#,;=: aZ0é日\u2028\u2029\ufeff😀&<>%", "//", "1k", "true", "$2a$"]


def go_json(value: object) -> str:
    """As encoding/json of Go writes: sorted keys, no spaces, < > & and the line separators escaped."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode())
        return "{" + ",".join(f"{go_json(key)}:{go_json(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(go_json, value)) + "]"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    text = json.dumps(value, ensure_ascii=False)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def same(server: str, text: str, folder: Path) -> bool:
    """Whether the server reads the text as we do; 2.10 prints no digest, there it must at least be accepted."""
    config = folder / "nats.conf"
    config.write_bytes(text.encode())
    environment = {"NASTY": '"a b"', "N": "5"}
    run = subprocess.run(
        [server, "-t", "-c", str(config)], capture_output=True, text=True, check=False, env=environment
    )
    assert run.returncode == 0, run.stderr
    found = re.search(r"sha256:[0-9a-f]{64}", run.stdout + run.stderr)
    return found.group() == digest(text) if found else "2.10." in version(server)


def version(server: str) -> str:
    return subprocess.run([server, "--version"], capture_output=True, text=True, check=True).stdout


def digest(text: str) -> str:
    """The same digest of what our parser reads."""
    parsed = parse(text, environment={"NASTY": '"a b"', "N": "5"})
    return "sha256:" + hashlib.sha256((go_json(parsed) + "\n").encode()).hexdigest()


def random_value(dice: random.Random, depth: int = 0) -> object:
    kind = dice.randrange(8 if depth < 3 else 6)
    if kind == 6:
        return [random_value(dice, depth + 1) for _dummy in range(dice.randrange(4))]
    if kind == 7:
        return {random_text(dice, key=True): random_value(dice, depth + 1) for _dummy in range(dice.randrange(4))}
    return dice.choice(
        [
            random_text(dice),
            random_text(dice),
            dice.randrange(-(2**63), 2**63),
            dice.randrange(100),
            True,
            dice.random(),
        ]
    )


def random_text(dice: random.Random, key: bool = False) -> str:
    text = "".join(dice.choice(LETTERS) for _dummy in range(dice.randrange(1 if key else 0, 9)))
    return text.replace("\0", "").replace("'", "") if key else text


@pytest.mark.parametrize("server", SERVERS)
def test_what_is_rendered_is_read_alike(server: str, tmp_path: Path) -> None:
    # The resolver takes no offence at keys it does not know, so anything can be put there.
    dice = random.Random(4222)
    values = {f"v{number}": random_value(dice) for number in range(400)}
    wanted = {"server_name": "n1", "resolver": {"type": "MEMORY", **values}}
    text = render(wanted)
    assert parse(text) == wanted
    assert same(server, text, tmp_path)


WRITTEN_BY_HAND = r"""
# a comment // and another
port 4333
server_name = n1; debug: off
max_payload: 1MB  // to the end
max_pending = 64m
log_size_limit 10KiB
shared { a: 1 }
resolver {
  type MEMORY
  "quoted key" = 'raw \n text'
  single: 'it is "so"'
  address: 127.0.0.1:4222
  host: nats.example.com
  float: 1.5, negative: -3
  size: 7G; sizes: [ 1k
  2kb, 3 ]
  escaped: "\x41\t\"\\"
  bare: one\ttwo
  boolean: YES
  bools: [on, off, no]
  hash: $2a$11$abcdefghij
  again: $shared
  env: $NASTY
  number: $N
  date: 2026-11-23T00:00:00Z
  block: (
  any { thing
  at all
)
  nested { deep { deeper: [ { a: 1 }, { b: [ "x", [ "y" ] ] } ] } }
  empty {}, none: []
  number_text: 12abc
  twice: 1
  twice: 2
}
"""


@pytest.mark.parametrize("server", SERVERS)
def test_what_people_write_is_read_alike(server: str, tmp_path: Path) -> None:
    text = WRITTEN_BY_HAND
    if "2.11." in version(server):  # leaves used variables out of its digest
        text = text.replace("  again: $shared\n", "").replace("shared { a: 1 }\n", "")
    assert same(server, text, tmp_path)


@pytest.mark.parametrize("server", SERVERS)
def test_json_is_read_alike(server: str, tmp_path: Path) -> None:
    text = json.dumps({"port": 4333, "resolver": {"type": "MEMORY", "a": [1, 2, {"b": "c"}], "d": None}}, indent=1)
    text = text.replace("null", '"x"')
    assert same(server, text, tmp_path)
