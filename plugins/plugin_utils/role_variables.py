# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a role as another host of the play would see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleError

from ..module_utils.plan.problems import Problems

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
        found = {host: self.of_host(host, own[host]) for host in hosts}
        for host in hosts:
            for problem in own[host]:
                everywhere = all(problem in list(others) for others in own.values())
                problems.add(problem.path if everywhere else f"{host}.{problem.path}", problem.message)
        return found

    def of_host(self, host: str, problems: Problems) -> dict[str, Any]:
        """Every variable with the prefix, resolved for ``host``; what can't be resolved is a problem."""
        own = self._hostvars.raw_get(host)
        known = {**self._defaults, **own, **self._play, **self._hostvars_value, **self._private}
        known["inventory_hostname"] = host
        # Nothing is made while looking: secrets that do not exist yet are placeholders, as in check mode.
        known["ansible_check_mode"] = True
        templar = self._templar.copy_with_new_env(available_variables=known)
        found: dict[str, Any] = {}
        own_names = [name for name in known if name.startswith(self._prefix) or name in _OF_CERTIFICATES]
        for name in sorted(own_names):
            try:
                found[name.removeprefix(self._prefix)] = templar.template(known[name])
            except AnsibleError as error:
                problems.add(name, str(error).rpartition(_LOOKUP)[2])
        if "ansible_host" in own:
            found["ansible_host"] = templar.template(own["ansible_host"])
        return found
