# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules of a kind do in check mode and with a diff."""

from __future__ import annotations


class ModuleDocFragment:
    """One variable for each kind of module."""

    READS = r"""
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Nothing changes.
    support: none
"""

    KEEPS = r"""
attributes:
  check_mode:
    description: Tells what would change, and writes nothing.
    support: full
  diff_mode:
    description: Shows what changes, without secrets.
    support: full
"""
