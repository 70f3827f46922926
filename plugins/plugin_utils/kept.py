# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lookups of what a module of the same name made and keeps in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..module_utils.plan.errors import NatsError
from ..module_utils.plan.folder import Folder
from .seal import VaultSeal


class KeptLookup(LookupBase):  # type: ignore[misc]
    """name: of the lookup and of the module. Its folder is the option ``path``, a text: as a path it would be taken
    from where Ansible was started, not from the playbook.
    """

    name = ""

    def values(self, folder: Folder, terms: Sequence[Any]) -> list[str]:
        """What is asked for, in its order. Raises NatsError."""
        raise NotImplementedError

    def run(self, terms: Sequence[Any], variables: Optional[dict[str, Any]] = None, **kwargs: Any) -> list[str]:
        self.set_options(var_options=variables, direct=kwargs)
        root = self._loader.path_dwim(self.get_option("path"))
        try:
            return self.values(Folder(root, VaultSeal(self._loader, None)), terms)
        except (NatsError, OSError) as error:
            # Not chained: Ansible would tell the same words again.
            raise AnsibleLookupError(f"aegis.nats.{self.name}: {error}") from None
