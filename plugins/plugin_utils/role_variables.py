# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a role as another host of the play would see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from ansible.errors import AnsibleError

from ..module_utils.plan.problems import Problems
from .shared_variables import shared_names

#: Variables of the role nats_pki that say what certificates there are and what they carry.
_OF_CERTIFICATES = ("nats_pki_names", "nats_pki_profiles", "nats_pki_ocsp_urls", "nats_pki_must_staple")
#: What stands before the words of our own lookup in Ansible's message.
_LOOKUP = "aegis.nats.secret: "


class RoleVariables:
    """Resolves the role's public variables for any host: its defaults below the inventory's values.

    A task that runs once sees the variables of one host; what is checked before a deploy are those of all hosts.
    """

    def __init__(self, task: Any, templar: Any, task_vars: Mapping[str, Any], prefix: str) -> None:
        self._templar = templar
        self._hostvars = task_vars["hostvars"]
        self._play = {
            name: task_vars[name]
            for name in ("groups", "inventory_dir", "playbook_dir", "ansible_play_hosts_all")
            if name in task_vars
        }
        self._hostvars_value = {"hostvars": self._hostvars}
        role = task._role
        self._defaults = dict(role.get_default_vars()) if role else {}
        self._private = dict(role.get_vars(include_params=True)) if role else {}
        self._prefix = prefix

    def of_hosts(self, hosts: Sequence[str], problems: Problems) -> dict[str, dict[str, Any]]:
        """The variables of every host; what all hosts have wrong is told once, with the variable's name alone."""
        own = {host: Problems() for host in hosts}
        known = {host: self._known(host) for host in hosts}
        shared = shared_names(known, self._names(known.values())) if len(known) > 1 else frozenset()
        once: dict[str, Resolved] = {}
        found = {host: self._of_host(known[host], own[host], shared, once) for host in hosts}
        for host in hosts:
            for problem in own[host]:
                everywhere = all(problem in list(others) for others in own.values())
                problems.add(problem.path if everywhere else f"{host}.{problem.path}", problem.message)
        return found

    def of_host(self, host: str, problems: Problems) -> dict[str, Any]:
        """Every variable with the prefix, resolved for ``host``; what can't be resolved is a problem."""
        return self._of_host(self._known(host), problems, frozenset(), {})

    def _known(self, host: str) -> dict[str, Any]:
        """All variables of a host, not resolved."""
        own = self._hostvars.raw_get(host)
        known = {**self._defaults, **own, **self._play, **self._hostvars_value, **self._private}
        known["inventory_hostname"] = host
        # Nothing is made while looking: secrets that do not exist yet are placeholders, as in check mode.
        known["ansible_check_mode"] = True
        return known

    def _names(self, known: Iterable[Mapping[str, Any]]) -> set[str]:
        """The names that are asked for."""
        return {name for each in known for name in each if name.startswith(self._prefix) or name in _OF_CERTIFICATES}

    def _of_host(
        self, known: Mapping[str, Any], problems: Problems, shared: frozenset[str], once: dict[str, Resolved]
    ) -> dict[str, Any]:
        """The variables of one host; what is ``shared`` is resolved ``once`` for all."""
        templar = self._templar.copy_with_new_env(available_variables=known)
        found: dict[str, Any] = {}
        for name in sorted(self._names([known])):
            resolved = once.get(name) or _resolve(templar, known[name])
            if name in shared:
                once[name] = resolved
            if resolved.error is None:
                found[name.removeprefix(self._prefix)] = resolved.value
            else:
                problems.add(name, resolved.error)
        if "ansible_host" in known:
            found["ansible_host"] = templar.template(known["ansible_host"])
        return found


@dataclass(frozen=True)
class Resolved:
    """The value of a variable, or why it has none."""

    value: Any = None
    error: Optional[str] = None


def _resolve(templar: Any, raw: Any) -> Resolved:
    try:
        return Resolved(templar.template(raw))
    except AnsibleError as error:
        return Resolved(error=str(error).rpartition(_LOOKUP)[2])
