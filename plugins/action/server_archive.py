# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.server_archive: everything happens on the controller."""

from __future__ import annotations

from ..plugin_utils.server_archive import ServerArchiveAction


class ActionModule(ServerArchiveAction):
    """Named for the task."""
