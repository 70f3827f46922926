# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of what is revoked (CRL, RFC 5280 5) and the index that ``openssl ocsp`` answers from; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any, Optional

from ..plan.changes import FileChange
from ..plan.errors import StoreError
from .facts import serial_text, stamp, utc
from .issue import BACKDATED, authority_key, hash_for
from .libraries import serialization, x509
from .revocation import REASONS, Ledger, Revoked
from .store import Authority

#: How long what has ended stays in the list (RFC 5280 5.1: at least one list long).
_KEPT = timedelta(days=90)


@dataclass(frozen=True)
class Listed:
    """What a list says."""

    number: int
    last_update: datetime
    next_update: datetime
    revoked: Mapping[str, Revoked]


def files(authority: str) -> tuple[str, str]:
    """Relative paths of the list and of the index."""
    return f"{authority}.crl", f"{authority}.index.txt"


def public_files(authority: str) -> tuple[str, str]:
    """Relative paths of what a web server hands out: the list and the authority's certificate."""
    return f"public/{authority}.crl", f"public/{authority}.crt"


def public(authority: Authority, text: bytes) -> tuple[FileChange, FileChange]:
    """List and certificate in DER form, as those want it who follow a URL (RFC 5280 4.2.1.13, 4.2.2.1).

    text: the list, PEM; empty where it is still to be made.
    """
    binary = serialization.Encoding.DER
    listed = x509.load_pem_x509_crl(text).public_bytes(binary) if text else b""
    certificate = authority.certificate.public_bytes(binary)
    contents = zip(public_files(authority.name), (listed, certificate))
    crl, crt = (FileChange(path, content, mode=0o644) for path, content in contents)
    return crl, crt


def read(content: bytes, path: str, authority: Authority) -> Listed:
    """The list of a PEM file. Raises StoreError when it is damaged or another authority's."""
    try:
        found = x509.load_pem_x509_crl(content)
        number = found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
        signed = found.is_signature_valid(authority.certificate.public_key())
    except (ValueError, TypeError, x509.ExtensionNotFound) as error:
        raise StoreError(f"{path}: the list is damaged") from error
    if not signed or found.issuer != authority.certificate.subject:
        raise StoreError(f"{path}: another authority signed it")
    return Listed(
        number=number,
        last_update=utc(found, "last_update"),
        next_update=utc(found, "next_update"),
        revoked={
            serial_text(one.serial_number): Revoked("", _reason(one), stamp(utc(one, "revocation_date")), "")
            for one in found
        },
    )


def due(listed: Listed, ledger: Ledger, renew_before: Optional[timedelta], now: datetime) -> list[str]:
    """Why the list has to be made anew; a sentence each. Raises StoreError when a clock is wrong."""
    if listed.last_update > now + BACKDATED:
        raise StoreError(
            f"the list of {stamp(listed.last_update)} is from the future, the clock here says {stamp(now)}: set the "
            "clock right; nothing was changed"
        )
    opens = listed.next_update - (renew_before or (listed.next_update - listed.last_update) / 3)
    missing = [serial for serial in _kept(ledger, now) if serial not in listed.revoked]
    said = [f"{len(missing)} certificates are to be added"] if missing else []
    if now >= opens:
        said.append(f"its window opened on {stamp(opens)}, it is good until {stamp(listed.next_update)}")
    return said


def joined(ledger: Ledger, listed: Listed) -> Ledger:
    """The ledger, with what only the list knows: what was published once is not taken back, nor counted again."""
    return replace(ledger, number=max(ledger.number, listed.number), revoked={**listed.revoked, **ledger.revoked})


def build(authority: Authority, ledger: Ledger, days: int, now: datetime) -> bytes:
    """The list, PEM, with the ledger's number."""
    moment = now.replace(microsecond=0)
    builder = x509.CertificateRevocationListBuilder().issuer_name(authority.certificate.subject)
    builder = builder.last_update(moment - BACKDATED).next_update(moment + timedelta(days=days))
    builder = builder.add_extension(authority_key(authority.certificate), critical=False)
    builder = builder.add_extension(x509.CRLNumber(ledger.number), critical=False)
    for serial, found in sorted(_kept(ledger, now).items()):
        builder = builder.add_revoked_certificate(_entry(serial, found))
    made = builder.sign(authority.key, hash_for(authority.key))
    text: bytes = made.public_bytes(serialization.Encoding.PEM)
    return text


def index(authority: str, record: Mapping[str, Mapping[str, str]], ledger: Ledger) -> FileChange:
    """The index file: a line to each certificate, V or R (openssl-ca(1), openssl-ocsp(1)).

    Names are told with their serials: the program wants each of them once.
    """
    known = {serial: (of["name"], of["not_after"]) for serial, of in record.items()}
    known.update((serial, (one.name, one.not_after)) for serial, one in ledger.revoked.items() if serial not in known)
    lines = []
    for serial, (name, not_after) in sorted(known.items()):
        revoked = ledger.revoked.get(serial)
        state, since = ("V", "") if revoked is None else ("R", f"{_short(revoked.at)},{REASONS[revoked.reason]}")
        subject = f"/CN={name.replace('/', '.') or 'unknown'}/serialNumber={serial}"
        lines.append("\t".join((state, _short(not_after or "9999-12-31T23:59:59Z"), since, serial, "unknown", subject)))
    return FileChange(files(authority)[1], "".join(f"{line}\n" for line in lines).encode(), mode=0o644)


def _kept(ledger: Ledger, now: datetime) -> dict[str, Revoked]:
    ended = stamp(now - _KEPT)
    return {serial: one for serial, one in ledger.revoked.items() if not one.not_after or one.not_after > ended}


def _entry(serial: str, found: Revoked) -> Any:
    at = datetime.strptime(found.at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    builder = x509.RevokedCertificateBuilder(int(serial, 16), at)
    if found.reason != "unspecified":
        # RFC 5280 5.3.1: a reason that says nothing is left out.
        builder = builder.add_extension(x509.CRLReason(x509.ReasonFlags[found.reason]), critical=False)
    return builder.build()


def _reason(entry: Any) -> str:
    try:
        flag = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return "unspecified"
    return str(flag.name)


def _short(moment: str) -> str:
    """``2026-11-23T12:00:00Z`` as UTCTime or, from 2050 on, GeneralizedTime writes it."""
    digits = moment.translate({ord(letter): None for letter in "-:T"})
    return digits if moment[:4] >= "2050" else digits[2:]
