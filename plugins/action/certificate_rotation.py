# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On the controller: aegis.nats.certificate_rotation."""

from __future__ import annotations

from ..module_utils.pki.verb_certificate_rotation import VERB
from ..plugin_utils.in_process import InProcessAction


class ActionModule(InProcessAction):
    """Runs certificate_rotation."""

    verb = VERB
