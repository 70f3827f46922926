#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: preflight
author: aegis.nats contributors (@aegis-nats)
version_added: 0.1.0
short_description: Everything wrong with an inventory, said before a host is touched
description:
  - Resolves the variables of the role P(aegis.nats.nats_server#role) for every host of a group and checks them, each
    for itself and all together, against what nats-server is known to do with them.
  - Adds what earlier tasks found in the certificates and the trust tree, and fails with all problems at once.
  - Runs on the controller, inside the Ansible process; it connects to no host, writes nothing, and no value of a secret
    leaves it.
options:
  group:
    description: Inventory group whose hosts are the cluster.
    type: str
    required: true
  earlier:
    description:
      - Results of tasks that looked at something in check mode; the problems of those that failed are told too.
    type: list
    elements: dict
    default: []
attributes:
  action:
    description: Runs on the controller.
    support: full
  check_mode:
    description: Changes nothing, in check mode and out of it.
    support: full
  diff_mode:
    description: Has nothing to show.
    support: none
extends_documentation_fragment: []
"""

EXAMPLES = r"""
- name: Check the settings of all servers together
  aegis.nats.preflight:
    group: nats_servers
  run_once: true
"""

RETURN = r"""
problems:
  description: What is wrong, when something is; each with the V(path) in the input and a V(message).
  type: list
  elements: dict
  returned: failure
hosts:
  description: The hosts that were checked.
  type: list
  elements: str
  returned: success
nodes:
  description: Their servers, as the filter P(aegis.nats.nodes#filter) gives them.
  type: list
  elements: dict
  returned: success
"""
