# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A check of one subject, asked about values."""

from __future__ import annotations

from typing import Any, Callable

from ansible_collections.aegis.nats.plugins.module_utils.node.checks.reader import Reader


def reads(check: Callable[[Reader], object]) -> Callable[[dict[str, Any]], Reader]:
    """From values to the reader that the check has been through, with what it found."""

    def checked(values: dict[str, Any]) -> Reader:
        reader = Reader(values)
        check(reader)
        return reader

    return checked
