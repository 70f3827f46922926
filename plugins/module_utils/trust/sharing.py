# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: RUF009 - option() makes a dataclass field, as dataclasses.field() does
"""What accounts give to and take from each other, and where subjects go: a part of the wanted tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

from . import kinds
from .fields import Block, Keyed, Many, option


@dataclass(frozen=True)
class Withdrawal:
    """Tokens of importers that are refused."""

    account: str = option(kinds.ACCOUNTS, "whose")
    before: int = option(kinds.MOMENT, "those issued until then")


@dataclass(frozen=True)
class Latency:
    """Measuring how long a service takes."""

    sampling: Any = option(kinds.SAMPLING, "how many requests are measured", claim="sampling", default=100)
    results: str = option(kinds.SUBJECT, "where the figures are published", claim="results")


@dataclass(frozen=True)
class Export:
    """What other accounts may import."""

    name: str = option(kinds.TEXT, "its name", claim="name", default="")
    subject: str = option(kinds.SUBJECT, "what is exported", claim="subject")
    type: str = option(kinds.KIND, "messages to listen to, or requests to make", claim="type")
    token_required: bool = option(
        kinds.FLAG, "importers need a token; those of the tree are given theirs", claim="token_req", default=False
    )
    revocations: tuple[Withdrawal, ...] = option(
        Keyed(Withdrawal), "import tokens that are refused; those of the store stay", claim="revocations", default=()
    )
    response_type: str = option(kinds.RESPONSE_TYPE, "of a service", claim="response_type", default="")
    response_threshold: int = option(
        kinds.DURATION, "how long a service may take to answer", claim="response_threshold", default=0
    )
    latency: Optional[Latency] = option(Block(Latency), "measure a service", claim="service_latency", default=None)
    account_token_position: int = option(
        kinds.POSITION, 'which "*" must be the importer\'s public key', claim="account_token_position", default=0
    )
    advertise: bool = option(kinds.FLAG, "advertised", claim="advertise", default=False)
    allow_trace: bool = option(kinds.FLAG, "traces go on into a service", claim="allow_trace", default=False)
    description: str = option(kinds.TEXT, "what it is", claim="description", default="")
    info_url: str = option(kinds.URL, "where to read more", claim="info_url", default="")


@dataclass(frozen=True)
class Import:
    """What is taken from another account."""

    name: str = option(kinds.TEXT, "its name", claim="name", default="")
    account: str = option(kinds.ACCOUNT, "who exports it", claim="account")
    subject: str = option(kinds.SUBJECT, "what is imported, as the exporter calls it", claim="subject")
    local_subject: str = option(
        kinds.LOCAL_SUBJECT, "what it is called here; the same when not said", claim="local_subject", default=""
    )
    type: str = option(kinds.KIND, "as the export says", claim="type")
    share: bool = option(kinds.FLAG, "a service may see who asks", claim="share", default=False)
    token: str = option(
        kinds.ACTIVATION, "the activation token that an account outside the tree gave", claim="token", default=""
    )
    allow_trace: bool = option(kinds.FLAG, "traces go on from a stream", claim="allow_trace", default=False)


@dataclass(frozen=True)
class Target:
    """Where a mapped subject goes to."""

    subject: str = option(kinds.LOCAL_SUBJECT, "the subject that it becomes", claim="subject")
    weight: int = option(kinds.WEIGHT, "how much of it", claim="weight", default=100)
    cluster: str = option(kinds.TEXT, "in this cluster only", claim="cluster", default="")


@dataclass(frozen=True)
class Mapped:
    """One subject that becomes others."""

    subject: str = option(kinds.SUBJECT, "what is published")
    to: tuple[Target, ...] = option(Many(Block(Target)), "what it becomes")
