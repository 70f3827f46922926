# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who a client says it is."""

from __future__ import annotations

import base64
from dataclasses import replace

import nkeys
import pytest
from ansible_collections.aegis.nats.plugins.module_utils.client.login import LoginProblem, read_creds
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.tests.integration.live_cluster import Tree, new_key


def test_the_nonce_is_signed_with_the_seed() -> None:
    content = Tree().user_creds(new_key(Role.ACCOUNT), "u")
    login = read_creds(content)
    assert login.token.encode() in content and login.keys.seed.encode() in content
    signature = base64.b64decode(login.answer("nonce"))
    assert nkeys.from_seed(bytearray(login.keys.seed.encode())).verify(b"nonce", signature)


def test_a_token_says_where_replies_are_heard() -> None:
    own = Tree().user_creds(new_key(Role.ACCOUNT), "u", sub={"allow": ["_INBOX_u.>"]})
    assert read_creds(own).inbox == "_INBOX_u"
    assert read_creds(Tree().user_creds(new_key(Role.ACCOUNT), "u")).inbox is None
    assert replace(read_creds(own), token="no token").inbox is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"BEGIN USER NKEY SEED", b"BEGIN SOMETHING"),
        (b"BEGIN NATS USER JWT", b"BEGIN SOMETHING"),
        (b"\nSU", b"\nSA"),
        (b"\nSU", b"\nSUA"),
    ],
)
def test_broken_creds_say_what_is_wrong_and_show_nothing(old: bytes, new: bytes) -> None:
    content = Tree().user_creds(new_key(Role.ACCOUNT), "u")
    secret = next(line for line in content.decode().splitlines() if line.startswith("SU"))
    with pytest.raises(LoginProblem) as raised:
        read_creds(content.replace(old, new))
    assert secret[4:] not in str(raised.value)
