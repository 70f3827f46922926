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
from .fields import Block, Either, Keyed, Many, Table, option, read
from .rights import Permissions, Rights
from .sharing import Export, Import, Mapped

_SIGNING_KEYS = "how many signing keys there are at least"
_START = "from when its token is taken; from issue when not said"
_RENEW = "how long before its end it is issued again; a third of the lifetime when not said"


@dataclass(frozen=True)
class User(Rights):
    """One who connects, with creds of its own."""

    name: str = option(kinds.NAME, "its name, also of its creds file")
    role: str = option(kinds.TEXT, "the role of its account that says what it may do, instead of itself", default="")
    public_key: str = option(kinds.USER_KEY, "the key of one who keeps its seed; it has no creds file", default="")
    expires: Optional[int] = option(
        kinds.LIFETIME, "lifetime of its token, from issue; never when not said", default=None
    )
    renew_before: Optional[int] = option(kinds.LIFETIME, _RENEW, default=None)
    not_before: int = option(kinds.MOMENT, _START, default=0)
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
class Revocation:
    """Tokens that are refused."""

    user: str = option(kinds.USERS, "whose")
    before: int = option(kinds.MOMENT, "those issued until then")


@dataclass(frozen=True)
class ScopedKey:
    """A signing key whose users have a role: all may do what its template says."""

    role: str = option(kinds.TEXT, "its name", claim="role")
    key: str = option(kinds.ACCOUNT_KEY, "its public key; needed only where a role has no name", default="")
    description: str = option(kinds.TEXT, "what it is", claim="description", default="")
    template: Rights = option(Block(Rights), "what its users may do", claim="template", default=Rights())


@dataclass(frozen=True)
class Trace:
    """Where the traces of messages go."""

    destination: str = option(kinds.SUBJECT, "subject that they are published to", claim="dest")
    sampling: int = option(kinds.PERCENT, "how many of the messages", claim="sampling", default=100)


@dataclass(frozen=True)
class AuthCallout:
    """A service of yours decides who may connect."""

    users: tuple[str, ...] = option(
        Many(kinds.USER, once=True), "the users that the service connects as", claim="auth_users", default=()
    )
    allowed_accounts: tuple[str, ...] = option(
        Many(kinds.ACCOUNTS, once=True), "accounts that it may put users into", claim="allowed_accounts", default=()
    )
    xkey: str = option(kinds.CURVE_KEY, "public curve key that requests are encrypted for", claim="xkey", default="")


@dataclass(frozen=True)
class Account:
    """A name space of its own, with its users."""

    name: str = option(kinds.NAME, "its name")
    description: str = option(kinds.TEXT, "what it is", claim="description", default="")
    info_url: str = option(kinds.URL, "where to read more", claim="info_url", default="")
    signing_keys: Any = option(
        Either(kinds.KEY_COUNT, Many(Either(kinds.KEY_COUNT, Block(ScopedKey)))),
        f"{_SIGNING_KEYS}; in a list beside those with a role",
        default=1,
    )
    limits: Limits = option(Block(Limits), "what it may use", claim="limits", default=Limits())
    default_permissions: Permissions = option(
        Block(Permissions), "for users without permissions", claim="default_permissions", default=Permissions()
    )
    exports: tuple[Export, ...] = option(Many(Block(Export)), "what others may import", claim="exports", default=())
    imports: tuple[Import, ...] = option(Many(Block(Import)), "what it takes from others", claim="imports", default=())
    mappings: tuple[Mapped, ...] = option(Keyed(Mapped), "subjects that become others", claim="mappings", default=())
    trace: Optional[Trace] = option(Block(Trace), "trace messages", claim="trace", default=None)
    cluster_traffic: str = option(
        kinds.CLUSTER_TRAFFIC, "which account JetStream replicates in", claim="cluster_traffic", default=""
    )
    auth_callout: Optional[AuthCallout] = option(
        Block(AuthCallout), "ask a service who may connect", claim="authorization", default=None
    )
    users: tuple[User, ...] = option(Many(Block(User)), "who connects to it", default=())
    revocations: tuple[Revocation, ...] = option(
        Keyed(Revocation), "user tokens that are refused; those of the store stay", claim="revocations", default=()
    )
    expires: Optional[int] = option(
        kinds.LIFETIME, "lifetime of its token, from issue; never when not said", default=None
    )
    renew_before: Optional[int] = option(kinds.LIFETIME, _RENEW, default=None)
    not_before: int = option(kinds.MOMENT, _START, default=0)
    tags: tuple[str, ...] = option(Many(kinds.TAG, once=True), "tags", claim="tags", default=())

    @property
    def plain_keys(self) -> int:
        """How many signing keys without a role there are at least."""
        if isinstance(self.signing_keys, tuple):
            return next((each for each in self.signing_keys if isinstance(each, int)), 1)
        return int(self.signing_keys)

    @property
    def roles(self) -> tuple[ScopedKey, ...]:
        """The signing keys with a role."""
        listed = self.signing_keys if isinstance(self.signing_keys, tuple) else ()
        return tuple(each for each in listed if isinstance(each, ScopedKey))


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
    expires: Optional[int] = option(
        kinds.LIFETIME, "lifetime of its token, from issue; as it is when not said", default=None
    )
    renew_before: Optional[int] = option(kinds.LIFETIME, _RENEW, default=None)
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

    def account(self, name: str) -> Optional[Account]:
        """The account of that name."""
        return next((each for each in self.every_account if each.name == name), None)


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
