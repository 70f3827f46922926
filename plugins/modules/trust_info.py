#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.trust_info: the tree in a store."""

from __future__ import annotations

DOCUMENTATION = r"""
module: trust_info
short_description: The NATS trust tree in a store, in the words that aegis.nats.trust takes
version_added: "0.1.0"
description:
  - Reads a store that M(aegis.nats.trust) or C(nsc) made, verifies every token in it, and tells it as a tree.
  - Told to M(aegis.nats.trust), the tree changes nothing in that store, unless a token in it has expired or its signer
    may sign it no more. This is how a store of C(nsc) is adopted.
  - Runs on the controller, inside the Ansible process, unless the task is delegated to another host.
  - Nothing is written. No seed, no creds and no token of a user is returned; activation tokens of accounts outside the
    store are, as part of their imports.
author: [aegis.nats contributors (@aegis-nats)]
options:
  operator:
    description: Name of the operator. Needed only where the store holds several.
    type: str
  seal:
    description: Not needed to read sealed files; they open with the play's vault secret.
    type: bool
extends_documentation_fragment:
  - aegis.nats.store
  - aegis.nats.attributes.reads
"""

EXAMPLES = r"""
- name: Read the store that nsc made
  aegis.nats.trust_info:
    path: ~/.local/share/nats/nsc
  register: found

- name: Write the tree down
  ansible.builtin.copy:
    content: "{{ found.tree | to_nice_yaml(sort_keys=false) }}"
    dest: group_vars/all/nats_tree.yml
    mode: "0644"
"""

RETURN = r"""
tree:
  description: The options O(aegis.nats.trust#module:operator), O(aegis.nats.trust#module:system_account) and
    O(aegis.nats.trust#module:accounts) as they would have to be.
  returned: success
  type: dict
  contains:
    operator: {description: The operator., type: dict, returned: success}
    system_account: {description: The system account; none where the store has none., type: dict, returned: success}
    accounts: {description: The other accounts with their users., type: list, elements: dict, returned: success}
rotation:
  description: The rotation of keys that is under way, with public keys; none when there is none. The tree tells each of
    its keys once.
  returned: success
  type: dict
expiries:
  description: The tokens that end, as they lie in the store.
  returned: success
  type: list
  elements: dict
  contains:
    kind: {description: "V(operator), V(account) or V(user).", type: str, returned: success}
    account: {description: Name of the account; empty for the operator., type: str, returned: success}
    name: {description: "Name of the operator, account or user.", type: str, returned: success}
    expires: {description: "When it ends, in seconds since 1970.", type: int, returned: success}
reasons:
  description: Empty, for nothing changes.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.plan.verb import run_module
from ..module_utils.trust.verb_trust_info import VERB


def main() -> None:
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
