# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sealing with the vault secrets of a play: real Ansible Vault, no stand-in."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Optional

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import SealError
from ansible_collections.aegis.nats.plugins.plugin_utils.seal import VaultSeal


def seal(password: Optional[bytes], wanted: Optional[bool] = None) -> VaultSeal:
    secrets = [("default", VaultSecret(password))] if password else []
    loader: Any = SimpleNamespace(_vault=VaultLib(secrets))
    return VaultSeal(loader, wanted)


@pytest.mark.parametrize(
    ("password", "wanted", "active"),
    [(None, None, False), (None, False, False), (b"pw", None, True), (b"pw", True, True), (b"pw", False, False)],
)
def test_it_is_active_when_there_is_a_secret_unless_told_otherwise(
    password: Optional[bytes], wanted: Optional[bool], active: bool
) -> None:
    assert seal(password, wanted).active is active


def test_wanted_without_a_secret_is_an_error_that_says_how() -> None:
    with pytest.raises(SealError, match="--vault-password-file"):
        seal(None, True)


def test_what_is_sealed_opens_again_and_shows_nothing() -> None:
    closed = seal(b"pw").close(b"hunter2")
    assert closed.startswith(b"$ANSIBLE_VAULT;")
    assert b"hunter2" not in closed
    assert seal(b"pw").open(closed, "x") == b"hunter2"
    assert seal(b"pw", False).open(closed, "x") == b"hunter2"


def test_what_is_not_sealed_is_as_it_is() -> None:
    assert seal(b"pw").open(b"plain", "x") == b"plain"


@pytest.mark.parametrize(
    ("password", "says"),
    [(b"wrong", "the vault secret of this play does not open it"), (None, "this play has no vault secret")],
)
def test_the_wrong_secret_is_told_with_the_path(password: Optional[bytes], says: str) -> None:
    closed = seal(b"pw").close(b"hunter2")
    with pytest.raises(SealError, match=says) as caught:
        seal(password).open(closed, "/keys/x.nk")
    assert str(caught.value).startswith("/keys/x.nk")
