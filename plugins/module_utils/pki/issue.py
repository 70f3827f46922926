# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates built from keys, names, times and serials that are given; nothing here looks at a clock or a disk."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Optional, Union

from .constraints import Constraints, extension
from .libraries import ExtendedKeyUsageOID, NameOID, ec, ed25519, hashes, rsa, serialization, x509
from .names import Names
from .pointers import NOWHERE, Pointers, extensions
from .profiles import OCSP_SIGNING, SERVER_AUTH
from .wanted import Wanted

if TYPE_CHECKING:
    from .keys import PrivateKey

    PublicKey = Union[ec.EllipticCurvePublicKey, rsa.RSAPublicKey, ed25519.Ed25519PublicKey]

BACKDATED = timedelta(minutes=5)
"""How far a certificate begins in the past, for peers whose clocks are behind."""


@dataclass(frozen=True)
class Validity:
    """From and until when, UTC, whole seconds."""

    not_before: datetime
    not_after: datetime


def validity(days: int, now: datetime) -> Validity:
    """``days`` from ``now``, begun a little earlier."""
    moment = now.replace(microsecond=0)
    return Validity(moment - BACKDATED, moment + timedelta(days=days))


def new_serial(random: Callable[[int], bytes]) -> int:
    """159 random bits: positive and at most 20 octets (RFC 5280 4.1.2.2)."""
    serial = 0
    while serial == 0:
        serial = int.from_bytes(random(20), "big") >> 1
    return serial


@dataclass(frozen=True)
class Subject:
    """Who an authority is and how far it may go. path_length: how many authorities may follow it, None: any.

    pointers: where to ask about it, unless it is a root.
    """

    common_name: str
    organization: Optional[str] = None
    path_length: Optional[int] = 0
    constraints: Constraints = field(default_factory=Constraints)
    pointers: Pointers = NOWHERE


def root(key: PrivateKey, subject: Subject, valid: Validity, serial: int) -> Any:
    """A self-signed authority; passes X509_STRICT (RFC 5280 4.2.1.3, 4.2.1.9)."""
    name = _name(subject.common_name, subject.organization)
    return _authority(_begin(name, name, key.public_key(), valid, serial), subject).sign(key, hash_for(key))


def intermediate(
    public: PublicKey, subject: Subject, valid: Validity, serial: int, *, issuer: Any, issuer_key: PrivateKey
) -> Any:
    """An authority below another."""
    name = _name(subject.common_name, subject.organization)
    builder = _authority(_begin(name, issuer.subject, public, valid, serial), subject)
    builder = _pointing(builder, subject.pointers)
    return builder.add_extension(authority_key(issuer), critical=False).sign(issuer_key, hash_for(issuer_key))


def _authority(builder: Any, subject: Subject) -> Any:
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=subject.path_length), critical=True)
    builder = builder.add_extension(_key_usage(sign_certificates=True), critical=True)
    if subject.constraints:
        builder = builder.add_extension(extension(subject.constraints), critical=True)
    return builder


def authority_request(key: PrivateKey, subject: Subject) -> bytes:
    """A request (PKCS#10) of an authority, for whoever stands above it."""
    name = _name(subject.common_name, subject.organization)
    return _request(_authority(x509.CertificateSigningRequestBuilder(name), subject), key)


def leaf_request(key: PrivateKey, wanted: Wanted) -> bytes:
    """A request of a leaf certificate, with everything that it is to say."""
    builder = x509.CertificateSigningRequestBuilder(_name(wanted.common_name, wanted.organization))
    return _request(_leaf(builder, key.public_key(), wanted), key)


def _request(builder: Any, key: PrivateKey) -> bytes:
    text: bytes = builder.sign(key, hash_for(key)).public_bytes(serialization.Encoding.PEM)
    return text


def leaf(
    public: PublicKey, wanted: Wanted, valid: Validity, serial: int, *, issuer: Any, issuer_key: PrivateKey
) -> Any:
    """A certificate for ``public``, signed by ``issuer``'s key."""
    name = _name(wanted.common_name, wanted.organization)
    builder = _pointing(_leaf(_begin(name, issuer.subject, public, valid, serial), public, wanted), wanted.pointers)
    return builder.add_extension(authority_key(issuer), critical=False).sign(issuer_key, hash_for(issuer_key))


def _leaf(builder: Any, public: Any, wanted: Wanted) -> Any:
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    encipher = isinstance(public, rsa.RSAPublicKey)
    builder = builder.add_extension(_key_usage(encipher=encipher), critical=True)
    usages = [_usage(word) for word in sorted(wanted.profile.usages, reverse=True)]
    builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    if OCSP_SIGNING in wanted.profile.usages:
        # Who asks about the responder itself would ask the responder (RFC 6960 4.2.2.2.1).
        builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
    if wanted.names:
        builder = builder.add_extension(x509.SubjectAlternativeName(_general_names(wanted.names)), critical=False)
    return builder


def _pointing(builder: Any, pointers: Pointers) -> Any:
    for one in extensions(pointers):
        builder = builder.add_extension(one, critical=False)
    return builder


def pem(certificate: Any) -> bytes:
    """The PEM text of a certificate."""
    text: bytes = certificate.public_bytes(serialization.Encoding.PEM)
    return text


def _begin(subject: Any, issuer: Any, public: PublicKey, valid: Validity, serial: int) -> Any:
    builder = x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=public, serial_number=serial)
    builder = builder.not_valid_before(valid.not_before).not_valid_after(valid.not_after)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)


def authority_key(issuer: Any) -> x509.AuthorityKeyIdentifier:
    try:
        known = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(known)


def _name(common_name: str, organization: Optional[str]) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)] if organization else []
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _key_usage(sign_certificates: bool = False, encipher: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates,
        content_commitment=False,
        key_encipherment=encipher,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _usage(word: str) -> x509.ObjectIdentifier:
    words = {SERVER_AUTH: ExtendedKeyUsageOID.SERVER_AUTH, OCSP_SIGNING: ExtendedKeyUsageOID.OCSP_SIGNING}
    return words.get(word, ExtendedKeyUsageOID.CLIENT_AUTH)


def _general_names(names: Names) -> Sequence[x509.GeneralName]:
    return [
        *(x509.DNSName(name) for name in names.dns),
        *(x509.IPAddress(ipaddress.ip_address(name)) for name in names.ip),
        *(x509.RFC822Name(name) for name in names.email),
        *(x509.UniformResourceIdentifier(name) for name in names.uri),
    ]


def hash_for(key: PrivateKey) -> Optional[Union[hashes.SHA256, hashes.SHA384]]:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return None
    wide = isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.key_size > 256
    return hashes.SHA384() if wide else hashes.SHA256()
