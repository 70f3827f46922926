# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that the modules share that are clients of running servers."""

from __future__ import annotations


class ModuleDocFragment:
    """How the servers are reached, and by what they are known."""

    DOCUMENTATION = r"""
options:
  ca:
    description:
      - Path of the PEM file of the authorities that the servers' certificates come from. Without it, those of the
        system count.
    type: path
  key:
    description:
      - Path of the key of O(certificate) (PEM).
    type: path
  tls_hostname:
    description:
      - The name that the servers' certificates must carry, where it is not the host of the URL.
    type: str
  tls_first:
    description:
      - Whether connections begin with the TLS handshake, as the servers' option C(handshake_first) wants it. Otherwise
        the server greets in clear text before it.
    type: bool
    default: false
  via:
    description:
      - Name of a host of the inventory through whose SSH connection the servers are reached, where the controller
        itself can't reach their client port. It is reached by C(ssh -W) with the settings of its own connection
        (address, port, user, key, arguments). That must be C(ssh) with a key or an agent.
      - The URLs are as that host sees them. TLS runs from end to end, and no secret touches that host.
      - Works on the controller only, not where the task is delegated to another host.
    type: str
"""
