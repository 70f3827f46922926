# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: RUF009 - option() makes a dataclass field, as dataclasses.field() does
"""The wanted tree: operator, accounts, users, as frozen dataclasses. The fields are its schema (see docs/tree.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from ..plan.problems import Problems
from . import kinds
from .fields import Block, Keyed, Many, Table, option, read

_SIGNING_KEYS = "how many signing keys there are at least"
_RENEW = "how long before its end it is issued again; a third of the lifetime when not said"


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
class User:
    """One who connects, with creds of its own."""

    name: str = option(kinds.NAME, "its name, also of its creds file")
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
    expires: Optional[int] = option(
        kinds.LIFETIME, "lifetime of its token, from issue; never when not said", default=None
    )
    renew_before: Optional[int] = option(kinds.LIFETIME, _RENEW, default=None)
    revoked: bool = option(kinds.FLAG, "its token is refused, and it gets no other", default=False)
    tags: tuple[str, ...] = option(Many(kinds.TAG, once=True), "tags", claim="tags", default=())


@dataclass(frozen=True)
class JetStream:
    """What the streams of an account may use. The block itself switches JetStream on."""

    memory: int = option(kinds.SIZE, "bytes in memory", claim="mem_storage", default=-1)
    disk: int = option(kinds.SIZE, "bytes on disk", claim="disk_storage", default=-1)
    streams: int = option(kinds.LIMIT, "streams", claim="streams", default=-1)
    consumers: int = option(kinds.LIMIT, "consumers", claim="consumer", default=-1)
    max_ack_pending: int = option(
        kinds.LIMIT, "unacknowledged messages of a consumer", claim="max_ack_pending", default=-1
    )
    memory_max_stream_bytes: int = option(
        kinds.SIZE, "bytes of one stream in memory", claim="mem_max_stream_bytes", default=-1
    )
    disk_max_stream_bytes: int = option(
        kinds.SIZE, "bytes of one stream on disk", claim="disk_max_stream_bytes", default=-1
    )
    max_bytes_required: bool = option(
        kinds.FLAG, "every stream has to name its size", claim="max_bytes_required", default=False
    )


@dataclass(frozen=True)
class Limits:
    """What an account may use."""

    subscriptions: int = option(kinds.LIMIT, "subscriptions", claim="subs", default=-1)
    data: int = option(kinds.SIZE, "bytes in all", claim="data", default=-1)
    payload: int = option(kinds.SIZE, "bytes of a message", claim="payload", default=-1)
    imports: int = option(kinds.LIMIT, "imports", claim="imports", default=-1)
    exports: int = option(kinds.LIMIT, "exports", claim="exports", default=-1)
    wildcard_exports: bool = option(kinds.FLAG, "exports may have wildcards", claim="wildcards", default=True)
    disallow_bearer: bool = option(kinds.FLAG, "no bearer users", claim="disallow_bearer", default=False)
    connections: int = option(kinds.LIMIT, "connections at a time", claim="conn", default=-1)
    leafnodes: int = option(kinds.LIMIT, "leafnode connections at a time", claim="leaf", default=-1)
    jetstream: Optional[JetStream] = option(Block(JetStream, inline=True), "JetStream; off when not said", default=None)
    jetstream_tiers: Mapping[str, JetStream] = option(
        Table(Block(JetStream)), "JetStream by tier (R1, R3), instead of jetstream", claim="tiered_limits", default=None
    )


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
    allow_trace: bool = option(kinds.FLAG, "traces go on from a stream", claim="allow_trace", default=False)


@dataclass(frozen=True)
class Revocation:
    """Tokens that are refused."""

    user: str = option(kinds.USERS, "whose")
    before: int = option(kinds.MOMENT, "those issued until then")


@dataclass(frozen=True)
class Account:
    """A name space of its own, with its users."""

    name: str = option(kinds.NAME, "its name")
    description: str = option(kinds.TEXT, "what it is", claim="description", default="")
    info_url: str = option(kinds.URL, "where to read more", claim="info_url", default="")
    signing_keys: int = option(kinds.KEY_COUNT, _SIGNING_KEYS, default=1)
    limits: Limits = option(Block(Limits), "what it may use", claim="limits", default=Limits())
    default_permissions: Permissions = option(
        Block(Permissions), "for users without permissions", claim="default_permissions", default=Permissions()
    )
    exports: tuple[Export, ...] = option(Many(Block(Export)), "what others may import", claim="exports", default=())
    imports: tuple[Import, ...] = option(Many(Block(Import)), "what it takes from others", claim="imports", default=())
    users: tuple[User, ...] = option(Many(Block(User)), "who connects to it", default=())
    revocations: tuple[Revocation, ...] = option(
        Keyed(Revocation), "user tokens that are refused; those of the store stay", claim="revocations", default=()
    )
    expires: Optional[int] = option(
        kinds.LIFETIME, "lifetime of its token, from issue; never when not said", default=None
    )
    renew_before: Optional[int] = option(kinds.LIFETIME, _RENEW, default=None)
    tags: tuple[str, ...] = option(Many(kinds.TAG, once=True), "tags", claim="tags", default=())


@dataclass(frozen=True)
class Operator:
    """Who all accounts belong to."""

    name: str = option(kinds.NAME, "its name, also of its folder in the store")
    signing_keys: int = option(kinds.KEY_COUNT, _SIGNING_KEYS, default=1)
    strict_signing_key_usage: bool = option(
        kinds.FLAG,
        "its identity key signs nothing but its own token",
        claim="strict_signing_key_usage",
        default=True,
    )
    service_urls: tuple[str, ...] = option(
        Many(kinds.SERVICE_URL, once=True), "where clients connect", claim="operator_service_urls", default=()
    )
    account_server_url: str = option(
        kinds.SERVER_URL, "where account tokens are served", claim="account_server_url", default=""
    )
    assert_server_version: str = option(
        kinds.VERSION, "servers older than this refuse to start", claim="assert_server_version", default=""
    )
    tags: tuple[str, ...] = option(Many(kinds.TAG, once=True), "tags", claim="tags", default=())


@dataclass(frozen=True)
class Tree:
    """Everything that is wanted. accounts: without the system account."""

    operator: Operator
    system_account: Account
    accounts: tuple[Account, ...] = field(default=())

    @property
    def every_account(self) -> tuple[Account, ...]:
        """The system account first, then the others in their order."""
        return (self.system_account, *self.accounts)


_DEFAULT_SYSTEM = {"name": "SYS", "users": [{"name": "sys"}]}


@dataclass(frozen=True)
class _Accounts:
    accounts: tuple[Account, ...] = option(Many(Block(Account), by="name"), "the accounts", default=())


def read_tree(
    operator: Any, system_account: Optional[Any], accounts: Optional[Sequence[Any]], problems: Problems
) -> Tree:
    """The tree of plain mappings; everything wrong goes to ``problems``, each with its path as it was written."""
    system = _DEFAULT_SYSTEM if system_account is None else system_account
    if isinstance(system, Mapping) and system.get("name") is None:
        system = {"name": "SYS", **{name: value for name, value in system.items() if name != "name"}}
    return Tree(
        read(Operator, operator, "operator", problems),
        read(Account, system, "system_account", problems),
        read(_Accounts, {"accounts": [] if accounts is None else accounts}, "", problems).accounts,
    )
