#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.node_service: one server started, stopped, restarted or reloaded."""

from __future__ import annotations

DOCUMENTATION = r"""
module: node_service
short_description: Start, stop, restart or reload one server, and prove it
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Starts, stops, restarts or reloads the nats-server of a host, and waits until it did.
  - A start is proved by a new server that answers healthy on its monitoring endpoint, a reload by the time of the
    loaded configuration, which moves only when the server accepted it.
notes:
  - Runs on the cluster host and needs nothing but Python 3.9 or newer there.
  - The environment file is read on the host and handed to the server as its environment; it appears in no argument.
  - The server's last words are told on failure, with passwords, keys and tokens taken out.
attributes:
  check_mode:
    description: Says what would be done.
    support: full
  diff_mode:
    description: Shows the state of the service before and after.
    support: full
options:
  state:
    description:
      - V(started) and V(stopped) do nothing when it is so. V(restarted) starts a server that does not run.
      - V(reloaded) always reloads.
    type: str
    choices: [started, stopped, restarted, reloaded]
    required: true
  config:
    description: The configuration that the server runs with. With O(service_manager=process) it is also how the
      server's process is told from others.
    type: path
    default: /etc/nats/current/nats-server.conf
  environment_file:
    description: C(KEY="value") lines, as in a systemd C(EnvironmentFile). Used by O(service_manager=process); a unit
      names its own.
    type: path
  run_as:
    description: The user that root starts the server as. Used by O(service_manager=process); a unit names its own.
    type: str
  group:
    description: The group beside O(run_as).
    type: str
  enabled:
    description: Whether the unit shall start with the host. Left alone when not given. V(false) also takes it away.
    type: bool
  lame_duck:
    description:
      - Whether a server that is stopped leaves in lame duck mode - it hands over its leaders and then its clients.
      - With systemd this is the unit's C(ExecStop).
    type: bool
    default: true
  timeout:
    description: Seconds that the server may take for each step. What does not end in time is killed.
    type: float
    default: 150.0
extends_documentation_fragment:
  - aegis.nats.server
  - aegis.nats.server.monitor
seealso:
  - module: aegis.nats.node_config
  - module: aegis.nats.cluster_wait
"""

EXAMPLES = r"""
- name: Restart the server, its clients handed over first
  aegis.nats.node_service:
    state: restarted
    monitor: http://127.0.0.1:8222

- name: Stop a server that runs without systemd
  aegis.nats.node_service:
    state: stopped
    service_manager: process
    config: /home/me/nats/current/nats-server.conf
    pid_file: /home/me/nats/nats-server.pid
    lame_duck: false
    timeout: 20
"""

RETURN = r"""
reasons:
  description: What was done, in words.
  type: list
  elements: str
  returned: always
pid:
  description: The server's process now, or null.
  type: int
  returned: success
previous_pid:
  description: The server's process before, or null.
  type: int
  returned: success
running:
  description: Whether the server runs now.
  type: bool
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.node.verb_service import SERVICE
from ..module_utils.plan.verb import run_module


def main() -> None:
    run_module(AnsibleModule(**SERVICE.module_arguments()), SERVICE)


if __name__ == "__main__":
    main()
