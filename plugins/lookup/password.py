# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup aegis.nats.password: the hashes that aegis.nats.password made."""

from __future__ import annotations

DOCUMENTATION = r"""
name: password
short_description: The bcrypt hashes of passwords that were hashed once and kept
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Reads the hashes that M(aegis.nats.password) made, on the controller, opening a sealed file with the vault secret of
    the play.
  - A hash goes where the template puts it. Use C(no_log) on the task, and C(diff=false) on a file that holds it.
options:
  _terms:
    description: Whose hashes.
    required: true
  path:
    description: The folder of the secrets. A relative path begins at the playbook.
    type: str
    default: nats/secrets
  pending:
    description: Whose hash is still to be made, as the module's V(pending) says in check mode; they get a text that is
      clearly no hash.
    type: list
    elements: str
    default: []
seealso:
  - module: aegis.nats.password
"""

EXAMPLES = r"""
- name: Keep the hash of a password
  ansible.builtin.set_fact:
    report_hash: "{{ lookup('aegis.nats.password', 'users/report', path='nats/secrets') }}"
  no_log: true
"""

RETURN = r"""
_raw:
  description: The hashes, in the order of the names.
  type: list
  elements: str
"""

from collections.abc import Sequence
from typing import Any

from ..module_utils.pki.verb_password import hashes
from ..module_utils.plan.errors import StoreError
from ..module_utils.plan.folder import Folder
from ..plugin_utils.kept import KeptLookup


class LookupModule(KeptLookup):
    name = "password"

    def values(self, folder: Folder, terms: Sequence[Any]) -> list[str]:
        pending, found = self.get_option("pending"), hashes(folder)
        missing = [term for term in terms if term not in pending and term not in found]
        if missing:
            raise StoreError(
                f"there is no hash for {', '.join(map(str, missing))} in {folder.root}: make it with the module of "
                "that name"
            )
        return [f"PLACEHOLDER-no-hash-made-yet-{term}" if term in pending else found[term] for term in terms]
