# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every verdict about secrets on the controller."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit import judge_controller
from ansible_collections.aegis.nats.plugins.module_utils.audit.controller import Kept, Place, Secret
from ansible_collections.aegis.nats.plugins.module_utils.audit.model import Finding
from ansible_collections.aegis.nats.plugins.module_utils.audit.run import JUDGES
from ansible_collections.aegis.nats.plugins.module_utils.audit.versioned import Versioned
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit.cluster import (
    FAIL,
    PASS,
    UNKNOWN,
    WARN,
    only,
    seen,
    verdicts,
)


def told(kept: Kept) -> list[Finding]:
    return list(judge_controller.secrets(seen(kept=kept)))


def of(*secrets: Secret, **changes: Any) -> list[Finding]:
    return told(Kept((Place("trust store", "/t", tuple(secrets), **changes),)))


CLEAR, SEALED = Secret("/t/a.nk", False, "0600"), Secret("/t/b.nk", True, "0644")


@pytest.mark.parametrize(
    ("secrets", "evidence"),
    [
        ([SEALED], "1 secrets are sealed"),
        ([CLEAR], "1 lie in clear text, for their owner alone (a vault password would seal them)"),
        ([CLEAR, SEALED, SEALED], "2 secrets are sealed and 1 lie in clear text, for their owner alone"),
    ],
)
def test_secrets_that_lie_as_they_should(secrets: list[Secret], evidence: str) -> None:
    finding = only(of(*secrets))
    assert finding.verdict is PASS and finding.evidence.startswith(evidence)
    assert finding.subject == "trust store /t" and finding.host == ""


def test_a_folder_without_a_secret_says_nothing() -> None:
    assert of() == [] == told(Kept())


def test_secrets_that_others_read_are_told_together() -> None:
    read = [Secret(f"/t/{n}.nk", False, "0644", "everybody on the host may read it") for n in range(5)]
    everybody, group = of(*read, Secret("/t/g.nk", False, "0640", "its group may read it"))
    assert everybody.verdict is group.verdict is FAIL
    assert everybody.evidence.startswith("5 files (/t/0.nk (0644), /t/1.nk (0644), /t/2.nk (0644), …): everybody")
    assert group.evidence == "/t/g.nk (0640): its group may read it"


@pytest.mark.parametrize(
    ("versioned", "verdict", "evidence"),
    [
        (Versioned("git", tracked=("/t/a.nk",)), FAIL, "git has /t/a.nk in clear text"),
        (Versioned("git", open=("/t/a.nk",)), WARN, "git would take /t/a.nk in clear text with the next add"),
        (Versioned("git", problem="there is no git here"), UNKNOWN, "there is no git here"),
        (Versioned("git"), PASS, "1 lie in clear text"),
    ],
)
def test_version_control(versioned: Versioned, verdict: Any, evidence: str) -> None:
    finding = only(of(CLEAR, versioned=versioned))
    assert finding.verdict is verdict and finding.evidence.startswith(evidence)


def test_a_folder_that_could_not_be_looked_into_and_one_that_others_write_to() -> None:
    assert only(of(problem="it can't be read")).verdict is UNKNOWN
    assert only(of(CLEAR, lies="0777: everybody on the host may write it")).verdict is FAIL


def test_keys_in_the_inventory() -> None:
    finding = only(told(Kept(inventory=3, open={"/i/all.yml": 7})))
    assert (finding.subject, finding.verdict) == ("inventory /i/all.yml", FAIL)
    assert finding.evidence == "a key or seed stands in clear text in line 7"
    assert verdicts(told(Kept(inventory=3))) == [PASS]


def test_it_is_a_part_of_secrets_stored() -> None:
    assert verdicts(JUDGES["secrets-stored"](seen(kept=Kept(inventory=3, open={"/i": 1})))) == [FAIL]
