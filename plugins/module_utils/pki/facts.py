# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a certificate says, as plain values: read once, compared, planned with and reported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Optional, TypeVar

from ..plan.errors import StoreError
from .keys import spki_sha256, type_of
from .libraries import ExtendedKeyUsageOID, InvalidSignature, NameOID, ec, ed25519, hashes, padding, rsa, x509
from .names import Names
from .pointers import NOWHERE, Pointers, pointers_of
from .profiles import CLIENT_AUTH, OCSP_SIGNING, SERVER_AUTH

if TYPE_CHECKING:
    Extension = TypeVar("Extension", bound=x509.ExtensionType)

_KEY_USAGES = (
    ("digital_signature", "digitalSignature"),
    ("content_commitment", "nonRepudiation"),
    ("key_encipherment", "keyEncipherment"),
    ("data_encipherment", "dataEncipherment"),
    ("key_agreement", "keyAgreement"),
    ("key_cert_sign", "keyCertSign"),
    ("crl_sign", "cRLSign"),
)


@dataclass(frozen=True)
class CertificateFacts:
    """One certificate. Times are UTC; identifiers, digests and the serial are hex; absent extensions are None."""

    subject: str
    issuer: str
    common_name: Optional[str]
    organization: Optional[str]
    serial: str
    not_before: datetime
    not_after: datetime
    key_type: str
    signature: str
    names: Names
    is_ca: bool
    path_length: Optional[int]
    key_usages: Optional[frozenset[str]]
    usages: Optional[frozenset[str]]
    subject_key_id: Optional[str]
    authority_key_id: Optional[str]
    fingerprint_sha256: str
    spki_sha256: str
    pointers: Pointers = NOWHERE

    @property
    def lifetime(self) -> timedelta:
        return self.not_after - self.not_before

    def days_left(self, now: datetime) -> int:
        """Whole days until the end, negative once it is past."""
        return (self.not_after - now) // timedelta(days=1)


def load(content: bytes, path: str) -> x509.Certificate:
    """The first certificate of a PEM file. Raises StoreError naming ``path``."""
    if b"-----BEGIN CERTIFICATE-----" not in content:
        raise StoreError(f"{path}: is not a certificate in PEM form")
    try:
        return x509.load_pem_x509_certificate(content)
    except ValueError as error:
        raise StoreError(f"{path}: the certificate is damaged or cut off: put the file back from a backup") from error


def read(certificate: x509.Certificate) -> CertificateFacts:
    """The facts of a certificate."""
    constraints = _extension(certificate, x509.BasicConstraints)
    usage = _extension(certificate, x509.KeyUsage)
    extended = _extension(certificate, x509.ExtendedKeyUsage)
    subject_key = _extension(certificate, x509.SubjectKeyIdentifier)
    authority_key = _extension(certificate, x509.AuthorityKeyIdentifier)
    public = certificate.public_key()
    return CertificateFacts(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        common_name=_attribute(certificate.subject, NameOID.COMMON_NAME),
        organization=_attribute(certificate.subject, NameOID.ORGANIZATION_NAME),
        serial=serial_text(certificate.serial_number),
        not_before=utc(certificate, "not_valid_before"),
        not_after=utc(certificate, "not_valid_after"),
        key_type=type_of(public),
        signature=_signature(certificate),
        names=names_of(_extension(certificate, x509.SubjectAlternativeName)),
        is_ca=bool(constraints and constraints.ca),
        path_length=constraints.path_length if constraints else None,
        key_usages=frozenset(word for field, word in _KEY_USAGES if getattr(usage, field)) if usage else None,
        usages=_usages(extended),
        subject_key_id=subject_key.digest.hex() if subject_key else None,
        authority_key_id=authority_key.key_identifier.hex() if authority_key and authority_key.key_identifier else None,
        fingerprint_sha256=certificate.fingerprint(hashes.SHA256()).hex(),
        spki_sha256=spki_sha256(public),
        pointers=pointers_of(
            _extension(certificate, x509.AuthorityInformationAccess),
            _extension(certificate, x509.CRLDistributionPoints),
            _extension(certificate, x509.TLSFeature),
        ),
    )


def names_of(alternative: Optional[x509.SubjectAlternativeName]) -> Names:
    """The names of a subjectAltName extension; kinds that NATS does not use are passed over."""
    if alternative is None:
        return Names()
    return Names(
        dns=tuple(name.lower() for name in alternative.get_values_for_type(x509.DNSName)),
        ip=tuple(str(address) for address in alternative.get_values_for_type(x509.IPAddress)),
        email=tuple(alternative.get_values_for_type(x509.RFC822Name)),
        uri=tuple(alternative.get_values_for_type(x509.UniformResourceIdentifier)),
    )


def signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether ``issuer``'s name and key are those behind ``certificate``'s issuer name and signature."""
    if certificate.issuer != issuer.subject or certificate.signature_hash_algorithm is None:
        hashless = isinstance(issuer.public_key(), ed25519.Ed25519PublicKey)
        if certificate.issuer != issuer.subject or not hashless:
            return False
    public, hash_algorithm = issuer.public_key(), certificate.signature_hash_algorithm
    content = (certificate.signature, certificate.tbs_certificate_bytes)
    try:
        if isinstance(public, ec.EllipticCurvePublicKey) and hash_algorithm is not None:
            public.verify(*content, ec.ECDSA(hash_algorithm))
        elif isinstance(public, rsa.RSAPublicKey) and hash_algorithm is not None:
            public.verify(*content, padding.PKCS1v15(), hash_algorithm)
        elif isinstance(public, ed25519.Ed25519PublicKey):
            public.verify(*content)
        else:
            return False
    except InvalidSignature:
        return False
    return True


def serial_text(serial: int) -> str:
    """A serial as ``openssl x509 -serial`` writes it."""
    text = f"{serial:X}"
    return text if len(text) % 2 == 0 else f"0{text}"


def stamp(moment: datetime) -> str:
    """A time as results and messages write it: ``2027-03-01T12:00:00Z``."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _extension(certificate: x509.Certificate, kind: type[Extension]) -> Optional[Extension]:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _attribute(name: x509.Name, oid: Any) -> Optional[str]:
    found = name.get_attributes_for_oid(oid)
    return str(found[0].value) if found else None


def _usages(extended: Optional[x509.ExtendedKeyUsage]) -> Optional[frozenset[str]]:
    if extended is None:
        return None
    words = {ExtendedKeyUsageOID.SERVER_AUTH: SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH: CLIENT_AUTH}
    words[ExtendedKeyUsageOID.OCSP_SIGNING] = OCSP_SIGNING
    return frozenset(words.get(oid, oid.dotted_string) for oid in extended)


def _signature(certificate: x509.Certificate) -> str:
    algorithm = certificate.signature_hash_algorithm
    return algorithm.name if algorithm is not None else "ed25519"


def utc(found: Any, field: str) -> datetime:
    """A time of a certificate or of a list. Before version 42 cryptography tells times without a zone only."""
    aware: Optional[datetime] = getattr(found, f"{field}_utc", None)
    naive: datetime = aware if aware is not None else getattr(found, field)
    return naive if naive.tzinfo is not None else naive.replace(tzinfo=timezone.utc)
