#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.node_removal: nothing of a stopped server stays on its host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: node_removal
short_description: Remove what a stopped server has on its host
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Removes the unit, the configuration with its releases, the private keys that were made on the host, logs and pid
    file of a server that is stopped. Each is named; a folder goes only when nothing else is in it.
  - Data goes only with O(with_data). The program, the user and the group stay.
  - A run that was killed is ended by the next one.
notes:
  - Runs on the cluster host and needs nothing but Python 3.9 or newer there.
attributes:
  check_mode:
    description: Lists what would go.
    support: full
  diff_mode:
    description: Shows the paths that go.
    support: full
options:
  config_dir:
    description: The configuration folder, as M(aegis.nats.node_config) has it.
    type: path
    default: /etc/nats
  config_file:
    description: The main configuration, by which a server without systemd is found.
    type: str
    default: nats-server.conf
  data:
    description: Folders with data, such as those of JetStream and of the resolver.
    type: list
    elements: path
    default: []
  with_data:
    description: Whether the folders in O(data) go too. What is in them can't be had back.
    type: bool
    default: false
  folders:
    description: Further folders, such as those of logs, that go when nothing of others is in them.
    type: list
    elements: path
    default: []
extends_documentation_fragment:
  - aegis.nats.server
seealso:
  - module: aegis.nats.node_service
"""

EXAMPLES = r"""
- name: Leave nothing of the server but its data
  aegis.nats.node_removal:
    config_dir: /etc/nats
    data: [/var/lib/nats/jetstream, /var/lib/nats/resolver]
    folders: [/var/lib/nats, /var/log/nats]
    log_file: /var/log/nats/nats-server.log
"""

RETURN = r"""
reasons:
  description: What goes, in words.
  type: list
  elements: str
  returned: always
removed:
  description: The paths that were removed; in check mode, that would be.
  type: list
  elements: str
  returned: success
kept:
  description: What stays in these folders, and why.
  type: list
  elements: str
  returned: success
  sample: ["/var/lib/nats/jetstream: data"]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.node.verb_removal import REMOVAL
from ..module_utils.plan.verb import run_module


def main() -> None:
    run_module(AnsibleModule(**REMOVAL.module_arguments()), REMOVAL)


if __name__ == "__main__":
    main()
