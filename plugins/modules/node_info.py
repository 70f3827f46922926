#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.node_info: what a cluster host is and has."""

from __future__ import annotations

DOCUMENTATION = r"""
module: node_info
short_description: What a cluster host is and has
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Tells in one call what a deployment must know of a host before it touches it - system, processor, user and group,
    the nats-server program, the state of the service, the release that is switched in, the private keys that live there
    and the certificates that are served, and ports that are taken.
notes:
  - Runs on the cluster host and needs nothing but Python 3.9 or newer there. It opens
    no private key, and reads only their requests.
options:
  config_dir:
    description: The folder of the releases.
    type: path
    default: /etc/nats
  config_file:
    description: The configuration inside a release.
    type: str
    default: nats-server.conf
  checksum:
    description: Whether RV(binary) has the program's checksum, which takes longer than everything else.
    type: bool
    default: true
  user:
    description: The user that the server runs as.
    type: str
    default: nats
  group:
    description: The group that the server runs as.
    type: str
    default: nats
  keys_owner:
    description: Whose the private keys that live on the host must be; another owner is told as a fault.
    type: str
  keys_group:
    description: The same for their group.
    type: str
  ports:
    description: Ports that the server is going to listen on. Those of our own running server do not count as taken.
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description: The address to listen on.
        type: str
        default: 0.0.0.0
      port:
        description: The port; V(0) and V(-1) are left out.
        type: int
        required: true
      purpose:
        description: What it is for; it comes back with a port that is taken.
        type: str
        default: ""
extends_documentation_fragment:
  - aegis.nats.attributes.reads
  - aegis.nats.server
seealso:
  - module: aegis.nats.node_config
  - module: aegis.nats.cluster_info
"""

EXAMPLES = r"""
- name: Look at the host
  aegis.nats.node_info:
    ports:
      - {address: 0.0.0.0, port: 4222, purpose: clients}
  register: node

- name: Stop before anything is changed when a port is taken
  ansible.builtin.assert:
    that: node.ports_taken | length == 0
    fail_msg: "{{ node.ports_taken | map(attribute='message') | join('; ') }}"
"""

RETURN = r"""
architecture:
  description: V(amd64), V(arm64) or V(other).
  type: str
  returned: success
os:
  description: C(id), C(version_id) and C(family) of the distribution.
  type: dict
  returned: success
python:
  description: Version of the Python that ran this.
  type: str
  returned: success
binary:
  description: C(path), C(version) and C(sha256) of the program, or null when it is not there. C(sha256) is null without
    O(checksum).
  type: dict
  returned: success
user:
  description: Whether the user C(exists), and its C(uid).
  type: dict
  returned: success
group:
  description: Whether the group C(exists), and its C(gid).
  type: dict
  returned: success
program_coming:
  description: C(path) where M(aegis.nats.node_config) may be given another program, and whether one lies there
    (C(exists)).
  type: dict
  returned: success
program_before:
  description: C(path), C(version) and C(sha256) of the program that was last proved to run, where another was put into
    its place by a run that did not get to prove it; else null.
  type: dict
  returned: success
service:
  description: C(manager), C(state) (V(running), V(stopped) or V(absent)), C(pid), the C(version) of the program that it
    runs (null where that can't be told), and whether that was C(replaced) since the server was started.
  type: dict
  returned: success
release:
  description: C(name) of the release that is switched in and the one that was last C(loaded); null when there is
    none.
  type: dict
  returned: success
ports_taken:
  description: Ports that can't be listened on, each with C(address), C(port), C(purpose) and C(message).
  type: list
  elements: dict
  returned: success
tls_keys:
  description: The private keys that live on the host, as M(aegis.nats.node_keys) returns them.
  type: list
  elements: dict
  returned: success
certificates:
  description: "The certificates of the release that is switched in, each with C(file), C(serial), C(spki_sha256),
    C(not_after), C(days_left) and C(served), whether the server was proved to have loaded it."
  type: list
  elements: dict
  returned: success
openssl:
  description: The C(openssl) program that makes private keys, or null when there is none.
  type: str
  returned: success
is_root:
  description: Whether this ran as root.
  type: bool
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.node.verb_info import INFO
from ..module_utils.plan.verb import run_module


def main() -> None:
    run_module(AnsibleModule(**INFO.module_arguments()), INFO)


if __name__ == "__main__":
    main()
