#!/usr/bin/python

# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: account_push
short_description: Bring account JWTs to the resolver of every server of a running cluster
version_added: 0.1.0
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Asks every server of a cluster with a full resolver which accounts it holds and what they say, sends only what some
    server lacks or holds in an older edition, waits for one confirmation from each expected server, and looks again.
  - Refuses, before anything is sent, what a server would store today and stumble over later (an account signed by
    someone else than the operator, or expired). All such accounts are told together.
  - Repairs what others did behind its back. An account that a server lost is sent again. One that somebody else pushed
    with a later time is issued again, later still, and the store keeps that JWT; revocations that the operator's own
    keys added there stay. Both need nothing but another run, and check mode tells them beforehand.
  - Deletes, on every server, the accounts in O(removed_accounts), and looks whether they are gone. A server that was
    away when an account was deleted brings it back to all others when it returns; the next run deletes it again. While
    a server is away, the account is closed instead (everybody revoked, no connection allowed), which lasts. The system
    account is never deleted. Other accounts that servers hold are told in RV(strangers) and left alone.
  - Runs on the controller unless the task is delegated to another host, over one connection of a user of the system
    account. The creds, the certificate and its key stay where it runs; account JWTs, which are signed and not secret,
    leave it.
  - Files may be sealed with Ansible Vault when it runs on the controller.
options:
  servers:
    description:
      - URLs of servers, as V(tls://host:port). Any one that answers is enough; the others are told by it.
    type: list
    elements: str
    required: true
  expect:
    description:
      - Names of the servers that must answer and confirm (C(server_name) of each).
      - One of O(expect) and O(expect_count) must be given.
    type: list
    elements: str
  expect_count:
    description:
      - How many servers must answer and confirm.
    type: int
  allow_missing:
    description:
      - Whether to go on without the servers of O(expect) that do not answer. They are told in RV(missing) and in a
        warning; a run when they are back brings them what they lack.
      - Otherwise the task fails, names them, and changes nothing on the others.
    type: bool
    default: false
  caching:
    description:
      - Names of servers with a resolver of type C(cache). They hear what is sent, and renew what they have in use; what
        they hold is not compared, and nothing is expected of them.
    type: list
    elements: str
    default: []
  coming:
    description:
      - Names of servers that do not run yet, and will hold nothing but the system account of their configuration.
      - In check mode they are not asked, and what they will lack is told. Otherwise this has no effect.
    type: list
    elements: str
    default: []
  creds:
    description:
      - Path of the creds file of a user of the system account.
      - Besides the inbox, the user must be allowed to publish to C($SYS.REQ.CLAIMS.LIST), C($SYS.REQ.CLAIMS.UPDATE),
        C($SYS.REQ.ACCOUNT.*.CLAIMS.LOOKUP) and C($SYS.REQ.ACCOUNT.*.INFO); to delete, to C($SYS.REQ.CLAIMS.DELETE).
    type: path
    required: true
  certificate:
    description:
      - Path of the client certificate (PEM), needed where servers verify clients.
    type: path
  accounts:
    description:
      - The accounts, as M(aegis.nats.trust) returns them.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the account, for messages.
        type: str
        required: true
      public_key:
        description:
          - Public key of the account; must be the subject of the JWT.
        type: str
        required: true
      jwt:
        description:
          - The account JWT.
        type: str
        required: true
      system:
        description:
          - Whether it is the system account. It is pushed like any other.
        type: bool
        default: false
  removed_accounts:
    description:
      - Accounts that no server may hold any more, as M(aegis.nats.trust) returns them once they were purged.
      - To delete them, the servers' resolver must have C(allow_delete) (the role variable
        C(nats_server_resolver_allow_delete)), and O(path) a key of the operator.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - Name of the account, for messages.
        type: str
        required: true
      public_key:
        description:
          - Public key of the account.
        type: str
        required: true
  path:
    description:
      - Path of the trust store that O(accounts) come from. Its operator's seeds sign deletions, and accounts that must
        be issued again; without either, it is not needed. A signing key is enough.
    type: path
  operator_keys:
    description:
      - Public keys that may have signed the accounts - the operator's identity key first, where that signs accounts,
        and its signing keys.
    type: list
    elements: str
    required: true
  timeout:
    description:
      - Seconds that connecting to one server may take, and the longest silence in between answers.
    type: float
    default: 10.0
attributes:
  check_mode:
    description: Can run in check mode and says what it would push; the servers must be reachable, but for O(coming).
    support: full
  diff_mode:
    description: Shows the claims of each account that is pushed, before and after, and what is deleted.
    support: full
extends_documentation_fragment:
  - aegis.nats.connection
"""

EXAMPLES = r"""
- name: Bring every account to every server
  aegis.nats.account_push:
    servers:
      - tls://192.0.2.11:4222
      - tls://192.0.2.12:4222
      - tls://192.0.2.13:4222
    expect: [n1, n2, n3]
    creds: nats/trust/keys/creds/Acme/SYS/sys.creds
    ca: nats/pki/ca.pem
    certificate: nats/pki/client/sys.pem
    key: nats/pki/client/sys.key
    accounts: "{{ trust.accounts }}"
    removed_accounts: "{{ trust.removed_accounts }}"
    path: nats/trust
    operator_keys: "{{ [trust.operator.public_key] + trust.operator.signing_keys }}"
"""

RETURN = r"""
pushed:
  description: Names of the accounts that were sent (in check mode, that would be).
  returned: success
  type: list
  elements: str
  sample: [TeamAlpha]
confirmed:
  description: For each account that was sent, the servers that confirmed it.
  returned: success
  type: dict
  sample: {TeamAlpha: [n1, n2, n3]}
deleted:
  description: Names of the purged accounts that were deleted (in check mode, that would be).
  returned: success
  type: list
  elements: str
  sample: [OldTeam]
closed:
  description: Names of the purged accounts that were closed, as a server that must delete them too is away.
  returned: success
  type: list
  elements: str
  sample: []
strangers:
  description: Accounts that servers hold and nobody named. They are left alone.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Name that the account has there., type: str, returned: success}
    public_key: {description: Its public key., type: str, returned: success}
missing:
  description: The servers that were expected and did not answer.
  returned: success
  type: list
  elements: str
  sample: []
servers:
  description: The servers that answered.
  returned: success
  type: list
  elements: str
  sample: [n1, n2, n3]
reasons:
  description: Why each account was sent, in plain words.
  returned: success
  type: list
  elements: str
  sample: ["TeamAlpha: n2 does not have it"]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.plan.verb import run_module
from ..module_utils.resolver.verb_account_push import VERB


def main() -> None:
    """Push."""
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
