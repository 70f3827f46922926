#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.cluster_wait: wait until the cluster is whole."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_wait
short_description: Wait until the cluster is whole, bounded, saying what is missing
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Waits until a server has a route to every expected peer, knows a meta leader, is healthy, and until every replica
    of the groups that it leads is current and not behind.
  - Run it on every server, since a server tells only of the groups that it leads.
notes:
  - Runs on the cluster host and needs nothing but Python 3.9 or newer there. It reads no secret.
  - It never changes anything. In check mode it looks once and does not fail.
  - A wait that lasts is told on the controller while it lasts. For that the action of this name runs the module again
    and again, some seconds each time; a cluster that is whole costs one run. With O(report_after), C(no_log) or
    C(async) it always is one, and nothing is told.
attributes:
  action:
    description: An action plugin tells on the controller what is waited for.
    support: full
  check_mode:
    description: Looks once, and tells what is missing.
    support: full
  diff_mode:
    description: Nothing changes.
    support: none
options:
  monitor:
    description: URL of the server's monitoring endpoint.
    type: str
    default: http://127.0.0.1:8222
  monitor_ca:
    description: CA file by which an C(https) endpoint is checked. The name in its certificate is not.
    type: path
  peers:
    description:
      - Names of all servers of the cluster, the one that is asked may be among them; or how many servers there are,
        it included.
    type: raw
  jetstream:
    description: Whether JetStream must be whole too.
    type: bool
    default: true
  jetstream_servers:
    description: How many servers JetStream's meta group has. As many as O(peers) has when not given.
    type: int
  timeout:
    description: Seconds to wait at most.
    type: float
    default: 60.0
  interval:
    description: Seconds between two looks.
    type: float
    default: 0.5
  report_after:
    description: Seconds after which to return what is missing by then, so that somebody can be told and wait on. It
      fails only when O(timeout) is over.
    type: float
  waited:
    description: Seconds that runs before this one have waited for the same. They are part of O(timeout).
    type: float
    default: 0.0
seealso:
  - module: aegis.nats.cluster_info
"""

EXAMPLES = r"""
- name: Wait until the cluster is whole
  aegis.nats.cluster_wait:
    peers: [n1, n2, n3]
    timeout: 120
"""

RETURN = r"""
missing:
  description: What is missing; empty unless in check mode, or with O(report_after).
  type: list
  elements: str
  returned: success
seconds:
  description: How long it took, O(waited) included.
  type: float
  returned: success
timeout:
  description: As of O(timeout).
  type: float
  returned: success
server:
  description: As of M(aegis.nats.cluster_info).
  type: dict
  returned: when the server answered
routes:
  description: As of M(aegis.nats.cluster_info).
  type: list
  elements: dict
  returned: when the server answered
jetstream:
  description: As of M(aegis.nats.cluster_info).
  type: dict
  returned: when the server answered
health:
  description: As of M(aegis.nats.cluster_info).
  type: dict
  returned: when the server answered
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.node.verb_cluster import CLUSTER_WAIT
from ..module_utils.plan.verb import run_module


def main() -> None:
    run_module(AnsibleModule(**CLUSTER_WAIT.module_arguments()), CLUSTER_WAIT)


if __name__ == "__main__":
    main()
