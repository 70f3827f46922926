# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotations of a running cluster by their playbooks, with an application connected throughout; stopped and taken up."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, Run, good, wait_until
from ansible_collections.aegis.nats.tests.end_to_end.live_client import LiveClient

ORDERS = "TeamAlpha/order-service.creds"
TRUST = "Keep the operator, accounts and users"
BEGIN = "Begin the rotation, take it up, or move it on"
SWITCH = "Switch to the staged release"
#: SYS among them: whose creds push all others.
BOTH = "nats_rotate=TeamAlpha,SYS"
PROOF = "Prove from outside who gets in and who does not"


def rotate(estate: Estate, what: str, *options: str, good: bool = True) -> Run:
    extra = [word for option in options for word in (("-e", option) if "=" in option else (option,))]
    run = estate.deploy(*extra, playbook=str(ROOT / f"playbooks/rotate_{what}.yml"))
    assert (run.code == 0) is good, run.output
    print(f"rotate_{what} {' '.join(options)}: {run.seconds:.1f} s")
    return run


def kill_at(estate: Estate, task: str, count: int, what: str, *options: str) -> None:
    extra = [word for option in options for word in ("-e", option)]
    estate.killed_at(task, *extra, playbook=str(ROOT / f"playbooks/rotate_{what}.yml"), count=count)


def record(estate: Estate) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((estate.root / "nats/trust/stores/MyCompany/.rotation").read_text())
    return found


def seeds(estate: Estate) -> set[str]:
    return {each.stem for each in (estate.root / "nats/trust/keys/keys").rglob("*.nk")}


@pytest.fixture
def client(running: Estate, tmp_path: Path) -> Iterator[LiveClient]:
    with LiveClient(running, ORDERS, tmp_path / "application").running() as alive:
        yield alive
    print(f"longest silence {alive.longest_silence:.2f} s, errors {sorted(set(alive.errors))}")


def is_unmoved(estate: Estate) -> bool:
    """Whether another deploy changes nothing."""
    run = estate.deploy()
    good(run)
    return run.changes == []


def test_the_signing_keys_of_an_account(running: Estate, client: LiveClient, tmp_path: Path) -> None:
    had, pids = seeds(running), running.processes()
    check = rotate(running, "signing_keys", BOTH, "--check")
    assert any("in the phases add, replace, drop" in reason for each in check.results for reason in each["reasons"])
    assert seeds(running) == had

    kill_at(running, TRUST, 1, "signing_keys", BOTH)
    assert (record(running)["current"]["phase"], record(running)["current"]["verified"]) == ("add", False)
    made = seeds(running) - had
    between = running.deploy()
    good(between)
    assert any("signing keys of TeamAlpha, SYS is under way (phase add)" in each for each in between.warnings)
    assert seeds(running) == had | made

    kill_at(running, TRUST, 1, "signing_keys", BOTH)
    assert record(running)["current"]["phase"] == "replace"
    waiting = rotate(running, "signing_keys", BOTH)
    assert "nats_rotate_drop=true" in waiting.text
    assert seeds(running) == had | made, "no key is made twice"
    assert is_unmoved(running)
    assert not any(each["changed"] for each in rotate(running, "signing_keys", BOTH).results)
    assert client.hears() and client.refusals == [], "who has the old creds works until the old key is dropped"

    with LiveClient(running, ORDERS, tmp_path / "updated").running() as updated:
        rotate(running, "signing_keys", BOTH, "nats_rotate_drop=true")
        assert updated.hears() and updated.refusals == [], "who has the new creds notices nothing"
        assert updated.longest_silence < 2
    assert wait_until(lambda: bool(client.refusals), 10) and not client.hears(3), "who has the old creds is refused"
    assert len(seeds(running)) == len(had), "the old seed is gone"
    assert not (running.root / "nats/trust/keys/creds/.rotation").exists()
    assert running.processes() == pids, "no server restarted"
    assert is_unmoved(running)
    done = rotate(running, "signing_keys", BOTH)
    assert done.changes == []
    assert re.search(r"TeamAlpha was rotated at \d{4}-", done.text)


@pytest.mark.long
def test_the_signing_keys_of_the_operator(running: Estate, client: LiveClient) -> None:
    """Stopped while the first of three servers knows the new key, and again with all accounts signed by it."""
    had = seeds(running)
    kill_at(running, SWITCH, 1, "signing_keys", "nats_rotate=operator")
    assert client.hears() and client.refusals == []
    refused = rotate(running, "operator", good=False)
    assert "signing keys of the operator is under way (phase add)" in refused.text
    kill_at(running, TRUST, 1, "signing_keys", "nats_rotate=operator")
    assert record(running)["current"]["phase"] in ("add", "replace")
    run = rotate(running, "signing_keys", "nats_rotate=operator")
    assert [each for each in run.results if each["task"] == PROOF]
    assert client.hears() and client.refusals == [], client.errors
    assert len(seeds(running)) == len(had)
    assert len(seeds(running) - had) == 1
    assert is_unmoved(running)


@pytest.mark.long
def test_the_identity_of_the_operator(running: Estate, client: LiveClient) -> None:
    had = seeds(running)
    kill_at(running, SWITCH, 2, "operator")
    assert client.hears() and client.refusals == []
    rotate(running, "operator")
    assert client.hears() and client.refusals == [], client.errors
    assert len(seeds(running) - had) == len(had - seeds(running)) == 1
    assert is_unmoved(running)


@pytest.mark.long
def test_a_user(running: Estate, client: LiveClient, tmp_path: Path) -> None:
    pids = running.processes()
    kill_at(running, TRUST, 1, "user", "nats_rotate_user=TeamAlpha/order-service")
    waiting = rotate(running, "user", "nats_rotate_user=TeamAlpha/order-service")
    assert "order-service.creds" in waiting.text
    assert client.hears() and client.refusals == []
    with LiveClient(running, ORDERS, tmp_path / "updated").running() as updated:
        rotate(running, "user", "nats_rotate_user=TeamAlpha/order-service", "nats_rotate_drop=true")
        assert updated.hears() and updated.refusals == []
    # A revoked user is cut off without a word that its library passes on; the playbook has proven the refusal itself.
    assert wait_until(lambda: not client.hears(1), 10) and not client.hears(3)
    assert not (running.root / "nats/trust/keys/creds/.rotation").exists()
    assert running.processes() == pids
    assert is_unmoved(running)


@pytest.mark.long
@pytest.mark.parametrize(
    ("what", "options", "message"),
    [
        ("signing_keys", [], "says nothing to rotate: name operator, or the accounts"),
        ("signing_keys", ["nats_rotate=TeamAlfa"], '"TeamAlfa" is no account of the tree'),
        ("user", ["nats_rotate_user=TeamAlpha/nobody"], 'account TeamAlpha has no user "nobody"'),
        ("signing_keys", ["nats_rotate=TeamAlpha", "--limit", "n1"], "run it without --limit"),
        ("signing_keys", ["nats_rotate=TeamAlpha", "--skip-tags", "verify"], "run it without --limit"),
    ],
)
def test_what_can_not_be_done_is_refused(running: Estate, what: str, options: list[str], message: str) -> None:
    before = running.snapshot()
    run = rotate(running, what, *options, good=False)
    assert message in run.text
    assert running.snapshot() == before
