# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters for the certificates of gateways, leaf nodes, websocket and MQTT."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..module_utils.node import listeners


def listener_files(
    profiles: Iterable[str], issued: str, given: Mapping[str, Any], keys: str, reissued: Iterable[str] = ()
) -> list[dict[str, Any]]:
    """The certificates, and keys of the controller, that a host gets for its listeners."""
    return listeners.files(profiles, issued, given, keys=keys, reissued=list(reissued))


def listener_tls(
    given: Mapping[str, Any], current: str, host_keys: Mapping[str, str], keys: str, options: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """By profile, the tls block of its listener."""
    return listeners.blocks(current, given, host_keys, keys=keys, options=options)


def listener_keys(
    certified: Mapping[str, Mapping[str, Any]], host: str, config_dir: str, given: Mapping[str, str]
) -> dict[str, str]:
    """By profile, the private key on the host."""
    return listeners.host_keys(host, config_dir, certified, given)


def listeners_met(
    extra: Mapping[str, Any], server: Mapping[str, Any], current: str, certificates: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The listeners of a server that show these certificates, as aegis.nats.handshake takes them."""
    return listeners.met(extra, server, current, certificates)


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Any]:
        return {
            "listener_files": listener_files,
            "listener_tls": listener_tls,
            "listener_keys": listener_keys,
            "listeners_met": listeners_met,
        }
