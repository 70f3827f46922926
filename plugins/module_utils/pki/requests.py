# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificate requests (PKCS#10, RFC 2986): the key is taken from them, the names are not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional

from ..plan.problems import Problems
from . import facts, keys
from .libraries import UnsupportedAlgorithm, ec, ed25519, rsa, x509
from .names import Names


@dataclass(frozen=True)
class Request:
    """A request that proved to hold the private key of ``public``."""

    public: Any = field(repr=False)
    key_type: str
    spki_sha256: str
    names: Names
    text: str = field(default="", repr=False)

    @property
    def pending(self) -> bool:
        """Whether it is still to be made; known in check mode only."""
        return self.public is None


def pending_request(raw: object) -> Optional[Request]:
    """``pending`` stands for a request whose key is still to be made, ``pending:DIGEST`` for one of a known key."""
    if not isinstance(raw, str) or not raw.startswith("pending"):
        return None
    return Request(public=None, key_type="", spki_sha256=raw.partition(":")[2], names=Names())


def parse_request(raw: object, problems: Problems, path: str) -> Optional[Request]:
    """The request of a PEM text; None when there is none, or with a problem when it can't be used."""
    if raw is None or raw == "":
        return None
    if not isinstance(raw, str) or "CERTIFICATE REQUEST-----" not in raw:
        problems.add(path, "is not a certificate request in PEM form (-----BEGIN CERTIFICATE REQUEST-----)")
        return None
    try:
        request = x509.load_pem_x509_csr(raw.encode())
        public = request.public_key()
        proven = request.is_signature_valid
        alternative = _alternative(request)
    except (ValueError, UnsupportedAlgorithm):
        problems.add(path, "the certificate request is damaged or cut off: make it anew on its host")
        return None
    if not proven:
        problems.add(path, "the request's signature is not made by its own key: make it anew on its host")
        return None
    weak = isinstance(public, rsa.RSAPublicKey) and public.key_size < 2048
    usable = (ec.EllipticCurvePublicKey, rsa.RSAPublicKey, ed25519.Ed25519PublicKey)
    key_type = keys.type_of(public)
    if weak or not isinstance(public, usable):
        problems.add(
            path, f"the request's key ({key_type}) is not taken: use ECDSA, Ed25519 or RSA of 2048 bits or more"
        )
        return None
    return Request(public=public, key_type=key_type, spki_sha256=keys.spki_sha256(public), names=alternative, text=raw)


def check_names(request: Request, names: Names, problems: Problems, path: str) -> None:
    """A request that asks for names beyond those of its entry is a problem: it may be another host's."""
    for kind, asked in request.names.kinds():
        extra = [name for name in asked if name not in getattr(names, kind)]
        if extra:
            problems.add(
                path,
                f"the request asks for {kind} {', '.join(extra)}, which this entry does not name: is it another's?",
            )


def _alternative(request: x509.CertificateSigningRequest) -> Names:
    try:
        found = request.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return Names()
    return facts.names_of(found.value)
