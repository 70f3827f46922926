# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the role nats_server, checked before a host is touched against what nats-server does with them.

Pure: no host, no file, no clock. Paths name the variable; where servers differ, the host stands before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional

from ..plan.problems import Problem, Problems
from .checks import access, clustering, extra, fips, identity, limits, listeners, resolver, storage, tls, together
from .checks.reader import Reader

_CHECKS = (
    identity.check,
    tls.check,
    fips.check,
    access.check,
    resolver.check,
    clustering.check,
    storage.check,
    limits.check,
    extra.check,
    listeners.check,
)


def problems(settings: Mapping[str, Any]) -> list[Problem]:
    """What keeps one server from running as its variables say; names without the prefix ``nats_server_``."""
    return list(_checked(settings).problems)


def warnings(settings: Mapping[str, Any]) -> list[Problem]:
    """Wishes that are granted and weaken the server, or have another effect than they seem to have."""
    return list(_checked(settings).warnings)


def cluster_problems(
    hosts: Mapping[str, Mapping[str, Any]], found: Optional[Mapping[str, Sequence[Problem]]] = None
) -> list[Problem]:
    """What is wrong with the servers of a cluster, each for itself and all together.

    hosts: inventory name -> variables, as for problems; ``ansible_host`` may be among them. found: what somebody else
    found wrong with a host. A problem that all hosts have is told once, with the variable; any other one with its
    host: ``n1.nats_server_port``.
    """
    readers, shared = _all_checked(hosts)
    for host, problems_of_host in (found or {}).items():
        readers[host].problems.extend(problems_of_host)
    return _merged({host: reader.problems for host, reader in readers.items()}, shared.problems)


def cluster_warnings(hosts: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    """The warnings of the servers of a cluster, as cluster_problems tells problems."""
    readers, shared = _all_checked(hosts)
    return _merged({host: reader.warnings for host, reader in readers.items()}, shared.warnings)


def _checked(settings: Mapping[str, Any]) -> Reader:
    reader = Reader(settings)
    for check in _CHECKS:
        check(reader)
    return reader


def _all_checked(hosts: Mapping[str, Mapping[str, Any]]) -> tuple[dict[str, Reader], Reader]:
    readers = {host: _checked(settings) for host, settings in hosts.items()}
    shared = Reader({})
    together.check(readers, shared)
    return readers, shared


def _merged(found: Mapping[str, Problems], shared: Problems) -> list[Problem]:
    hosts_of: dict[Problem, list[str]] = {}
    for host, own in found.items():
        for problem in own:
            hosts_of.setdefault(problem, []).append(host)
    merged = Problems()
    for problem, hosts in hosts_of.items():
        if len(hosts) == len(found):
            merged.add(problem.path, problem.message)
        else:
            merged.extend(Problem(f"{host}.{problem.path}", problem.message) for host in hosts)
    merged.extend(shared)
    return list(merged)
