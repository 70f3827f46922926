#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.operator: one NATS operator: its keys and its token."""

from __future__ import annotations

DOCUMENTATION = r"""
module: operator
short_description: 'One NATS operator: its keys and its token'
version_added: "0.1.0"
description:
  - Makes and keeps the operator of a store. A store that holds nothing yet is begun, with a system account SYS.
  - A change of the operator needs the seed of its identity key; everything else is signed by its signing keys.
  - What is not said is as M(aegis.nats.trust) has it when not said, for the options are the whole of what it
    is. Their schema is in C(docs/tree.md).
  - Runs on the controller, inside the Ansible process, unless the task is delegated to another host. Seeds and
    creds lie below O(path)C(/keys), files C(0600) in folders C(0700), and are never part of the result.
author: [aegis.nats contributors (@aegis-nats)]
options:
  name:
    description: 'Its name, also of its folder in the store. Written as name.'
    type: raw
    required: true
  signing_keys:
    description: >-
      How many signing keys there are at least. Written as number from 0 to 16. V(1) when not said.
    type: raw
  strict_signing_key_usage:
    description: >-
      Its identity key signs nothing but its own token. Written as true or false. V(true) when not said.
    type: raw
  service_urls:
    description: 'Where clients connect. Written as list of: URL of nats, tls, ws or wss, host and port only.'
    type: list
    elements: str
  account_server_url:
    description: 'Where account tokens are served. Written as URL.'
    type: raw
  assert_server_version:
    description: 'Servers older than this refuse to start. Written as version such as 2.10.0.'
    type: raw
  expires:
    description: >-
      Lifetime of its token, from issue; as it is when not said. Written as duration such as 12h, 90d or 1y.
    type: raw
extends_documentation_fragment:
  - aegis.nats.store
  - aegis.nats.store.carrying
  - aegis.nats.store.entity
  - aegis.nats.store.tokens
"""

EXAMPLES = r"""
- name: Keep the operator
  aegis.nats.operator:
    path: nats/trust
    name: Acme
    service_urls: ["tls://nats.example.com:4222"]
"""

RETURN = r"""
reasons:
  description: What changes and why, in plain words.
  returned: success
  type: list
  elements: str
operator:
  description: The operator.
  returned: success
  type: dict
  contains:
    name: {description: Its name., type: str, returned: success}
    public_key: {description: Its identity., type: str, returned: success}
    jwt: {description: Its token., type: str, returned: success}
    signing_keys: {description: Public keys that sign for it., type: list, elements: str, returned: success}
pending:
  description: The change of the operator's token that its root key, elsewhere, still has to sign; none otherwise.
  returned: success
  type: dict
  contains:
    changes: {description: What changes in plain words., type: list, elements: str, returned: success}
    signer: {description: The public key that has to sign., type: str, returned: success}
    digest: {description: Of the request; the signing machine shows the same., type: str, returned: success}
    request: {description: Path of the request., type: str, returned: success}
    response: {description: Where the response is looked for., type: str, returned: success}
problems:
  description: Each problem of the input with its path and a message.
  returned: when the input has problems
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.plan.verb import run_module
from ..module_utils.trust.verb_entity import OPERATOR


def main() -> None:
    run_module(AnsibleModule(**OPERATOR.module_arguments()), OPERATOR)


if __name__ == "__main__":
    main()
