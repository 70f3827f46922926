# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit's result as values: controls with their findings, and the three pictures of a cluster that go with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any, Optional

#: Of the JSON report; its last number rises when a reader of the one before would read it wrongly.
SCHEMA = "aegis.nats/audit/1"


class Verdict(Enum):
    """What a look came to. COULD_NOT_LOOK is no pass: nothing is known."""

    PASS = "pass"
    FAIL = "fail"
    WARN = "warn"
    NOT_APPLICABLE = "not_applicable"
    COULD_NOT_LOOK = "could_not_look"


class Severity(Enum):
    """What a failure costs: CRITICAL lets strangers in, HIGH takes one more mistake, MEDIUM weakens, LOW is untidy."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


#: The worse verdict of two findings is that of their control; what could not be looked at is worse than a warning.
_WORSE = (Verdict.NOT_APPLICABLE, Verdict.PASS, Verdict.WARN, Verdict.COULD_NOT_LOOK, Verdict.FAIL)


def worst(verdicts: list[Verdict]) -> Verdict:
    """That of a control, by its findings; without one there was nothing that it could apply to."""
    return max(verdicts, key=_WORSE.index, default=Verdict.NOT_APPLICABLE)


@dataclass(frozen=True)
class Control:
    """Something that is asked of a cluster. number: of the guide's list; None: of the fact sheet's.

    changes: the variables that it is about.
    """

    id: str
    title: str
    severity: Severity
    number: Optional[int] = None
    changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What one probe found. subject: a listener, file, user or server; evidence: what was seen, without a secret;
    change: what to write instead, a variable by its name."""

    subject: str
    verdict: Verdict
    evidence: str
    change: str = ""
    host: str = ""


@dataclass(frozen=True)
class Waiver:
    """A failure that is accepted: why, and until when (that day included). subject: a part of the finding's."""

    control: str
    reason: str
    until: date
    subject: str = ""


@dataclass(frozen=True)
class Result:
    """A control and what was found. waived: the findings (by their place) that a waiver covers, with it."""

    control: Control
    findings: tuple[Finding, ...]
    waived: Mapping[int, Waiver] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """By the findings that no waiver covers; with all of them waived nothing is left to judge."""
        return worst([each.verdict for number, each in enumerate(self.findings) if number not in self.waived])


@dataclass(frozen=True)
class Expiry:
    """Something that ends. kind: certificate, authority, jwt, creds, waiver."""

    what: str
    kind: str
    at: datetime
    host: str = ""


@dataclass(frozen=True)
class Report:
    """One audit.

    topology: ``{"servers": [{"name", "host", "version", "listeners": [...], "routes": [names]}]}``. A listener: kind
    (client, route, gateway, leafnode, websocket, mqtt, monitoring, profiling), address, port, tls ("TLSv1.3", "none",
    "unknown"), client_certificate (true, false, null), login ("needed", "none", "unknown"), reached_from.
    trust: ``{"operator": {"name", "key", "signing_keys"} or None, "accounts": [...]}``. An account: name, key, system,
    signed_by, users (name, key, publish and subscribe with allow and deny, bearer), exports (subject, kind), imports
    (subject, account, kind).
    """

    cluster: str
    made: datetime
    collection: str
    advisories: date
    results: tuple[Result, ...]
    topology: Mapping[str, Any]
    trust: Mapping[str, Any]
    expiries: tuple[Expiry, ...]
    seconds: float = 0.0

    def count(self, verdict: Verdict) -> int:
        return sum(result.verdict is verdict for result in self.results)
