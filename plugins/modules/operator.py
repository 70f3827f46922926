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
requirements:
  - nkeys, cryptography 38 and PyJWT 2.7 or newer, where this runs
options:
  path:
    description: 'Folder of the store. Relative paths start at the playbook''s folder.'
    type: path
    required: true
  name:
    description: 'Its name, also of its folder in the store. Written as name.'
    type: raw
    required: true
  seal:
    description: >-
      Whether files that hold a secret are written as Ansible Vault files; they are when the play has a vault
      secret.
    type: bool
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
  renew_before:
    description: >-
      How long before its end it is issued again; a third of the lifetime when not said. Written as duration
      such as 12h, 90d or 1y.
    type: raw
  tags:
    description: 'Tags. Written as list of: tag, written in lower case.'
    type: list
    elements: str
  operator_request:
    description:
      - File that asks for a change of the operator's token where its root key is not in the store. Without it such a
        change is an error that names the key.
      - The rest of the tree is applied, signed as servers take it now; RV(pending) and a warning say what waits. The
        task does not fail.
      - It holds the claims that are wanted, the token they replace, the key that must sign, what changes in words, and
        a digest; no secret. M(aegis.nats.operator_sign) answers it.
      - It is removed once it is not open any more. The way of it is in C(docs/offline_root.md).
    type: path
  operator_response:
    description:
      - File with the signed token that came back; when not said, the file beside O(operator_request) with C(.response)
        behind its name.
      - It is read when a change of the operator is due and the root key is not in the store, refused with reasons
        where it is not signed by that key, not later than the token in force, or not what the tree wants now, and
        removed once it is in force.
    type: path
attributes:
  check_mode:
    description: Says the changes and reasons of the run that would follow; keys not made yet are shown as examples.
    support: full
  diff_mode:
    description: Shows the claims before and after, without secrets.
    support: full
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
