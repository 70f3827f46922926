# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificates that an audit looks at, and the one that it shows to see whether it is refused."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Optional

from ..pki import chain, facts, libraries
from ..pki.libraries import ExtendedKeyUsageOID, NameOID, ec, hashes, serialization, x509
from ..pki.profiles import SERVER_AUTH
from ..plan.errors import NatsError
from ..plan.folder import Folder


def described(certificate: bytes) -> dict[str, object]:
    """serial (hexadecimal, upper case) and the moment when a certificate in DER ends; names: those that it is for;
    dials: whether a server may show it where it is the client itself. None: its extensions can't be read."""
    found = x509.load_der_x509_certificate(certificate)
    # not_valid_after_utc came with cryptography 42.
    after = getattr(found, "not_valid_after_utc", None) or found.not_valid_after.replace(tzinfo=timezone.utc)
    return {"serial": f"{found.serial_number:X}", "ends": after, **_extensions(found)}


def _extensions(found: x509.Certificate) -> dict[str, object]:
    try:
        extensions = found.extensions
    except ValueError:
        return {"names": None, "dials": None}
    names: list[str] = []
    dials = True
    for extension in extensions:
        if isinstance(extension.value, x509.SubjectAlternativeName):
            names = [str(name.value) for name in extension.value if isinstance(name, (x509.DNSName, x509.IPAddress))]
        elif isinstance(extension.value, x509.ExtendedKeyUsage):
            both = (ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)
            dials = any(usage in extension.value for usage in both)
    return {"names": names, "dials": dials}


def for_servers_alone(folder: Folder, authorities: Optional[bytes], now: datetime) -> tuple[Optional[bytes], str]:
    """A certificate of these authorities that its holder may not show as a client, with its key (PEM), or why there is
    none at hand. folder: where the deploy keeps what it has issued."""
    why = "none is at hand"
    known = chain.load_all(authorities, "ca") if authorities else []
    for path in folder.names(".crt"):
        try:
            shown = folder.read(path) or b""
            first, *above = chain.load_all(shown, path)
            found = facts.read(first)
            is_ours = any(one in known for one in chain.climb(first, [*above, *known])[1:])
            if found.usages != frozenset({SERVER_AUTH}) or not is_ours or not found.not_before <= now < found.not_after:
                continue
            key = folder.read(f"{path[:-4]}.key")
        except NatsError as error:
            why = str(error)
            continue
        if key is not None:
            return shown + key, ""
    return None, why


def stranger(now: datetime) -> bytes:
    """A client certificate that nobody has signed but its own key, with that key: PEM. It is forgotten afterwards."""
    libraries.need_cryptography("to make a certificate that has to be refused")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "aegis.nats audit: to be refused")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(pem) + private
