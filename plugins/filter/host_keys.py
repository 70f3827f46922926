# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters that bring the certificates of a cluster and the private keys of its hosts together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.node.keys import choose
from ..module_utils.node.pins import resolve


def wanted_keys(
    certificates: Iterable[Mapping[str, Any]], host: str, known: Mapping[str, Any], rotate: bool = False
) -> list[dict[str, Any]]:
    """The keys that ``host`` must have, as aegis.nats.node_keys takes them."""
    found = choose.wanted_keys(certificates, host, known, rotate)
    return [{**asdict(wanted), "dns": list(wanted.dns), "ip": list(wanted.ip)} for wanted in found]


def keys_due(wanted: Iterable[Mapping[str, Any]], found: Iterable[Mapping[str, Any]]) -> list[str]:
    """What has to be done about the keys of a host, in words; nothing where all is right."""
    there = [choose.host_key(told) for told in found]
    return [reason for entry in wanted for reason in choose.choose(choose.wanted_key(entry), there).reasons]


def hosts_due(
    hosts: Iterable[str],
    hostvars: Mapping[str, Any],
    certificates: Iterable[Mapping[str, Any]],
    known: Mapping[str, Any],
    rotate: bool = False,
) -> list[str]:
    """The hosts that have something to do about their keys, as the survey found them; those not surveyed among them."""
    entries = [dict(entry) for entry in certificates]
    surveys = {host: hostvars[host].get("nats_server_survey") for host in hosts}
    return [
        host
        for host, survey in surveys.items()
        if survey is None or keys_due(wanted_keys(entries, host, known, rotate), survey["tls_keys"])
    ]


def with_requests(
    certificates: Iterable[Mapping[str, Any]],
    found: Mapping[str, Iterable[Mapping[str, Any]]],
    known: Mapping[str, Any],
    rotate: bool = False,
) -> list[dict[str, Any]]:
    """The certificates with the requests of the hosts in ``found``; those of other hosts are left out."""
    return choose.with_requests(certificates, found, known, rotate)


def host_keys(hosts: Iterable[str], hostvars: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """By host, the keys that it was seen to have: those that it has just made, or those of the survey."""
    found = {}
    for host in hosts:
        told = hostvars[host]
        for result in (told.get("nats_pki_host_keys"), told.get("nats_server_survey")):
            if isinstance(result, Mapping) and "tls_keys" in result:
                found[host] = list(result["tls_keys"])
                break
    return found


def pins(
    wanted: Iterable[str], certificates: Mapping[str, Mapping[str, Any]], variable: str = "pinned_certs"
) -> list[str]:
    """The digests of keys that a listener pins, certificates written by their names among them."""
    found, unknown = resolve(wanted, certificates)
    if unknown:
        raise AnsibleFilterError(
            f"{variable}: no certificate that this run keeps is called {', '.join(unknown)}: write a name such as "
            "clients/order-service, a pattern such as */route, or the SHA-256 of a public key"
        )
    return found


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Any]:
        return {
            "wanted_keys": wanted_keys,
            "keys_due": keys_due,
            "hosts_due": hosts_due,
            "with_requests": with_requests,
            "host_keys": host_keys,
            "pins": pins,
        }
