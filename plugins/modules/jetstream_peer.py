#!/usr/bin/python

# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: jetstream_peer
short_description: Make a server ready to restart or to leave, as far as JetStream is concerned
version_added: 0.1.0
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Asks the servers of a cluster over the system account who leads JetStream's meta group and who belongs to it, and
    has it changed.
  - Runs on the controller unless the task is delegated to another host, over one connection of a user of the system
    account. The creds, the certificate and its key stay where it runs.
  - Files may be sealed with Ansible Vault when it runs on the controller.
options:
  servers:
    description:
      - URLs of servers, as V(tls://host:port). Any one that answers is enough; the others are told by it.
    type: list
    elements: str
    required: true
  creds:
    description:
      - Path of the creds file of a user of the system account.
      - Besides the inbox, the user must be allowed to publish to C($SYS.REQ.SERVER.PING.JSZ), and for
        O(state=follower) to C($JS.API.META.LEADER.STEPDOWN), for O(state=drained) to
        C($JS.API.ACCOUNT.STREAM.MOVE.*.*), for O(state=absent) to C($JS.API.SERVER.REMOVE).
    type: path
    required: true
  certificate:
    description:
      - Path of the client certificate (PEM), needed where servers verify clients.
    type: path
  name:
    description:
      - Name of the server (its C(server_name)).
    type: str
    required: true
  state:
    description:
      - With V(follower), the server does not lead JetStream's meta group. If it does, it hands over to another server
        that has everything, and the task ends when that one leads. Streams and consumers that it leads are handed over
        by the server itself, when it goes into lame duck mode.
      - With V(drained), no stream of any account has a replica on the server. Each is moved to another server by
        JetStream's own move, a few at a time, with its messages and its consumers and their state, also where it has
        one replica only. The task ends when every replica that was made is current and the server holds none. What
        can't be moved is told before anything is.
      - With V(absent), the server is no member of JetStream's meta group, and counts for no quorum. It must be stopped,
        and hold nothing. A server of the same name can become a member again.
      - With V(lost), the server is gone with everything it had, and may come back empty under its name. Nothing is
        changed; it fails while the server runs, while the others are too few to decide, and where a stream had its only
        replica there.
      - With V(expendable), everything that the server has on disk is on other servers too, which run and are current,
        so that it may come back with empty data and gets all of it again. Nothing is changed; it fails where a stream
        or a durable consumer has its only copy there or no leader, where a replica is behind, and where the others are
        too few to decide.
    type: str
    choices: [follower, drained, absent, lost, expendable]
    required: true
  trust:
    description:
      - Path of the trust store. With it, streams are found that no running server holds, for V(absent) and V(lost). The
        system account is not told of them, so a user of each account asks, which is signed in memory.
    type: path
  operator:
    description:
      - Name of the operator in O(trust).
    type: str
  lose_streams:
    description:
      - Streams that may have a replica on the server when it becomes V(absent), or their only one, or that of one of
        their consumers, when it is V(lost) or V(expendable), as V(ACCOUNT/STREAM), where the account is its name or
        its public key. JetStream makes that replica anew; a stream that had no other is empty then.
    type: list
    elements: str
    default: []
  timeout:
    description:
      - Seconds that connecting to one server may take, and the longest silence in between answers.
    type: float
    default: 10.0
  wait_timeout:
    description:
      - Seconds after which it gives up when nothing moves any more.
    type: float
    default: 120.0
attributes:
  check_mode:
    description: Can run in check mode and says what it would have changed; the servers must be reachable.
    support: full
  diff_mode:
    description: Shows who leads, which streams lie there, or who belongs to the meta group, before and after.
    support: full
extends_documentation_fragment:
  - aegis.nats.connection
"""

EXAMPLES = r"""
- name: Have another server lead before this one restarts
  aegis.nats.jetstream_peer:
    servers:
      - tls://192.0.2.11:4222
      - tls://192.0.2.12:4222
    creds: nats/trust/keys/creds/Acme/SYS/sys.creds
    ca: nats/pki/ca.crt
    certificate: nats/pki/issued/clients/deploy.crt
    key: nats/pki/issued/clients/deploy.key
    name: n1
    state: follower

- name: Move everything off a server that is to leave
  aegis.nats.jetstream_peer:
    servers: [tls://192.0.2.11:4222]
    creds: nats/trust/keys/creds/Acme/SYS/sys.creds
    ca: nats/pki/ca.crt
    certificate: nats/pki/issued/clients/deploy.crt
    key: nats/pki/issued/clients/deploy.key
    name: n4
    state: drained
"""

RETURN = r"""
meta_leader:
  description: The server that leads JetStream's meta group now.
  returned: success
  type: str
  sample: n2
members:
  description: Every server of the meta group, running or not.
  returned: success
  type: list
  elements: str
  sample: [n1, n2, n3]
running:
  description: Those of them that run.
  returned: success
  type: list
  elements: str
  sample: [n1, n2, n3]
streams:
  description: Streams that are still on the server; in check mode, those that would be moved.
  returned: success
  type: list
  elements: str
  sample: []
moved:
  description: Streams that were moved.
  returned: success
  type: list
  elements: str
  sample: ["stream ORDERS of TeamAlpha"]
reasons:
  description: What had to be changed and why, in plain words.
  returned: success
  type: list
  elements: str
  sample: ["n1 leads JetStream's meta group: it hands over to another server"]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.jetstream.verb_jetstream_peer import PEER
from ..module_utils.plan.verb import run_module


def main() -> None:
    """Do it."""
    run_module(AnsibleModule(**PEER.module_arguments()), PEER)


if __name__ == "__main__":
    main()
