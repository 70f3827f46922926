# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: RUF009 - option() makes a dataclass field, as dataclasses.field() does
"""What a user may do: the part of the wanted tree that users, roles and default permissions share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from . import kinds
from .fields import Block, Many, option


@dataclass(frozen=True)
class Publish:
    """Where one may publish."""

    allow: tuple[str, ...] = option(Many(kinds.SUBJECT, once=True), "subjects allowed", claim="allow", default=())
    deny: tuple[str, ...] = option(Many(kinds.SUBJECT, once=True), "subjects refused", claim="deny", default=())


@dataclass(frozen=True)
class Subscribe:
    """Where one may subscribe."""

    allow: tuple[str, ...] = option(Many(kinds.SUBSCRIPTION, once=True), "subjects allowed", claim="allow", default=())
    deny: tuple[str, ...] = option(Many(kinds.SUBSCRIPTION, once=True), "subjects refused", claim="deny", default=())


@dataclass(frozen=True)
class Responses:
    """Replies allowed to whoever asks."""

    max: int = option(kinds.RESPONSE_COUNT, "how many replies to one request", claim="max", default=1)
    ttl: int = option(kinds.DURATION, "how long; 0s leaves it to the server (2m)", claim="ttl", default=0)


@dataclass(frozen=True)
class Permissions:
    """Permissions of the users who have none of their own."""

    publish: Publish = option(Block(Publish), "where they may publish", claim="pub", default=Publish())
    subscribe: Subscribe = option(Block(Subscribe), "where they may subscribe", claim="sub", default=Subscribe())
    responses: Optional[Responses] = option(
        Block(Responses), "replies allowed to whoever asks", claim="resp", default=None
    )


@dataclass(frozen=True)
class UserLimits:
    """What one connection of a user may use."""

    subscriptions: int = option(kinds.LIMIT, "subscriptions", claim="subs", default=-1)
    data: int = option(kinds.SIZE, "bytes in all", claim="data", default=-1)
    payload: int = option(kinds.SIZE, "bytes of a message", claim="payload", default=-1)


@dataclass(frozen=True)
class TimeRange:
    """A part of the day."""

    start: str = option(kinds.TIME, "from", claim="start")
    end: str = option(kinds.TIME, "until", claim="end")


@dataclass(frozen=True)
class Rights:
    """What the users of a role may do. Subjects may hold {{name()}}, {{subject()}}, {{tag(x)}}, {{account-name()}}."""

    publish: Publish = option(Block(Publish), "where it may publish", claim="pub", default=Publish())
    subscribe: Subscribe = option(Block(Subscribe), "where it may subscribe", claim="sub", default=Subscribe())
    responses: Optional[Responses] = option(
        Block(Responses), "replies allowed to whoever asks it", claim="resp", default=None
    )
    limits: UserLimits = option(Block(UserLimits, inline=True), "what it may use", default=UserLimits())
    source_networks: tuple[str, ...] = option(
        Many(kinds.NETWORK, once=True), "where it may connect from; anywhere when not said", claim="src", default=()
    )
    times: tuple[TimeRange, ...] = option(
        Many(Block(TimeRange)), "when it may be connected; always when not said", claim="times", default=()
    )
    times_location: str = option(kinds.ZONE, "the zone of its times", claim="times_location", default="")
    bearer: bool = option(
        kinds.FLAG, "its token alone lets it in, without proof of its key", claim="bearer_token", default=False
    )
    proxy_required: bool = option(kinds.FLAG, "only through a trusted proxy", claim="proxy_required", default=False)
    connection_types: tuple[str, ...] = option(
        Many(kinds.CONNECTION, once=True), "how it may connect", claim="allowed_connection_types", default=()
    )
