# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What certificate requests (RFC 2986) and certificates (RFC 5280) say, read from their DER with nothing but Python.

For looking only: signatures are verified where there is a library for it, on the controller.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone

_SEQUENCE, _OID, _OCTETS = 0x30, 0x06, 0x04
_CONTEXT_0, _DNS, _IP = 0xA0, 0x82, 0x87
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18
_EXTENSION_REQUEST = bytes.fromhex("2a864886f70d01090e")
_ALTERNATIVE_NAME = bytes.fromhex("551d11")
_RSA = bytes.fromhex("2a864886f70d010101")
_EC = bytes.fromhex("2a8648ce3d0201")
_CURVES = {bytes.fromhex("2a8648ce3d030107"): "ecdsa-p256", bytes.fromhex("2b81040022"): "ecdsa-p384"}
_ED25519 = bytes.fromhex("2b6570")


@dataclass(frozen=True)
class RequestFacts:
    """A request. digest: SHA-256 of its SubjectPublicKeyInfo in hex; names in lower case, addresses in short form."""

    digest: str
    key_type: str
    dns: tuple[str, ...] = ()
    ip: tuple[str, ...] = ()


@dataclass(frozen=True)
class CertificateFacts:
    """A certificate. digest: as of a request; serial: as openssl writes it; not_after: UTC."""

    digest: str
    serial: str
    not_after: datetime


@dataclass(frozen=True)
class _Element:
    tag: int
    content: bytes
    whole: bytes


def read_request(text: str) -> RequestFacts:
    """The facts of a request in PEM form. Raises ValueError for what is none."""
    info = _children(_children(_one(_der(text, "CERTIFICATE REQUEST")))[0])
    public = info[2]
    dns, ip = [], []
    for attribute in _elements(info[3].content) if len(info) > 3 and info[3].tag == _CONTEXT_0 else []:
        kind, values = _children(attribute)[:2]
        if kind.content == _EXTENSION_REQUEST:
            for name in _alternative_names(_children(values)[0]):
                if name.tag == _DNS:
                    dns.append(name.content.decode("ascii").lower())
                elif name.tag == _IP:
                    ip.append(str(ipaddress.ip_address(name.content)))
    return RequestFacts(_digest(public), _key_type(public), tuple(dns), tuple(ip))


def read_certificate(text: str) -> CertificateFacts:
    """The facts of the first certificate of a PEM text. Raises ValueError when there is none."""
    fields = [field for field in _children(_children(_one(_der(text, "CERTIFICATE")))[0]) if field.tag != _CONTEXT_0]
    serial, _signature, _issuer, validity, _subject, public = fields[:6]
    number = int.from_bytes(serial.content, "big")
    text_of_serial = f"{number:X}"
    return CertificateFacts(
        digest=_digest(public),
        serial=text_of_serial if len(text_of_serial) % 2 == 0 else f"0{text_of_serial}",
        not_after=_time(_children(validity)[1]),
    )


def _der(text: str, label: str) -> bytes:
    found = re.search(f"-----BEGIN {label}-----([A-Za-z0-9+/=\\s]*)-----END {label}-----", text)
    if found is None:
        raise ValueError(f"there is no {label.lower()} in PEM form")
    try:
        return base64.b64decode("".join(found.group(1).split()), validate=True)
    except binascii.Error as error:
        raise ValueError(f"the {label.lower()} is damaged") from error


def _elements(content: bytes) -> Iterator[_Element]:
    place = 0
    while place < len(content):
        head = content[place : place + 2]
        if len(head) < 2 or head[1] == 0x80 or head[1] > 0x84:
            raise ValueError("it is cut off or not DER")
        size, start = head[1], place + 2
        if size > 0x80:
            start += size - 0x80
            size = int.from_bytes(content[place + 2 : start], "big")
        end = start + size
        if end > len(content):
            raise ValueError("it is cut off")
        yield _Element(head[0], content[start:end], content[place:end])
        place = end


def _one(content: bytes) -> _Element:
    found = list(_elements(content))
    if len(found) != 1 or found[0].tag != _SEQUENCE:
        raise ValueError("it is not one DER sequence")
    return found[0]


def _children(element: _Element) -> list[_Element]:
    found = list(_elements(element.content))
    if not found:
        raise ValueError("a part of it is empty")
    return found


def _alternative_names(extensions: _Element) -> list[_Element]:
    for extension in _children(extensions):
        parts = _children(extension)
        if parts[0].content == _ALTERNATIVE_NAME and parts[-1].tag == _OCTETS:
            return _children(_one(parts[-1].content))
    return []


def _digest(public: _Element) -> str:
    return hashlib.sha256(public.whole).hexdigest()


def _key_type(public: _Element) -> str:
    algorithm, bits = _children(public)[:2]
    parts = _children(algorithm)
    if parts[0].content == _EC and len(parts) > 1 and parts[1].tag == _OID:
        return _CURVES.get(parts[1].content, "unknown")
    if parts[0].content == _RSA:
        modulus = _children(_one(bits.content[1:]))[0]
        return f"rsa-{int.from_bytes(modulus.content, 'big').bit_length()}"
    return "ed25519" if parts[0].content == _ED25519 else "unknown"


def _time(element: _Element) -> datetime:
    text = element.content.decode("ascii")
    if element.tag == _UTC_TIME:
        # RFC 5280 4.1.2.5.1: two digits, from 50 on of the last century.
        text = ("19" if text[:2] >= "50" else "20") + text
    elif element.tag != _GENERALIZED_TIME:
        raise ValueError("its time is not one")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=timezone.utc)
