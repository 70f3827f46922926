# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that the modules on cluster hosts share."""

from __future__ import annotations


class ModuleDocFragment:
    """How the server is run, and where it is asked."""

    DOCUMENTATION = r"""
options:
  service_manager:
    description:
      - V(systemd) runs the server as a unit.
      - V(process) runs it as a process of its own session, found by its pid file and stopped by signals; it needs
        neither root nor systemd.
    type: str
    choices: [systemd, process]
    default: systemd
  service_name:
    description: Name of the systemd unit.
    type: str
    default: nats-server
  binary:
    description: The nats-server program.
    type: path
    default: /usr/local/bin/nats-server
  pid_file:
    description: The file that the configuration names as C(pid_file). Used by O(service_manager=process).
    type: path
  log_file:
    description: The file that the configuration names as C(log_file). Its last lines are told when something fails.
    type: path
"""

    MONITOR = r"""
options:
  monitor:
    description:
      - URL of the server's monitoring endpoint, such as C(http://127.0.0.1:8222). It has no authentication, so it
        belongs on loopback.
    type: str
  monitor_ca:
    description: CA file by which an C(https) endpoint is checked. The name in its certificate is not.
    type: path
"""
