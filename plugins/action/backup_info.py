# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On the controller: aegis.nats.backup_info."""

from __future__ import annotations

from ..module_utils.backup.verb_backup_info import VERB
from ..plugin_utils.in_process import InProcessAction


class ActionModule(InProcessAction):
    """Runs backup_info."""

    verb = VERB
