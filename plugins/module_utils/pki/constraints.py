# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Name constraints (RFC 5280 4.2.1.10): what an authority lets be named, and which names go beyond it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable, Optional
from urllib.parse import urlsplit

from ..plan.problems import Problems
from .libraries import x509
from .names import Names, dns_name, read_list

KINDS = ("dns", "ip", "email")


@dataclass(frozen=True)
class Constraints:
    """Domains, networks and mail domains; a kind of which nothing is permitted by name is free."""

    permitted: Names = field(default_factory=Names)
    excluded: Names = field(default_factory=Names)

    def __bool__(self) -> bool:
        return bool(self.permitted) or bool(self.excluded)


@dataclass(frozen=True)
class Breach:
    """One name that an authority does not let be used: its kind, its place among those, a sentence."""

    kind: str
    number: int
    sentence: str


def parse_constraints(permitted: object, excluded: object, problems: Problems) -> Constraints:
    """The constraints of the parameters ``permitted`` and ``excluded``; what is wrong goes to ``problems``."""
    return Constraints(_parse(permitted, problems, "permitted"), _parse(excluded, problems, "excluded"))


def constraints_of(certificate: x509.Certificate) -> Constraints:
    """The constraints that a certificate carries; kinds that NATS does not use are passed over."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return Constraints()
    return Constraints(_subtrees(found.permitted_subtrees), _subtrees(found.excluded_subtrees))


def extension(constraints: Constraints) -> x509.NameConstraints:
    """The extension, for a certificate of an authority."""
    permitted, excluded = _general(constraints.permitted), _general(constraints.excluded)
    return x509.NameConstraints(permitted_subtrees=permitted or None, excluded_subtrees=excluded or None)


def breaches(constraints: Constraints, names: Names, common_name: Optional[str]) -> list[Breach]:
    """The names that go beyond the constraints.

    OpenSSL holds a common name that looks like a host name to the constraints where there is no DNS name
    (crypto/x509/v3_ncons.c, NAME_CONSTRAINTS_check_CN); so does this.
    """
    found = [
        Breach(kind, number, f"{name} is {fault}")
        for kind, values in names.kinds()
        for number, name in enumerate(values)
        for fault in _fault(constraints, kind, name)
    ]
    if common_name and not names.dns and _like_a_host(common_name):
        found += [
            Breach("common_name", 0, f"{common_name} looks like a host name and is {fault}")
            for fault in _fault(constraints, "dns", common_name.lower())
        ]
    return found


def shown(constraints: Constraints) -> dict[str, dict[str, list[str]]]:
    """For results and diffs: what there is."""
    sides = {"permitted": constraints.permitted, "excluded": constraints.excluded}
    return {side: names.shown() for side, names in sides.items() if names}


def _fault(constraints: Constraints, kind: str, name: str) -> Iterator[str]:
    permitted, excluded = getattr(constraints.permitted, kind), getattr(constraints.excluded, kind)
    within = _WITHIN[kind]
    if permitted and not any(within(name, tree) for tree in permitted):
        yield f"outside of what is permitted ({', '.join(permitted)})"
    for tree in excluded:
        if within(name, tree):
            yield f"excluded by {tree}"


def _in_domain(name: str, domain: str) -> bool:
    """A domain holds itself and what is below it; with a leading dot only what is below it."""
    name = name.lower()
    return name.endswith(domain) if domain.startswith(".") else name == domain or name.endswith(f".{domain}")


def _in_network(name: str, network: str) -> bool:
    address, whole = ipaddress.ip_address(name), ipaddress.ip_network(network)
    return address.version == whole.version and address in whole


def _in_mail_domain(name: str, domain: str) -> bool:
    """A host stands for its own mailboxes, with a leading dot for those of hosts below it, a mailbox for itself."""
    host = name.rpartition("@")[2].lower()
    if "@" in domain:
        return name == domain
    return host.endswith(domain) if domain.startswith(".") else host == domain


def _uri_in_domain(name: str, domain: str) -> bool:
    host = (urlsplit(name).hostname or "").lower()
    return host.endswith(domain) if domain.startswith(".") else host == domain


_WITHIN: Mapping[str, Callable[[str, str], bool]] = {
    "dns": _in_domain,
    "ip": _in_network,
    "email": _in_mail_domain,
    "uri": _uri_in_domain,
}


def _like_a_host(text: str) -> bool:
    return "." in text.strip(".") and all(letter.isalnum() or letter in ".-_" for letter in text)


def _parse(raw: object, problems: Problems, path: str) -> Names:
    if raw is None:
        return Names()
    if not isinstance(raw, Mapping):
        problems.add(path, "must be a dict with lists of dns, ip and email")
        return Names()
    for key in raw:
        if key not in KINDS:
            problems.add(f"{path}.{key}", f"is not known: write {', '.join(KINDS)}")
    return Names(**{kind: read_list(raw.get(kind), _READERS[kind], problems, f"{path}.{kind}") for kind in KINDS})


def _domain(text: str, more: str) -> str:
    if "*" in text or text.startswith(".") or "@" in text:
        raise ValueError(f"{text!r}: write a domain such as example.com, which stands for itself {more}")
    return dns_name(text)


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise ValueError(
            f"{text!r} is not a network: write one such as 192.0.2.0/24 or 2001:db8::/32, its host bits 0"
        ) from None


_READERS: Mapping[str, Callable[[str], str]] = {
    "dns": lambda text: _domain(text, "and all below it"),
    "ip": _network,
    "email": lambda text: _domain(text, "with all its mailboxes"),
}


def _general(names: Names) -> list[x509.GeneralName]:
    return [
        *(x509.DNSName(name) for name in names.dns),
        *(x509.IPAddress(ipaddress.ip_network(name)) for name in names.ip),
        *(x509.RFC822Name(name) for name in names.email),
    ]


def _subtrees(trees: Optional[Sequence[Any]]) -> Names:
    found: dict[str, list[str]] = {}
    kinds: dict[type[Any], str] = {
        x509.DNSName: "dns",
        x509.IPAddress: "ip",
        x509.RFC822Name: "email",
        x509.UniformResourceIdentifier: "uri",
    }
    for tree in trees or ():
        kind = kinds.get(type(tree))
        if kind is not None:
            found.setdefault(kind, []).append(str(tree.value) if kind == "ip" else str(tree.value).lower())
    return Names(**{kind: tuple(some) for kind, some in found.items()})
