# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small service that is asked who may log in, with encrypted requests; its seeds are its own, never a server's."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from typing import Any

import nats
from ansible_collections.aegis.nats.plugins.module_utils.trust import keys, tokens
from nacl.public import Box, PrivateKey, PublicKey

_VERSION = b"xkv1"
_NONCE = 24
_HEADER = "Nats-Server-Xkey"


class CalloutService:
    """Lets in who is in ``passwords``, into ``account``, with a permission; says no to everybody else."""

    def __init__(self, issuer: keys.KeyPair, curve: keys.KeyPair, account: str, passwords: Mapping[str, str]) -> None:
        self._issuer = issuer
        self._secret = PrivateKey(_raw(curve))
        self._account = account
        self._passwords = passwords
        #: Who asked and whether the request came encrypted.
        self.asked: list[tuple[str, bool]] = []

    async def serve(self, client: nats.NATS) -> None:
        """Answer on this connection, that of a user among auth_users."""
        await client.subscribe("$SYS.REQ.USER.AUTH", cb=self._answer)
        await client.flush()

    async def _answer(self, message: Any) -> None:
        server_key = (message.headers or {}).get(_HEADER)
        box = Box(self._secret, PublicKey(keys.read_public(server_key)[1])) if server_key else None
        text = message.data
        if box is not None:
            assert text.startswith(_VERSION)
            text = box.decrypt(text[len(_VERSION) + _NONCE :], text[len(_VERSION) : len(_VERSION) + _NONCE])
        request = tokens.read(text.decode()).nats
        options = request["connect_opts"]
        name = options.get("user", "")
        self.asked.append((name, box is not None))
        said: dict[str, Any] = {"type": "authorization_response", "version": 2}
        if name and self._passwords.get(name) == options.get("pass"):
            said["jwt"] = self._user(name, request["user_nkey"])
        else:
            said["error"] = "nobody I know"
        response = self._signed(request["user_nkey"], request["server_id"]["id"], said).encode()
        if box is not None:
            encrypted = box.encrypt(response)
            response = _VERSION + encrypted.nonce + encrypted.ciphertext
        await message.respond(response)

    def _user(self, name: str, key: str) -> str:
        rights = {
            "pub": {"allow": [f"{name}.>"]},
            "sub": {"allow": ["_INBOX.>"]},
            "subs": -1,
            "data": -1,
            "payload": -1,
        }
        return self._signed(key, self._account, {**rights, "type": "user", "version": 2}, name)

    def _signed(self, subject: str, audience: str, said: Mapping[str, Any], name: str = "") -> str:
        claims = {
            "aud": audience,
            "iat": int(time.time()),
            "sub": subject,
            "nats": said,
            **({"name": name} if name else {}),
        }
        return tokens.sign(claims, self._issuer).text


def _raw(curve: keys.KeyPair) -> bytes:
    """The 32 bytes in the text of a seed: after two bytes of kind, before two of checksum."""
    return base64.b32decode(curve.seed + "=" * (-len(curve.seed) % 8))[2:-2]
