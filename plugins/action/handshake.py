# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.handshake: reads the clients' certificates on the controller; everything else happens on the host."""

from __future__ import annotations

from ..plugin_utils.delivery import DeliveringAction, delivered_clients


class ActionModule(DeliveringAction):
    module = "aegis.nats.handshake"
    deliver = staticmethod(delivered_clients)
