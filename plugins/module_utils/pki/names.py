# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names that a certificate speaks for: subject alternative names (RFC 5280 4.2.1.6), read strictly."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Callable
from urllib.parse import urlsplit

from ..plan.problems import Problems, join

_LABEL = re.compile(r"^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\Z")
_MAILBOX = re.compile(r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}\Z")
KINDS = ("dns", "ip", "email", "uri")


@dataclass(frozen=True)
class Names:
    """Alternative names by kind, each in its normal form, in the order given, without doubles."""

    dns: tuple[str, ...] = ()
    ip: tuple[str, ...] = ()
    email: tuple[str, ...] = ()
    uri: tuple[str, ...] = ()

    def kinds(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """``("dns", (...))`` and so on, in a fixed order."""
        return ((kind, getattr(self, kind)) for kind in KINDS)

    def __bool__(self) -> bool:
        return any(getattr(self, kind) for kind in KINDS)

    def shown(self) -> dict[str, list[str]]:
        """For diffs: the kinds that there are."""
        return {kind: list(values) for kind, values in self.kinds() if values}

    def as_dict(self) -> dict[str, list[str]]:
        """For results and diffs."""
        return {kind: list(values) for kind, values in self.kinds()}


def dns_name(text: str) -> str:
    """A host name in lower case; ``*.`` may lead it. Underscores pass, as in Go. Raises ValueError with a sentence."""
    name = text.lower()
    if not name.isascii():
        try:
            encoded = name.encode("idna").decode()
        except UnicodeError as error:
            raise ValueError(f"{text!r} has letters outside ASCII and no IDNA form: {error}") from error
        raise ValueError(f"{text!r} has letters outside ASCII: write its IDNA form {encoded!r}")
    if _is_address(name.strip("[]")):
        raise ValueError(f"{text!r} is an IP address: put it under ip")
    if "://" in name:
        raise ValueError(f"{text!r} is a URL: write the host name alone")
    if re.search(r":\d+\Z", name):
        raise ValueError(f"{text!r} carries a port: write the host name alone")
    if name.endswith("."):
        raise ValueError(f"{text!r} ends in a dot: certificates name hosts without it, write {name.rstrip('.')!r}")
    labels = name.split(".")
    if labels[0] == "*" and len(labels) > 1:
        labels = labels[1:]
    if "*" in "".join(labels):
        raise ValueError(f"{text!r}: a wildcard stands alone as the first label of two or more, as in '*.example.com'")
    wrong = next((label for label in labels if not _LABEL.match(label)), None)
    if wrong is not None or len(name) > 253:
        fault = f"the label {wrong!r}" if wrong is not None else f"its length of {len(name)}"
        raise ValueError(
            f"{text!r} is not a host name ({fault}): letters, digits and hyphens, at most 63 to a label and 253 in all"
        )
    return name


def ip_address(text: str) -> str:
    """An IPv4 or IPv6 address in its shortest form. Raises ValueError with a sentence."""
    if "/" in text:
        raise ValueError(f"{text!r} is a network: write one address, without the prefix length")
    if "%" in text:
        raise ValueError(f"{text!r} has a zone: a certificate can't name one, write {text.split('%', 1)[0]!r}")
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        hint = "put host names under dns" if re.search("[g-zG-Z]", text) else "write it as 192.0.2.7 or 2001:db8::7"
        raise ValueError(f"{text!r} is not an IP address: {hint}") from None


def email(text: str) -> str:
    """A mail address, its domain in lower case. Raises ValueError with a sentence."""
    local, at, domain = text.rpartition("@")
    if not at or not _MAILBOX.match(local):
        raise ValueError(f"{text!r} is not a mail address: write it as name@example.com, in ASCII")
    return f"{local}@{dns_name(domain)}"


def uri(text: str) -> str:
    """An absolute URI such as spiffe://example.com/nats. Raises ValueError with a sentence."""
    parts = urlsplit(text) if text.isascii() and not re.search(r"[\s\x00-\x1f]", text) else None
    if parts is None or not re.match(r"^[A-Za-z][A-Za-z0-9+.-]*\Z", parts.scheme) or not (parts.netloc or parts.path):
        raise ValueError(f"{text!r} is not an absolute URI: write it as spiffe://example.com/nats, in ASCII")
    return text


_READERS: Mapping[str, Callable[[str], str]] = {"dns": dns_name, "ip": ip_address, "email": email, "uri": uri}


def parse_names(raw: Mapping[str, object], problems: Problems, path: str) -> Names:
    """The names of one entry (its keys dns, ip, email, uri); what is wrong goes to ``problems``, below ``path``."""
    return Names(**{kind: read_list(raw.get(kind), _reader(kind), problems, join(path, kind)) for kind in KINDS})


def _reader(kind: str) -> Callable[[str], str]:
    return lambda text: _READERS[kind](text.strip())


def read_list(raw: object, read: Callable[[str], str], problems: Problems, path: str) -> tuple[str, ...]:
    """A list of texts, each as ``read`` has it, without doubles. read: raises ValueError with a sentence."""
    if raw is None:
        return ()
    if isinstance(raw, (str, bytes)) or not isinstance(raw, Sequence):
        problems.add(path, f"must be a list: write [{raw}]")
        return ()
    found: list[str] = []
    for number, item in enumerate(raw):
        if not isinstance(item, str) or not item.strip():
            problems.add(f"{path}[{number}]", f"{item!r} is not a name: write a text, or leave it out")
            continue
        try:
            found.append(read(item))
        except ValueError as error:
            problems.add(f"{path}[{number}]", str(error))
    return tuple(dict.fromkeys(found))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
