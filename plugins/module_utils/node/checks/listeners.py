# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listeners in nats_server_extra_config that serve certificates of nats_pki: is there one, and is it good for that?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Optional

from .. import listeners
from .extra import walk
from .reader import Reader

# Blocks whose certificate is shown to a server that was dialled.
_DIALLING = frozenset(("gateway.tls", "gateway.gateways.tls", "leafnodes.remotes.tls"))


class Served(NamedTuple):
    """A tls block: path: where it stands; plain: its path by first names; profile: the certificate that it names."""

    path: str
    plain: str
    profile: str


def check(server: Reader) -> None:
    profiles = profiles_of(server)
    ready = listeners.delivered(profiles, server.mapping("tls_files"))
    for found in served(server):
        where = f".{found.path}"
        if found.profile not in ready:
            server.wrong(
                "extra_config",
                f"names the certificate of the profile {found.profile}, which is not made: add {found.profile} to "
                "nats_pki_profiles",
                where,
            )
        elif found.plain in _DIALLING and found.profile not in listeners.MUTUAL:
            fitting = "gateway" if found.plain.startswith("gateway") else "leafnode"
            server.wrong(
                "extra_config",
                f"shows the certificate of the profile {found.profile} to servers that it dials, and they want "
                f"clientAuth: write nats_server_tls_blocks.{fitting}",
                where,
            )
    if "monitoring" in profiles:
        server.warn(
            "tls_blocks",
            "has none for the profile monitoring: nats-server serves https with the certificate of the client port; "
            "the one of this profile stays on the controller, for a proxy that stands before the monitoring port",
        )


def profiles_of(server: Reader) -> list[str]:
    """What certificates are made for, as far as it is known here."""
    found = server.values.get("nats_pki_profiles")
    return [str(profile) for profile in found] if isinstance(found, (list, tuple)) else []


def served(server: Reader) -> Iterator[Served]:
    """The tls blocks that name a certificate which the role delivers for listeners."""
    folder = f"{server.text('config_dir') or '/etc/nats'}/current/tls/"
    for path, plain, value in walk(server.mapping("extra_config"), "top", "", ""):
        profile = _profile(value.get("cert_file"), folder) if isinstance(value, Mapping) else None
        if profile is not None and plain.rpartition(".")[2] == "tls":
            yield Served(path, plain, profile)


def _profile(certificate: Any, folder: str) -> Optional[str]:
    name = str(certificate or "")
    profile = name[len(folder) : -len(".crt")] if name.startswith(folder) and name.endswith(".crt") else ""
    return profile if profile in listeners.BLOCKS else None
