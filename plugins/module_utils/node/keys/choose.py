# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of its keys a host uses for a certificate, and whether it has to make one: pure, the same here and there."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Optional

DIGITS = 16
"""How many hex digits of a public key's digest name a key."""


@dataclass(frozen=True)
class HostKey:
    """A private key that lives on a host, and its request.

    digest: the first digits of the SHA-256 of its SubjectPublicKeyInfo; made: seconds since the epoch; request: PEM,
    None when it is missing or not of this key; faults: what mode and owner differ in.
    """

    name: str
    digest: str
    made: float
    request: Optional[str] = field(default=None, repr=False)
    key_type: Optional[str] = None
    dns: tuple[str, ...] = ()
    ip: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        return f"{self.name}-{self.digest}"

    def as_dict(self) -> dict[str, Any]:
        """As a task returns it."""
        return {**asdict(self), "dns": list(self.dns), "ip": list(self.ip), "faults": list(self.faults)}


@dataclass(frozen=True)
class WantedKey:
    """The key of one certificate. digest: of the key that is certified now; renew: a new one is due."""

    name: str
    key_type: str
    common_name: str = ""
    dns: tuple[str, ...] = ()
    ip: tuple[str, ...] = ()
    digest: str = ""
    renew: bool = False


@dataclass(frozen=True)
class Choice:
    """key: the one to use, None when it is to be made; reasons: what has to be done on the host, in words."""

    wanted: WantedKey
    key: Optional[HostKey]
    reasons: tuple[str, ...] = ()
    request_due: bool = False

    @property
    def request(self) -> Optional[str]:
        """The request to have signed; None when the host has to make it first."""
        return self.key.request if self.key is not None and not self.request_due else None


def host_key(told: Mapping[str, Any]) -> HostKey:
    """A key as a task returned it."""
    lists = {name: tuple(str(value) for value in told.get(name) or ()) for name in ("dns", "ip", "faults")}
    return HostKey(
        name=str(told["name"]),
        digest=str(told["digest"]),
        made=float(told["made"]),
        request=told.get("request"),
        key_type=told.get("key_type"),
        **lists,
    )


def wanted_key(told: Mapping[str, Any]) -> WantedKey:
    """A wanted key as a task is given it."""
    return WantedKey(
        name=str(told["name"]),
        key_type=str(told.get("key_type") or "ecdsa-p256"),
        common_name=str(told.get("common_name") or ""),
        dns=tuple(str(name) for name in told.get("dns") or ()),
        ip=tuple(str(address) for address in told.get("ip") or ()),
        digest=str(told.get("digest") or "")[:DIGITS],
        renew=bool(told.get("renew")),
    )


def choose(wanted: WantedKey, keys: Iterable[HostKey]) -> Choice:
    """The key of the present certificate; where a new one is due, the one that was made for it; else none."""
    named = sorted((key for key in keys if key.name == wanted.name), key=lambda key: (key.made, key.digest))
    present = next((key for key in named if key.digest == wanted.digest), None)
    fitting = [key for key in named if key.key_type == wanted.key_type and key is not present]
    if present is not None and present.key_type not in (wanted.key_type, None):
        return _newer(wanted, present, fitting, f"key type {present.key_type} becomes {wanted.key_type}")
    if present is not None and wanted.renew:
        return _newer(wanted, present, fitting, "a new one for the certificate that is due")
    if present is not None:
        return _kept(wanted, present)
    if fitting:
        return _kept(wanted, fitting[-1])
    if named:
        why = f"none of those that are there is {wanted.key_type}"
    else:
        why = "made for the first time" if not wanted.digest else "none is on this host"
    return Choice(wanted, None, (f"key {wanted.name}: {why}",))


def _newer(wanted: WantedKey, present: HostKey, fitting: Sequence[HostKey], why: str) -> Choice:
    """A key that an earlier run made and did not live to see certified, or a new one."""
    waiting = [key for key in fitting if key.made >= present.made]
    return _kept(wanted, waiting[-1]) if waiting else Choice(wanted, None, (f"key {wanted.name}: {why}",))


def _kept(wanted: WantedKey, key: HostKey) -> Choice:
    why = ""
    if key.request is None:
        why = "its request is missing or another key's"
    elif _normal(wanted.dns, wanted.ip) != _normal(key.dns, key.ip):
        why = "its request is for other names"
    said = (*key.faults, why) if why else key.faults
    return Choice(wanted, key, tuple(f"key {wanted.name}: {each}" for each in said), bool(why))


def _normal(dns: Iterable[str], ip: Iterable[str]) -> frozenset[str]:
    """Names without case, addresses in their short form."""
    return frozenset({*(name.lower() for name in dns), *(_short(address) for address in ip)})


def _short(address: str) -> str:
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return address


def wanted_keys(
    certificates: Iterable[Mapping[str, Any]], host: str, known: Mapping[str, Mapping[str, Any]], rotate: bool
) -> list[WantedKey]:
    """The keys that a host must have for its certificates, those whose entry says that their key is on the host.

    known: what aegis.nats.certificate told of each. rotate: a certificate that is issued anew gets a new key.
    """
    found = []
    for entry in certificates:
        owner, _slash, purpose = str(entry.get("name") or "").rpartition("/")
        if owner == host and entry.get("key") == "host":
            told = known.get(str(entry["name"])) or {}
            present = str(told.get("present_spki_sha256") or "")
            more = {"digest": present, "renew": rotate and bool(told.get("issued"))}
            found.append(wanted_key({**entry, "name": purpose, **more}))
    return found


def with_requests(
    certificates: Iterable[Mapping[str, Any]],
    found: Mapping[str, Iterable[Mapping[str, Any]]],
    known: Mapping[str, Mapping[str, Any]],
    rotate: bool,
) -> list[dict[str, Any]]:
    """The entries with the requests of their hosts; those of hosts that nobody looked at are left out.

    found: by host, its keys. What a host is still to make is ``pending``, with the digest of its key where that stays.
    """
    everything = [dict(entry) for entry in certificates]
    requests: dict[str, str] = {}
    for host, keys in found.items():
        there = [host_key(told) for told in keys]
        for wanted in wanted_keys(everything, host, known, rotate):
            requests[f"{host}/{wanted.name}"] = _request(
                choose(wanted, there), known.get(f"{host}/{wanted.name}") or {}
            )
    return [
        {**entry, "csr": requests[entry["name"]]} if entry.get("key") == "host" else entry
        for entry in everything
        if entry.get("key") != "host" or entry["name"] in requests
    ]


def _request(choice: Choice, told: Mapping[str, Any]) -> str:
    if choice.request is not None:
        return choice.request
    stays = choice.key is not None and choice.key.digest == choice.wanted.digest
    return f"pending:{told['present_spki_sha256']}" if stays else "pending"
