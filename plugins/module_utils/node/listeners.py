# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listeners without variables of their own: what is delivered for them, their tls blocks, and where they are met."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from .conf.options import canonical
from .keys.choose import DIGITS

#: Profile of a certificate -> the block of the configuration that it is for.
BLOCKS = {"gateway": "gateway", "leafnode": "leafnodes", "websocket": "websocket", "mqtt": "mqtt"}
#: Those whose peers are servers: they show a certificate too.
MUTUAL = frozenset(("gateway", "leafnode"))
_TO_BE_MADE = "to-be-made"
_EVERYWHERE = ("0.0.0.0", "::", "")


def delivered(profiles: Iterable[str], given: Mapping[str, Any]) -> list[str]:
    """The profiles whose certificates hosts get: those that are issued, and those that the operator gives."""
    asked = set(profiles)
    return [profile for profile in BLOCKS if profile in asked or given.get(f"{profile}_certificate")]


def files(
    profiles: Iterable[str], issued: str, given: Mapping[str, Any], *, keys: str, reissued: Collection[str] = ()
) -> list[dict[str, Any]]:
    """What a release of one host holds for its listeners, as aegis.nats.node_config takes it.

    issued: the folder of its certificates on the controller; keys: where their private keys live; reissued: profiles
    that the run after this check issues anew.
    """
    found: list[dict[str, Any]] = []
    for profile in delivered(profiles, given):
        pending = profile in reissued and not given.get(f"{profile}_certificate")
        certificate = given.get(f"{profile}_certificate") or f"{issued}/{profile}.crt"
        found.append({"path": f"tls/{profile}.crt", "src": certificate, "mode": "0644", "pending": pending})
        key = _key_file(profile, issued, given, keys)
        if key:
            entry = {"path": f"tls/{profile}.key", "src": key, "mode": "0600", "secret": True}
            found.append({**entry, "pending": pending})
    return found


def blocks(
    current: str, given: Mapping[str, Any], host_keys: Mapping[str, str], *, keys: str, options: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """By profile, the tls block of its listener; of every profile, so that a check can name what is not delivered.

    current: the folder of the release that is switched in; host_keys: the private keys on the host; options: what all
    of them say besides; what is empty is left out.
    """
    more = {name: value for name, value in options.items() if value not in (None, "", [])}
    return {
        profile: {
            "cert_file": f"{current}/tls/{profile}.crt",
            "key_file": f"{current}/tls/{profile}.key"
            if _key_file(profile, "", given, keys)
            else host_keys.get(profile, ""),
            "ca_file": f"{current}/tls/ca.crt",
            **({"verify": True} if profile in MUTUAL else {}),
            **more,
        }
        for profile in BLOCKS
    }


def host_keys(
    host: str, config_dir: str, certified: Mapping[str, Mapping[str, Any]], given: Mapping[str, str]
) -> dict[str, str]:
    """By profile, the private key that lives on the host: one that the operator names, or the one it made itself."""
    found = {}
    for profile in BLOCKS:
        digest = str((certified.get(f"{host}/{profile}") or {}).get("spki_sha256") or _TO_BE_MADE)[:DIGITS]
        found[profile] = given.get(profile) or f"{config_dir}/keys/{profile}-{digest}/tls.key"
    return found


def _key_file(profile: str, issued: str, given: Mapping[str, Any], keys: str) -> str:
    """The private key on the controller, or nothing where it lives on the host."""
    if given.get(f"{profile}_certificate"):
        return str(given.get(f"{profile}_key") or "")
    return "" if keys == "host" else f"{issued}/{profile}.key"


def places(options: Mapping[str, Any]) -> Iterator[tuple[str, str, int]]:
    """Where a block listens, as far as that is plain: the option that says so, the address and the port."""
    lowered = {str(option).lower(): option for option in options}
    for name in ("listen", "port"):
        if name in lowered:
            address, _colon, port = str(options[lowered[name]]).rpartition(":")
            host = address or str(options.get(lowered.get("host", lowered.get("net", "")), ""))
            if port.isdigit():
                yield lowered[name], host.strip("[]") or "0.0.0.0", int(port)


def configured(extra: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """The blocks of listeners in a configuration: as they are written there, their profile, and what they say."""
    profiles = {block: profile for profile, block in BLOCKS.items()}
    for written, options in extra.items():
        profile = profiles.get(canonical("top", str(written)))
        if profile is not None and isinstance(options, Mapping):
            yield str(written), profile, options


def met(
    extra: Mapping[str, Any], server: Mapping[str, Any], current: str, issued: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Those of one server that show a certificate which the role delivers, as aegis.nats.handshake takes them.

    extra: its nats_server_extra_config; server: its name, host and address; issued: certificates by name, each with
    its ``serial``.
    """
    found = []
    for _block, profile, options in configured(extra):
        tls = options.get("tls")
        if not isinstance(tls, Mapping) or tls.get("cert_file") != f"{current}/tls/{profile}.crt":
            continue
        for _option, address, port in places(options):
            found.append(
                {
                    "name": f"the {profile} port of {server['name']}",
                    "kind": profile,
                    "address": server["address"] if address in _EVERYWHERE else address,
                    "port": port,
                    "tls_first": bool(tls.get("handshake_first")),
                    "verify": bool(tls.get("verify")) or profile in MUTUAL,
                    "pinned": bool(tls.get("pinned_certs")),
                    "serial": issued.get(f"{server['host']}/{profile}", {}).get("serial"),
                }
            )
    return found
