# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sealing with the play's own Ansible Vault secret: the only place that touches vault secrets."""

from __future__ import annotations

from typing import Any, Optional

from ansible.errors import AnsibleError

from ..module_utils.plan.errors import SealError
from ..module_utils.plan.sealed import is_sealed
from ..module_utils.plan.verb import NoSeal


class VaultSeal:
    """Secrets as Ansible Vault files, with the secrets that the play was started with."""

    def __init__(self, loader: Any, wanted: Optional[bool]) -> None:
        self._vault = loader._vault
        self._has_secret = bool(getattr(self._vault, "secrets", None))
        if wanted and not self._has_secret:
            raise SealError(
                "seal is true but this play has no vault secret: run it with --vault-password-file or --ask-vault-pass"
            )
        self._active = self._has_secret if wanted is None else wanted

    @property
    def active(self) -> bool:
        return self._active

    def close(self, content: bytes) -> bytes:
        sealed: bytes = self._vault.encrypt(content)
        return sealed

    def open(self, content: bytes, path: str) -> bytes:
        if not is_sealed(content):
            return content
        if not self._has_secret:
            return NoSeal().open(content, path)
        try:
            opened: bytes = self._vault.decrypt(content)
        except AnsibleError:
            # Not chained: Ansible would tell its own words after ours.
            raise SealError(
                f"{path}: the vault secret of this play does not open it: use the one it was sealed with"
            ) from None
        return opened
