# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chains: from a certificate up to the authority that peers trust, and what strict verifiers refuse on the way."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from ..plan.errors import StoreError
from . import facts
from .constraints import breaches, constraints_of
from .facts import CertificateFacts, stamp
from .libraries import UnsupportedAlgorithm, x509

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_ANY_USAGE = "2.5.29.37.0"


def load_all(content: bytes, path: str) -> list[x509.Certificate]:
    """Every certificate of a PEM file, at least one. Raises StoreError naming ``path``."""
    blocks = _PEM.findall(content)
    if len(blocks) != content.count(b"-----BEGIN CERTIFICATE-----"):
        raise StoreError(f"{path}: the certificate is damaged or cut off: there are more BEGIN lines than END lines")
    if not blocks:
        raise StoreError(f"{path}: is not a certificate in PEM form")
    try:
        return [x509.load_pem_x509_certificate(block) for block in blocks]
    except (ValueError, UnsupportedAlgorithm) as error:
        raise StoreError(f"{path}: a certificate is damaged: {error}") from error


def is_root(certificate: x509.Certificate) -> bool:
    """Whether it is self-signed, so that nothing stands above it."""
    return certificate.issuer == certificate.subject and facts.signed_by(certificate, certificate)


def climb(first: x509.Certificate, known: Iterable[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """``first`` and, of those ``known``, who signed it, who signed that, and so on; as far as they go."""
    rest = list(known)
    path = [first]
    while not is_root(path[-1]):
        above = next((one for one in rest if one not in path and facts.signed_by(path[-1], one)), None)
        if above is None:
            break
        path.append(above)
    return tuple(path)


def served(path: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """What a peer has to send: everything below the root, which the other side has."""
    return tuple(one for one in path if not is_root(one))


def path_faults(path: Sequence[x509.Certificate], now: datetime, usages: Collection[str] = ()) -> list[str]:
    """Why strict verifiers (RFC 5280 6.1, X509_STRICT, Go) would refuse ``path``; a sentence each.

    path: from the certificate in question up to the one that is trusted. usages: what the first must be good for.
    """
    told = [facts.read(one) for one in path]
    said = [
        f"{_called(lower)} is not signed by {_called(upper)}"
        for lower, upper, one, other in zip(told, told[1:], path, path[1:])
        if not facts.signed_by(one, other)
    ]
    for found in told:
        said += _of_time(found, now)
    for depth, found in enumerate(told[1:]):
        said += _as_issuer(found, depth, usages)
    for found, one in zip(told[1:], path[1:]):
        said += [
            f"{breach.sentence} by {_called(found)}"
            for breach in breaches(constraints_of(one), told[0].names, None if told[0].is_ca else told[0].common_name)
        ]
    return said


def _as_issuer(found: CertificateFacts, below: int, usages: Collection[str]) -> list[str]:
    """below: how many authorities stand between it and the certificate in question."""
    said = authority_faults(found)
    if found.path_length is not None and below > found.path_length:
        said.append(f"{_called(found)} lets {found.path_length} authorities follow it, and {below} do")
    lacking = [word for word in sorted(usages) if found.usages is not None and word not in found.usages]
    if lacking and found.usages is not None and _ANY_USAGE not in found.usages:
        said.append(f"{_called(found)} certifies for {', '.join(sorted(found.usages))} only, not {', '.join(lacking)}")
    return said


def authority_faults(found: CertificateFacts, called: str = "") -> list[str]:
    """Why a certificate can't be that of an authority, its dates aside. called: in the sentences; else its subject."""
    said, name = [], called or _called(found)
    if not found.is_ca:
        said.append(f"{name} is not an authority (basicConstraints without CA:TRUE)")
    if found.key_usages is None or "keyCertSign" not in found.key_usages:
        said.append(f"{name} must not sign certificates (keyUsage without keyCertSign)")
    return said


def _of_time(found: CertificateFacts, now: datetime) -> list[str]:
    if now >= found.not_after:
        return [f"{_called(found)} expired on {stamp(found.not_after)}"]
    if now < found.not_before:
        return [f"{_called(found)} is not valid before {stamp(found.not_before)}, the clock here says {stamp(now)}"]
    return []


def _called(found: CertificateFacts) -> str:
    return found.subject or f"serial {found.serial}"
