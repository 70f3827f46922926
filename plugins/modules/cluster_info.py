#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.cluster_info: the cluster as one of its servers sees it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_info
short_description: The cluster as one of its servers sees it
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Asks a server's monitoring endpoint for its identity, its peers, JetStream and its health.
notes:
  - Runs on the cluster host and needs nothing but Python 3.9 or newer there. It reads no secret.
  - Only the leader of a group knows how far its replicas are - ask every server for the whole picture.
options:
  monitor:
    description: URL of the server's monitoring endpoint.
    type: str
    default: http://127.0.0.1:8222
  monitor_ca:
    description: CA file by which an C(https) endpoint is checked. The name in its certificate is not.
    type: path
extends_documentation_fragment:
  - aegis.nats.attributes.reads
seealso:
  - module: aegis.nats.cluster_wait
"""

EXAMPLES = r"""
- name: Look at the cluster
  aegis.nats.cluster_info:
  register: cluster

- name: Say who leads
  ansible.builtin.debug:
    msg: "{{ cluster.jetstream.meta_leader }} leads {{ cluster.jetstream.cluster_size }} servers"
"""

RETURN = r"""
server:
  description:
    - C(name), C(id), C(version), C(config_digest), C(config_load_time), C(tls_cert_not_after) and C(start).
    - C(tls) and C(cluster_tls) say whether new connections of clients and of routes must use TLS.
  type: dict
  returned: success
routes:
  description: The distinct peers, each with C(remote_name) and C(remote_id).
  type: list
  elements: dict
  returned: success
jetstream:
  description:
    - Whether it is C(enabled), the C(meta_leader), the C(cluster_size), the number of C(streams) with replicas on
      this server.
    - On the meta leader C(replicas), each with C(name), C(current), C(offline) and C(lag).
    - C(streams_held) tells the streams that are on this server, each with C(account) and C(stream).
    - C(streams_alone) tells those among them that no other server has.
    - C(streams_behind) tells the replicas of streams led by this server that are not current.
  type: dict
  returned: success
health:
  description: C(ok), C(status) and C(error) of C(/healthz).
  type: dict
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.node.verb_cluster import CLUSTER_INFO
from ..module_utils.plan.verb import run_module


def main() -> None:
    run_module(AnsibleModule(**CLUSTER_INFO.module_arguments()), CLUSTER_INFO)


if __name__ == "__main__":
    main()
