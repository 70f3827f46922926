#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.password: bcrypt hashes of passwords, made once and kept."""

from __future__ import annotations

DOCUMENTATION = r"""
module: password
short_description: Hash passwords with bcrypt once and keep the hashes
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Hashes passwords for the configuration of servers, with bcrypt of cost 11. A password that is still the same keeps
    its hash, so that a second run changes nothing; one that changed is hashed anew; what is asked for no longer is
    removed.
  - The lookup P(aegis.nats.password#lookup) reads the hashes.
notes:
  - The hashes lie in O(path)/passwords.json, mode 0600, sealed with Ansible Vault where the play has a vault secret.
    Neither a password nor a hash is ever returned, and the passwords are kept nowhere.
  - Looking at a hash takes a tenth of a second for each password, on every run.
attributes:
  diff_mode:
    description: Shows whose hash changes, without secrets.
options:
  passwords:
    description: The passwords, by whose they are; at most 72 bytes each.
    type: dict
    required: true
  seal:
    description:
      - Whether the hashes are written as an Ansible Vault file. Where nothing is said, they are when the play has a
        vault secret.
      - V(true) without a vault secret is an error.
    type: bool
extends_documentation_fragment:
  - aegis.nats.attributes.keeps
  - aegis.nats.pki.secrets
seealso:
  - plugin: aegis.nats.password
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Hash the passwords of the users
  aegis.nats.password:
    path: nats/secrets
    passwords:
      users/report: "{{ vault_report_password }}"
"""

RETURN = r"""
names:
  description: Whose hashes are kept.
  type: list
  elements: str
  returned: success
pending:
  description: In check mode, whose hash the run that follows makes.
  type: list
  elements: str
  returned: success
reasons:
  description: Why something changes, a sentence each.
  type: list
  elements: str
  returned: success
  sample: ["password of users/report: hashed for the first time"]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.pki.verb_password import VERB
from ..module_utils.plan.verb import run_module


def main() -> None:
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
