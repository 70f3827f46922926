# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup aegis.nats.secret: the value of a secret that aegis.nats.secret made."""

from __future__ import annotations

DOCUMENTATION = r"""
name: secret
short_description: The value of a secret that was made once and kept
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Reads secrets that M(aegis.nats.secret) made, on the controller, opening sealed ones with the vault secret of the
    play.
  - The value goes where the template puts it. Use C(no_log) on the task, and C(diff=false) on a file that holds it.
options:
  _terms:
    description: Names of secrets.
    required: true
  path:
    description: Their folder. A relative path begins at the playbook.
    type: str
    default: nats/secrets
  missing:
    description:
      - What to do when a secret was not made yet.
      - V(placeholder) gives a text that is clearly no secret. It is meant for check mode, before the first run.
    type: str
    choices: [error, placeholder]
    default: error
seealso:
  - module: aegis.nats.secret
"""

EXAMPLES = r"""
- name: Read the password of routes
  ansible.builtin.set_fact:
    route_password: "{{ lookup('aegis.nats.secret', 'routes', path='nats/secrets') }}"
  no_log: true

- name: Read a key that check mode on a fresh controller can't find
  ansible.builtin.set_fact:
    jetstream_key: "{{ lookup('aegis.nats.secret', 'jetstream/n1', missing=missing) }}"
  vars:
    missing: "{{ 'placeholder' if ansible_check_mode else 'error' }}"
  no_log: true
"""

RETURN = r"""
_raw:
  description: The values, in the order of the names.
  type: list
  elements: str
"""

from collections.abc import Sequence
from typing import Any

from ..module_utils.pki.verb_secret import value_of
from ..module_utils.pki.wanted import safe_name
from ..module_utils.plan.errors import StoreError
from ..module_utils.plan.folder import Folder
from ..module_utils.plan.problems import Problems
from ..plugin_utils.kept import KeptLookup


class LookupModule(KeptLookup):
    name = "secret"

    def values(self, folder: Folder, terms: Sequence[Any]) -> list[str]:
        return [self._value(folder, term) for term in terms]

    def _value(self, folder: Folder, term: object) -> str:
        problems = Problems()
        name = safe_name(term, problems, "the name of the secret")
        problems.raise_if_any()
        value = value_of(folder, name) if name else None
        if value is not None:
            return value
        if self.get_option("missing") == "placeholder":
            return f"PLACEHOLDER-no-secret-made-yet-{term}"
        raise StoreError(f"there is no secret {term!r} in {folder.root}: make it with the module of that name")
