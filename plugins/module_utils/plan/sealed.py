# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible Vault has sealed, known by how it begins."""

from __future__ import annotations

_MARK = b"$ANSIBLE_VAULT;"


def is_sealed(content: bytes) -> bool:
    """Whether a file is one of Ansible Vault; nothing is opened for that."""
    return content.startswith(_MARK)
