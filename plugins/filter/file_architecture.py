# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter that tells which processor a program on the controller is for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleFilterError

# e_machine of the ELF header (elf.h).
_MACHINES = {0x3E: "amd64", 0xB7: "arm64"}


def file_architecture(path: object) -> str:
    """``amd64`` or ``arm64`` of a Linux program; ``other`` for another processor, or for what is no program."""
    place = Path(str(path)).expanduser()
    try:
        with place.open("rb") as file:
            head = file.read(20)
    except OSError as error:
        raise AnsibleFilterError(f"aegis.nats.file_architecture: {place}: {error.strerror}") from None
    if len(head) < 20 or head[:4] != b"\x7fELF":
        return "other"
    return _MACHINES.get(int.from_bytes(head[18:20], "big" if head[5] == 2 else "little"), "other")


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Any]:
        return {"file_architecture": file_architecture}
