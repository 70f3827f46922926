#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.user: one user of an account of a NATS trust tree."""

from __future__ import annotations

DOCUMENTATION = r"""
module: user
short_description: One user of an account of a NATS trust tree
version_added: "0.1.0"
description:
  - Makes, keeps or removes one user of a store, with its creds file. Everything else in the store stays as it
    is.
  - A user that is removed is revoked in the token of its account. Servers refuse it once they have that token.
  - What is not said is as M(aegis.nats.trust) has it when not said, for the options are the whole of what it
    is. Their schema is in C(docs/tree.md).
  - Runs on the controller, inside the Ansible process, unless the task is delegated to another host. Seeds and
    creds lie below O(path)C(/keys), files C(0600) in folders C(0700), and are never part of the result.
author: [aegis.nats contributors (@aegis-nats)]
options:
  account:
    description: 'Name of its account.'
    type: str
    required: true
  name:
    description: 'Its name, also of its creds file. Written as name.'
    type: raw
    required: true
  publish:
    description: 'Where it may publish. Written as mapping.'
    type: dict
  subscribe:
    description: 'Where it may subscribe. Written as mapping.'
    type: dict
  responses:
    description: 'Replies allowed to whoever asks it. Written as mapping.'
    type: dict
  limits:
    description: 'What it may use. Written as mapping.'
    type: dict
  source_networks:
    description: >-
      Where it may connect from; anywhere when not said. Written as list of: network such as 10.0.0.0/8.
    type: list
    elements: str
  times:
    description: 'When it may be connected; always when not said. Written as list of mappings.'
    type: list
    elements: dict
  times_location:
    description: 'The zone of its times. Written as IANA time zone such as Europe/Berlin.'
    type: raw
  bearer:
    description: >-
      Its token alone lets it in, without proof of its key. Written as true or false. V(false) when not said.
    type: raw
  proxy_required:
    description: 'Only through a trusted proxy. Written as true or false. V(false) when not said.'
    type: raw
  connection_types:
    description: >-
      How it may connect. Written as list of: STANDARD, WEBSOCKET, LEAFNODE, LEAFNODE_WS, MQTT, MQTT_WS or
      IN_PROCESS.
    type: list
    elements: str
  role:
    description: 'The role of its account that says what it may do, instead of itself. Written as text.'
    type: raw
  public_key:
    description: 'The key of one who keeps its seed; it has no creds file. Written as public key of a user.'
    type: raw
  revoked:
    description: >-
      Its token is refused, and it gets no other. Written as true or false. V(false) when not said.
    type: raw
extends_documentation_fragment:
  - aegis.nats.store
  - aegis.nats.store.entity
  - aegis.nats.store.member
  - aegis.nats.store.tokens
"""

EXAMPLES = r"""
- name: Keep a user
  aegis.nats.user:
    path: nats/trust
    account: TeamAlpha
    name: order-service
    publish: {allow: ["orders.>"]}
    expires: 90d

- name: Remove and revoke a user
  aegis.nats.user:
    path: nats/trust
    account: TeamAlpha
    name: old-service
    state: absent
"""

RETURN = r"""
reasons:
  description: What changes and why, in plain words.
  returned: success
  type: list
  elements: str
user:
  description: The user; none where it is absent. Its token and seed are in the creds file only.
  returned: success
  type: dict
  contains:
    account: {description: Name of its account., type: str, returned: success}
    name: {description: Its name., type: str, returned: success}
    public_key: {description: Its identity., type: str, returned: success}
    creds: {description: Absolute path of its creds file., type: str, returned: success}
    expires: {description: 'When its token ends, ISO 8601; none when never.', type: str, returned: success}
account:
  description: Its account, whose token changes when the user is revoked.
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
from ..module_utils.trust.verb_entity import USER


def main() -> None:
    run_module(AnsibleModule(**USER.module_arguments()), USER)


if __name__ == "__main__":
    main()
