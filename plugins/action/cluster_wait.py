# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.cluster_wait: the host waits in slices, and between them the controller tells for what."""

from __future__ import annotations

from ..plugin_utils.waiting import WaitingAction


class ActionModule(WaitingAction):
    """Runs cluster_wait."""

    module = "aegis.nats.cluster_wait"
    until = "the cluster is whole"
