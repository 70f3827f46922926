#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.node_process: a program beside the server, where there is no service manager."""

from __future__ import annotations

DOCUMENTATION = r"""
module: node_process
short_description: Run a program beside the server on a host without a service manager
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Starts a program in a session of its own, and starts it anew where its words or its files are others than those that
    it was started with. Stops it by C(TERM), and by C(KILL) where that does not end it.
  - For a cluster without systemd, as on loopback. The server itself is for M(aegis.nats.node_service).
notes:
  - Runs on the cluster host and needs nothing but Python 3.9 or newer there.
  - The words of a process can be read by every user of the host, and stand in O(record), mode 0600.
attributes:
  check_mode:
    description: Says what would be done.
    support: full
  diff_mode:
    description: There is nothing to show.
    support: none
options:
  name:
    description: What the program is called in what is told.
    type: str
    required: true
  state:
    description: Whether it shall run.
    type: str
    choices: [started, stopped]
    default: started
  argv:
    description: The program by its absolute path, and its words. Needed for O(state=started).
    type: list
    elements: str
    default: []
  record:
    description: File that tells which process it is, and what it was started with. Its folder is made where it is
      missing, and that of O(log_file).
    type: path
    required: true
  log_file:
    description: Where what the program writes goes. Each start begins it anew.
    type: path
    required: true
  files:
    description: Files that the program reads when it starts. It is started anew where one of them changed.
    type: list
    elements: path
    default: []
  settle:
    description: Seconds in which a program that can't run ends.
    type: float
    default: 0.5
  timeout:
    description: Seconds in which it has to end after C(TERM).
    type: float
    default: 10.0
seealso:
  - module: aegis.nats.node_service
"""

EXAMPLES = r"""
- name: Run the exporter beside the server
  aegis.nats.node_process:
    name: the exporter
    argv: [/home/me/bin/prometheus-nats-exporter, -addr, 127.0.0.1, -varz, "http://127.0.0.1:8222"]
    record: /home/me/nats/run/exporter.json
    log_file: /home/me/nats/log/exporter.log
"""

RETURN = r"""
pid:
  description: The process now, or null.
  type: int
  returned: success
reasons:
  description: What was done and why, in words.
  type: list
  elements: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.node.verb_process import PROCESS
from ..module_utils.plan.verb import run_module


def main() -> None:
    """Do it."""
    run_module(AnsibleModule(**PROCESS.module_arguments()), PROCESS)


if __name__ == "__main__":
    main()
