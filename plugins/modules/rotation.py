#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.rotation: the rotation of keys, phase by phase."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rotation
short_description: Begins the rotation of keys in a store, takes it up where it stood, and moves it on
version_added: "0.1.0"
description:
  - Keeps the record of a rotation in the store. M(aegis.nats.trust) reads it and makes the tokens of the present
    phase, so that no run in between drops a key early or makes another one.
  - Phase V(add) puts the new key beside the old, V(replace) issues everything anew that the old one signed, V(drop)
    takes the old one away. Each phase has to be brought to every server and verified there before the next begins.
  - The playbooks C(aegis.nats.rotate_signing_keys), C(aegis.nats.rotate_operator) and C(aegis.nats.rotate_user) do all
    of that; C(docs/rotation.md) tells how.
  - The new keys are made together with the record, once. The seeds of the old ones are removed with the last phase.
  - Runs on the controller, inside the Ansible process, unless the task is delegated to another host. Seeds and the
    creds of the proof lie below O(path)C(/keys), files C(0600), sealed like the rest, and are never part of the result.
author: [aegis.nats contributors (@aegis-nats)]
options:
  operator:
    description: The operator, as O(aegis.nats.trust#module:operator) takes it.
    type: dict
    required: true
  system_account:
    description: The system account, as O(aegis.nats.trust#module:system_account) takes it.
    type: dict
  accounts:
    description: The accounts, as O(aegis.nats.trust#module:accounts) takes them.
    type: list
    elements: dict
    default: []
  purge:
    description: As O(aegis.nats.trust#module:purge). What is not in the tree is signed anew when it is not purged.
    type: bool
    default: false
  kind:
    description:
      - V(signing_keys) rotates all signing keys of the operator or of accounts, those with a role as well.
      - V(operator) rotates the identity key of the operator.
      - V(user) rotates the key of a user.
    type: str
    required: true
    choices: [signing_keys, operator, user]
  targets:
    description:
      - With V(signing_keys) V(operator), or names of accounts; with V(user) one C(account/user); else empty.
      - Empty goes on with what is under way of that kind.
    type: list
    elements: str
    default: []
  drop:
    description: Whether the last phase begins, which refuses clients with old creds. The operator's keys do not wait.
    type: bool
    default: false
  again:
    description: Whether keys are rotated that were rotated before.
    type: bool
    default: false
  verified:
    description: The phase that was verified on every server just now. Not said begins, or takes up what is under way.
    type: str
    choices: [add, replace, drop]
  operator_request:
    description:
      - As O(aegis.nats.trust#module:operator_request), where the change of the operator has to be signed elsewhere.
      - Without it, and without the root key, the signing keys of the operator can't be rotated, which is said at once.
    type: path
attributes:
  check_mode:
    description: Says the phases that would run. Missing seeds and faults of the tree are found for all of them.
    support: full
  diff_mode:
    description: There is nothing to show beyond the reasons.
    support: none
extends_documentation_fragment:
  - aegis.nats.store
"""

EXAMPLES = r"""
- name: Begin to rotate the signing keys of an account, or go on with it
  aegis.nats.rotation:
    path: nats/trust
    operator: {name: Acme}
    accounts: "{{ nats_trust_accounts }}"
    kind: signing_keys
    targets: [TeamAlpha]
  register: rotation
"""

RETURN = r"""
phase:
  description: The phase to bring to the servers now; empty when there is none.
  returned: success
  type: str
  sample: add
to_come:
  description: The phases that are still to be run, this one among them.
  returned: success
  type: list
  elements: str
waiting:
  description: Whether only O(drop) is missing.
  returned: success
  type: bool
finished:
  description: Whether no rotation is under way.
  returned: success
  type: bool
message:
  description: Where it stands and what is to be done, in plain words.
  returned: success
  type: str
rotation:
  description: The rotation under way with its public keys; none when there is none.
  returned: success
  type: dict
clients:
  description: What proves the phase, as O(aegis.nats.client_probe#module:clients) takes it.
  returned: success
  type: list
  elements: dict
checks:
  description: What proves the phase, as O(aegis.nats.client_probe#module:checks) takes it.
  returned: success
  type: list
  elements: dict
reasons:
  description: What changes and why, in plain words.
  returned: success
  type: list
  elements: str
problems:
  description: Each problem of the input with its path and a message.
  returned: when the input has problems
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.plan.verb import run_module
from ..module_utils.trust.verb_rotation import VERB


def main() -> None:
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
