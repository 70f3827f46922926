#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.account: one account of a NATS trust tree."""

from __future__ import annotations

DOCUMENTATION = r"""
module: account
short_description: One account of a NATS trust tree
version_added: "0.1.0"
description:
  - Makes, keeps or removes one account of a store. Everything else in the store stays as it is.
  - An account that is removed is removed with its users and their keys; servers go on with it until it is
    deleted there.
  - What is not said is as M(aegis.nats.trust) has it when not said, for the options are the whole of what it
    is. Their schema is in C(docs/tree.md).
  - Runs on the controller, inside the Ansible process, unless the task is delegated to another host. Seeds and
    creds lie below O(path)C(/keys), files C(0600) in folders C(0700), and are never part of the result.
author: [aegis.nats contributors (@aegis-nats)]
options:
  name:
    description: 'Its name. Written as name.'
    type: raw
    required: true
  description:
    description: 'What it is. Written as text.'
    type: raw
  info_url:
    description: 'Where to read more. Written as URL.'
    type: raw
  signing_keys:
    description: >-
      How many signing keys there are at least; in a list beside those with a role. Written as number from 0
      to 16; or list of: number from 0 to 16; or mapping. V(1) when not said.
    type: raw
  limits:
    description: 'What it may use. Written as mapping.'
    type: dict
  default_permissions:
    description: 'For users without permissions. Written as mapping.'
    type: dict
  exports:
    description: 'What others may import. Written as list of mappings.'
    type: list
    elements: dict
  imports:
    description: 'What it takes from others. Written as list of mappings.'
    type: list
    elements: dict
  mappings:
    description: 'Subjects that become others. Written as list of mappings.'
    type: list
    elements: dict
  trace:
    description: 'Trace messages. Written as mapping.'
    type: dict
  cluster_traffic:
    description: 'Which account JetStream replicates in. Written as system or owner.'
    type: raw
  auth_callout:
    description: 'Ask a service who may connect. Written as mapping.'
    type: dict
  users:
    description: 'Its users, as in M(aegis.nats.trust). They stay as they are when not said.'
    type: list
    elements: dict
  revocations:
    description: 'User tokens that are refused; those of the store stay. Written as list of mappings.'
    type: list
    elements: dict
extends_documentation_fragment:
  - aegis.nats.store
  - aegis.nats.store.entity
  - aegis.nats.store.member
  - aegis.nats.store.tokens
"""

EXAMPLES = r"""
- name: Keep an account
  aegis.nats.account:
    path: nats/trust
    name: TeamAlpha
    limits: {connections: 500, jetstream: {disk: 10G}}

- name: Remove an account
  aegis.nats.account:
    path: nats/trust
    name: TeamBeta
    state: absent
"""

RETURN = r"""
reasons:
  description: What changes and why, in plain words.
  returned: success
  type: list
  elements: str
account:
  description: The account; none where it is absent.
  returned: success
  type: dict
  contains:
    name: {description: Its name., type: str, returned: success}
    public_key: {description: Its identity., type: str, returned: success}
    jwt: {description: Its token., type: str, returned: success}
    system: {description: Whether it is the system account., type: bool, returned: success}
problems:
  description: Each problem of the input with its path and a message.
  returned: when the input has problems
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.plan.verb import run_module
from ..module_utils.trust.verb_entity import ACCOUNT


def main() -> None:
    run_module(AnsibleModule(**ACCOUNT.module_arguments()), ACCOUNT)


if __name__ == "__main__":
    main()
