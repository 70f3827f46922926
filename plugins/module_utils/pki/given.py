# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates that an operator brings along: what would make peers refuse them, before a server is given them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Optional

from ..plan.errors import NatsError
from . import chain, facts, keys
from .facts import CertificateFacts
from .libraries import x509
from .names import Names
from .profiles import Profile

_ANY_USAGE = "2.5.29.37.0"


@dataclass(frozen=True)
class Given:
    """The files of one purpose. name: what they are called in the variables; key: None where it is not to be had.

    hosts: names by which peers dial, each with the variable that says so.
    """

    name: str
    profile: Profile
    certificate_path: str
    certificate: bytes
    ca_path: str = ""
    ca: Optional[bytes] = None
    key_path: str = ""
    key: Optional[bytes] = None
    hosts: Sequence[tuple[str, str]] = ()


def problems(given: Given, now: datetime, covered: Callable[[str, Sequence[str]], bool]) -> list[tuple[str, str]]:
    """Everything that is wrong, each with the key of the variable that it belongs to (``route_certificate``).

    covered: whether names of a certificate are good for a host.
    """
    where = f"{given.name}_certificate"
    try:
        found = chain.load_all(given.certificate, given.certificate_path)
    except NatsError as error:
        return [(where, str(error))]
    leaf = facts.read(found[0])
    said = [*_of_use(given, leaf), *_of_names(given, leaf, covered)]
    said += _of_chain(given, found, now)
    return [*((where, sentence) for sentence in said), *_of_key(given, leaf)]


def key_type(given: Given) -> Optional[str]:
    """Of which type the key of the certificate is; None where the certificate can't be read."""
    try:
        return facts.read(chain.load_all(given.certificate, given.certificate_path)[0]).key_type
    except NatsError:
        return None


def _of_use(given: Given, leaf: CertificateFacts) -> list[str]:
    if leaf.usages is None or _ANY_USAGE in leaf.usages:
        return []
    lacking = sorted(given.profile.usages - leaf.usages)
    if not lacking:
        return []
    why = "servers that dial each other and are dialled want both" if len(given.profile.usages) > 1 else "peers want it"
    return [
        f"{given.certificate_path} is not for {' and '.join(lacking)}: {why}, have it issued with the extended key "
        f"usages {', '.join(sorted(given.profile.usages, reverse=True))}"
    ]


def _of_names(given: Given, leaf: CertificateFacts, covered: Callable[[str, Sequence[str]], bool]) -> list[str]:
    names = (*leaf.names.dns, *leaf.names.ip)
    return [
        f"{given.certificate_path} does not carry {host}, which {variable} has peers dial: have it issued with that "
        f"subject alternative name (it has {_shown(leaf.names)})"
        for host, variable in _once(given.hosts).items()
        if not covered(host, names)
    ]


def _once(hosts: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Each host once, with the variable that says it first."""
    return dict(reversed(hosts))


def _shown(names: Names) -> str:
    return ", ".join((*names.dns, *names.ip)) or "none"


def _of_chain(given: Given, found: Sequence[x509.Certificate], now: datetime) -> list[str]:
    """Up to the first that the file of the CA holds, as nats-server takes it."""
    if given.ca is None:
        return chain.path_faults(found[:1], now, given.profile.usages)
    try:
        trusted = chain.load_all(given.ca, given.ca_path)
    except NatsError:
        return chain.path_faults(found[:1], now, given.profile.usages)  # told of the file of the CA itself
    path = chain.climb(found[0], [*found[1:], *trusted])
    anchor = next((number for number, one in enumerate(path) if one in trusted), None)
    if anchor is not None:
        return chain.path_faults(path[: anchor + 1], now, given.profile.usages)
    return [
        *chain.path_faults(path, now, given.profile.usages),
        f"{given.certificate_path} does not lead to {given.ca_path}: put the intermediates below the certificate, in "
        "the same file, or give the CA that signed it",
    ]


def authority_problem(content: bytes, path: str) -> Optional[str]:
    """Why the file of the CA can't be used."""
    try:
        found = chain.load_all(content, path)
    except NatsError as error:
        return str(error)
    wrong = [fault for one in found for fault in chain.authority_faults(facts.read(one))]
    return f"{path}: {'; '.join(wrong)}" if wrong else None


def _of_key(given: Given, leaf: CertificateFacts) -> list[tuple[str, str]]:
    if given.key is None:
        return []
    where = f"{given.name}_key"
    if keys.is_encrypted(given.key):
        return [
            (where, f"{given.key_path} is encrypted with a passphrase, which nats-server can't open: write it without")
        ]
    try:
        key = keys.read(given.key, given.key_path)
    except NatsError as error:
        return [(where, str(error))]
    if keys.spki_sha256(key.public_key()) == leaf.spki_sha256:
        return []
    return [(where, f"{given.key_path} is not the key of {given.certificate_path}: give the one that belongs to it")]
