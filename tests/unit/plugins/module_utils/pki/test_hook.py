# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hook: what the program is told, and what is told of a program that fails."""

from __future__ import annotations

import sys

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import hook
from ansible_collections.aegis.nats.plugins.module_utils.pki.wanted import Wanted, parse_certificates
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import StoreError
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import entry


def wanted() -> Wanted:
    return parse_certificates([entry(days=90)], Problems())[0]


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def test_what_it_is_told() -> None:
    told = "import os, sys; sys.stdout.write(sys.stdin.read() + str(sorted(k for k in os.environ if 'NATS_CERT' in k)))"
    said = hook.sign(python(told), b"request ", wanted()).decode()
    assert said.startswith("request ")
    assert all(name in said for name in hook.environment(wanted()))
    assert hook.environment(wanted())["NATS_CERTIFICATE_DNS"] == "n1.example.com"
    assert hook.environment(wanted())["NATS_CERTIFICATE_DAYS"] == "90"


def test_no_shell_stands_between() -> None:
    said = hook.sign([*python("import sys; print(sys.argv[1])"), "$(id); `id` *"], b"", wanted())
    assert said == b"$(id); `id` *\n"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (python("import sys; sys.exit('permission denied')"), "ended with status 1: permission denied"),
        (python("import sys; sys.exit(3)"), "ended with status 3: it says nothing"),
        (["/nowhere/sign"], "/nowhere/sign can't be started: No such file or directory"),
        (python("import time; time.sleep(9)"), "took longer than 0.2 seconds"),
    ],
)
def test_what_is_told_of_a_failure(monkeypatch: pytest.MonkeyPatch, command: list[str], words: str) -> None:
    monkeypatch.setattr(hook, "SECONDS", 0.2 if "took" in words else 30)
    with pytest.raises(StoreError, match="n1/server: ") as caught:
        hook.sign(command, b"", wanted())
    assert words in str(caught.value)
