# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters for sizes and durations, which nats-server counts in its own way."""

from __future__ import annotations

from collections.abc import Callable

from ansible.errors import AnsibleFilterError

from ..module_utils.plan import units


def size_bytes(value: object) -> int:
    """Bytes of ``1G``, ``512MiB`` or a number."""
    try:
        return units.size(value)
    except ValueError as error:
        raise AnsibleFilterError(f"aegis.nats.size_bytes: {error}") from None


def duration(value: object) -> str:
    """A duration as nats-server parses it: days, weeks and years become hours."""
    try:
        return units.duration(units.nanoseconds(value))
    except ValueError as error:
        raise AnsibleFilterError(f"aegis.nats.duration: {error}") from None


def seconds(value: object) -> float:
    """Seconds of a duration such as ``1m30s``."""
    try:
        return units.seconds(value)
    except ValueError as error:
        raise AnsibleFilterError(f"aegis.nats.seconds: {error}") from None


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., object]]:
        """The filters by name."""
        return {"size_bytes": size_bytes, "duration": duration, "seconds": seconds}
