# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter that tells what a file on the controller is, by its checksum."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleFilterError


def file_sha256(path: object) -> str:
    """SHA-256 of a file, in hexadecimal."""
    place = Path(str(path)).expanduser()
    try:
        with place.open("rb") as file:
            digest = hashlib.sha256()
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise AnsibleFilterError(f"aegis.nats.file_sha256: {place}: {error.strerror}") from None
    return digest.hexdigest()


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Any]:
        return {"file_sha256": file_sha256}
