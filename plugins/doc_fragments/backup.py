# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that the modules share that take and put back streams."""

from __future__ import annotations


class ModuleDocFragment:
    """Where the servers are, and who may log in to the accounts."""

    DOCUMENTATION = r"""
options:
  servers:
    description:
      - URLs of servers, as V(tls://host:port). Any one that answers is enough. Without them no streams are looked at.
    type: list
    elements: str
    default: []
  certificate:
    description:
      - Path of the client certificate (PEM), needed where servers verify clients.
    type: path
  trust:
    description:
      - Path of the trust store whose accounts the streams belong to. Needed with O(servers).
    type: path
  operator:
    description:
      - Name of the operator in O(trust). Needed with O(servers).
    type: str
  timeout:
    description:
      - Seconds that connecting to a server may take, and an answer of JetStream.
    type: float
    default: 10.0
requirements:
  - cryptography 38 or newer, nats-py, nkeys and PyJWT, where this runs
"""
