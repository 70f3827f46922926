# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters that find the passwords of the inventory and put their hashes in their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils.trust.passwords import plain_passwords, with_hashes


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters by name."""
        return {"plain_passwords": plain_passwords, "with_hashes": with_hashes}
