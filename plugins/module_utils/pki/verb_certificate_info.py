# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb ``certificate_info``: what certificates say, with days left and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Optional

from ..plan.errors import StoreError
from ..plan.verb import Outcome, Surroundings, Verb
from . import chain, facts
from .facts import CertificateFacts, stamp
from .libraries import UnsupportedAlgorithm, need_cryptography, x509
from .profiles import guess
from .rotation import PREVIOUS, RETIRED
from .succession import PROBE

ARGUMENTS: Mapping[str, Any] = {
    "path": {"type": "path"},
    "content": {"type": "str"},
    "fail_below": {"type": "int"},
}
CONSTRAINTS: Mapping[str, Any] = {"mutually_exclusive": [("path", "content")], "required_one_of": [("path", "content")]}
#: Folders of authorities that nobody trusts any more or soon, and of what lives as long as a rotation only.
_OF_THE_PAST = frozenset((PREVIOUS, RETIRED, PROBE.partition("/")[0]))
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Read one file or text, or every certificate below a folder."""
    need_cryptography("to read certificates")
    source = params.get("path") or "content"
    if params.get("path") and Path(source).is_dir():
        values = _folder(Path(source), surroundings.now)
    else:
        content = Path(source).read_bytes() if params.get("path") else str(params["content"]).encode()
        values = _one(content, source, surroundings.now)
    _check_left(values["certificates"], params.get("fail_below"), source)
    return Outcome(values=values)


def _check_left(told: Sequence[Mapping[str, Any]], least: Optional[int], source: str) -> None:
    """Raise StoreError, naming each, when something has fewer days left than ``least``."""
    short = [one for one in told if least is not None and one["days_left"] < least]
    if not short:
        return
    lines = [
        f"{one.get('path', source)}: {one['subject']} ends on {one['not_after']}, {one['days_left']} days are left"
        for one in sorted(short, key=lambda one: str(one["not_after"]))
    ]
    raise StoreError(f"{len(short)} certificates have fewer than {least} days left:\n  - " + "\n  - ".join(lines))


def _folder(folder: Path, now: datetime) -> dict[str, Any]:
    """Every certificate of every file; the one that ends first is told at the top."""
    told: list[dict[str, Any]] = []
    problems: list[str] = []
    for file in sorted(folder.rglob("*.crt")):
        if any(part.startswith(".") or part in _OF_THE_PAST for part in file.relative_to(folder).parts):
            continue
        found = _one(file.read_bytes(), str(file), now)
        told += [{"path": str(file), **one} for one in found["certificates"]]
        problems += [f"{file}: {sentence}" for sentence in found["problems"]]
    if not told:
        raise StoreError(f"{folder}: holds no certificate (*.crt)")
    first = min(told, key=lambda one: str(one["not_after"]))
    return {**first, "certificates": told, "chain_in_order": True, "problems": problems}


def _one(content: bytes, source: str, now: datetime) -> dict[str, Any]:
    """One file or text; the first certificate is also told at the top, as the one that matters."""
    found = _load(content, source)
    read = [facts.read(certificate) for certificate in found]
    told = [describe(one, now) for one in read]
    order = _order_problems(found)
    if b"PRIVATE KEY-----" in content:
        order.append("a private key lies in the same place: keep it in a file of its own, mode 0600")
    problems = [
        *told[0]["problems"],
        *(f"certificate {n}: {p}" for n, one in enumerate(told[1:], 2) for p in one["problems"]),
    ]
    values = {**told[0], "certificates": told, "chain_in_order": not _order_problems(found)}
    return {**values, "problems": [*problems, *order]}


def _load(content: bytes, source: str) -> list[x509.Certificate]:
    blocks = _PEM.findall(content)
    if len(blocks) != content.count(b"-----BEGIN CERTIFICATE-----"):
        raise StoreError(f"{source}: a certificate is cut off: there are more BEGIN lines than END lines")
    try:
        if blocks:
            return [x509.load_pem_x509_certificate(block) for block in blocks]
        if b"-----BEGIN" not in content and content[:1] == b"\x30":
            return [x509.load_der_x509_certificate(content)]
    except (ValueError, UnsupportedAlgorithm) as error:
        raise StoreError(f"{source}: a certificate is damaged: {error}") from error
    raise StoreError(f"{source}: holds no certificate: give a file or text in PEM form")


def _order_problems(found: Sequence[x509.Certificate]) -> list[str]:
    """A chain goes from the leaf up, each signed by the next (RFC 5246 7.4.2, RFC 8446 4.4.2); a root may be followed
    by another authority that peers trust as well."""
    return [
        f"certificate {number} is not signed by certificate {number + 1}: a chain goes from the leaf up"
        for number, (lower, upper) in enumerate(zip(found, found[1:]), 1)
        if not facts.signed_by(lower, upper) and not (chain.is_root(lower) and facts.read(upper).is_ca)
    ]


def describe(found: CertificateFacts, now: datetime) -> dict[str, Any]:
    """One certificate in results."""
    return {
        "subject": found.subject,
        "issuer": found.issuer,
        "common_name": found.common_name,
        "serial": found.serial,
        "not_before": stamp(found.not_before),
        "not_after": stamp(found.not_after),
        "days_left": found.days_left(now),
        "expired": now >= found.not_after,
        "key_type": found.key_type,
        "signature_hash": found.signature,
        "names": found.names.as_dict(),
        "is_authority": found.is_ca,
        "path_length": found.path_length,
        "self_signed": found.subject == found.issuer,
        "key_usages": _listed(found.key_usages),
        "extended_key_usages": _listed(found.usages),
        "profile": "authority" if found.is_ca else guess(found.usages or frozenset()),
        "subject_key_id": found.subject_key_id,
        "authority_key_id": found.authority_key_id,
        **found.pointers.as_dict(),
        "fingerprint_sha256": found.fingerprint_sha256,
        "spki_sha256": found.spki_sha256,
        "problems": problems_of(found, now),
    }


def problems_of(found: CertificateFacts, now: datetime) -> list[str]:
    """What a strict peer, or nats-server, would stumble over; a sentence each."""
    said: list[str] = []
    if now >= found.not_after:
        said.append(f"it expired on {stamp(found.not_after)}")
    if now < found.not_before:
        said.append(f"it is not valid before {stamp(found.not_before)}")
    if found.signature in ("md5", "sha1"):
        said.append(f"it is signed with {found.signature.upper()}, which peers refuse")
    if found.key_type.startswith("rsa-") and int(found.key_type[4:]) < 2048:
        said.append(f"its key {found.key_type} is too short: 2048 bits is the least")
    if found.authority_key_id is None and found.subject != found.issuer:
        said.append("it has no authorityKeyIdentifier, which strict verifiers want")
    return said + (_authority_problems(found) if found.is_ca else _leaf_problems(found))


def _authority_problems(found: CertificateFacts) -> list[str]:
    said = []
    if found.key_usages is None or "keyCertSign" not in found.key_usages:
        said.append("it is an authority without keyUsage keyCertSign, which strict verifiers refuse")
    if found.subject_key_id is None:
        said.append("it is an authority without subjectKeyIdentifier, which strict verifiers want")
    return said


def _leaf_problems(found: CertificateFacts) -> list[str]:
    said = []
    usages = found.usages or frozenset()
    if found.usages is None:
        said.append("it has no extendedKeyUsage: a route needs serverAuth and clientAuth, a client clientAuth")
    if not (found.names.dns or found.names.ip) and (found.usages is None or "serverAuth" in usages):
        said.append("it names no DNS name and no IP address (subjectAltName): clients refuse such a server")
    if found.key_usages is not None and "digitalSignature" not in found.key_usages:
        said.append("its keyUsage lacks digitalSignature, which TLS 1.3 needs")
    return said


def _listed(words: Optional[frozenset[str]]) -> Optional[list[str]]:
    return None if words is None else sorted(words)


VERB = Verb(name="certificate_info", argument_spec=ARGUMENTS, run=run, constraints=CONSTRAINTS)
