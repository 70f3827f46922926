# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.aegis.nats.plugins.module_utils.plan.sealed import is_sealed


def test_what_ansible_seals() -> None:
    assert is_sealed(VaultLib([("default", VaultSecret(b"secret"))]).encrypt(b"content"))


@pytest.mark.parametrize("content", [b"", b"content", b" $ANSIBLE_VAULT;1.1;AES256\n", b"$ANSIBLE_VAULT"])
def test_what_is_open(content: bytes) -> None:
    assert not is_sealed(content)
