#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.trust: a whole tree of operator, accounts and users."""

from __future__ import annotations

DOCUMENTATION = r"""
module: trust
short_description: A whole NATS trust tree of operator, accounts and users in one call
version_added: "0.1.0"
description:
  - Makes and keeps the keys, tokens and creds files of a NATS operator, its accounts and their users, as the tree says.
  - The store has the layout of C(nsc), which reads it as it is; a store that C(nsc) made is taken over.
  - Runs on the controller, inside the Ansible process, unless the task is delegated to another host. Nothing of it
    reaches a cluster host.
  - Seeds and creds lie below O(path)C(/keys), files C(0600) in folders C(0700) that belong to who runs Ansible. They
    are never part of the result. The tokens of operator and accounts hold no secret and are returned.
  - All problems of the tree are reported together, each with its path, before anything is written.
  - A key that is there stays through every change. A token is issued again only when what it says changes, when its
    signer no longer may sign it, or when its end comes near.
author: [aegis.nats contributors (@aegis-nats)]
options:
  operator:
    description:
      - The operator. C(name) is needed; C(signing_keys) (1), C(strict_signing_key_usage) (V(true)), C(service_urls),
        C(account_server_url), C(assert_server_version), C(expires) and C(tags) may be said.
      - The whole schema is in C(docs/tree.md).
    type: dict
    required: true
  system_account:
    description: The system account, with the same schema as O(accounts). Account SYS with a user sys when not said.
    type: dict
  accounts:
    description: The accounts with their limits, exports, imports and users. The whole schema is in C(docs/tree.md).
    type: list
    elements: dict
    default: []
  purge:
    description:
      - Whether accounts and users that are in the store but not in the tree are removed from it, with their keys and
        creds.
      - A user that is removed is revoked in the token of its account. Servers refuse it once they have that token.
      - An account that is removed is told in RV(removed_accounts) from then on; servers go on with it until
        M(aegis.nats.account_push) deletes it there.
      - Otherwise they stay and are told in RV(absent) and in a warning. The system account is never removed.
    type: bool
    default: false
  drop_revocations:
    description:
      - Whether revocations that the tree does not name are dropped from the accounts.
      - They are kept otherwise, because a token that was revoked and has not expired is valid again without it.
    type: bool
    default: false
extends_documentation_fragment:
  - aegis.nats.store
  - aegis.nats.store.carrying
  - aegis.nats.store.tokens
"""

EXAMPLES = r"""
- name: Keep the trust tree
  aegis.nats.trust:
    path: nats/trust
    operator:
      name: Acme
      service_urls: ["tls://nats.example.com:4222"]
    system_account:
      name: SYS
      users:
        - name: sys
    accounts:
      - name: TeamAlpha
        limits:
          connections: 500
          jetstream: {memory: 1G, disk: 10G, streams: 100, consumers: 1000}
        exports:
          - {name: PublicOrders, subject: "orders.public.>", type: service}
        users:
          - name: order-service
            publish: {allow: ["orders.>"], deny: ["orders.admin.>"]}
            subscribe: {allow: ["orders.>", "_INBOX_order-service.>"]}
            responses: {max: 1, ttl: 5s}
            expires: 90d
            renew_before: 30d
      - name: ExternalPartner
        imports:
          - name: PublicOrders
            account: TeamAlpha
            subject: "orders.public.>"
            local_subject: "partner.orders.>"
            type: service
        users:
          - name: gateway
  register: trust

- name: Give users a role, and revoke what was issued until yesterday
  aegis.nats.trust:
    path: nats/trust
    operator:
      name: Acme
    accounts:
      - name: TeamAlpha
        signing_keys:
          - {role: reader, template: {subscribe: {allow: ["orders.>"]}}}
        users:
          - {name: dashboard, role: reader}
        revocations:
          - {user: "*", before: "2026-11-22T00:00:00Z"}
"""

RETURN = r"""
reasons:
  description: What changes and why, in plain words.
  returned: success
  type: list
  elements: str
  sample: ['user order-service: publish.allow adds "orders.>"']
operator:
  description: The operator.
  returned: success
  type: dict
  contains:
    name: {description: Its name., type: str, returned: success}
    public_key: {description: Its identity., type: str, returned: success}
    jwt: {description: Its token; servers are configured with it., type: str, returned: success}
    signing_keys: {description: Public keys that sign for it., type: list, elements: str, returned: success}
system_account:
  description: The system account; servers preload it.
  returned: success
  type: dict
  contains:
    name: {description: Its name., type: str, returned: success}
    public_key: {description: Its identity., type: str, returned: success}
    jwt: {description: Its token., type: str, returned: success}
accounts:
  description:
    - Every account of the tree, the system account first.
    - While a key of the operator is rotated, also those that only the store has; they are signed anew.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Its name., type: str, returned: success}
    public_key: {description: Its identity., type: str, returned: success}
    jwt: {description: Its token., type: str, returned: success}
    system: {description: Whether it is the system account., type: bool, returned: success}
users:
  description: Every user of the tree. Their tokens and seeds are in the creds files only.
  returned: success
  type: list
  elements: dict
  contains:
    account: {description: Name of its account., type: str, returned: success}
    name: {description: Its name., type: str, returned: success}
    public_key: {description: Its identity., type: str, returned: success}
    creds: {description: Absolute path of its creds file., type: str, returned: success}
    expires: {description: 'When its token ends, ISO 8601; none when never.', type: str, returned: success}
absent:
  description: What is in the store and not in the tree.
  returned: success
  type: list
  elements: str
  sample: [user TeamAlpha/old-service]
removed_accounts:
  description:
    - The accounts that O(purge) removed from the store, in this run or ever before.
    - M(aegis.nats.account_push) looks whether a server holds one of them still, or again.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Its name., type: str, returned: success}
    public_key: {description: Its identity., type: str, returned: success}
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
rotation:
  description: The rotation of keys that is under way, with public keys; none when there is none.
  returned: success
  type: dict
problems:
  description: Each problem of the input with its path and a message.
  returned: when the input has problems
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.plan.verb import run_module
from ..module_utils.trust.verb_trust import VERB


def main() -> None:
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
