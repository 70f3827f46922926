# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who a client says it is: a user's token and the key that proves it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Optional

from ..plan.errors import NatsError
from ..trust import creds as creds_file
from ..trust import tokens
from ..trust.inbox import inbox_of
from ..trust.keys import KeyPair, Role, from_seed


class LoginProblem(NatsError):
    """A creds file that nobody can log in with."""


@dataclass(frozen=True)
class Login:
    """Never shown: for a bearer token, the token alone is the credential."""

    token: str = field(repr=False)
    keys: KeyPair = field(repr=False)

    def answer(self, nonce: str) -> str:
        """The ``sig`` of CONNECT: the server's nonce signed, base64."""
        return base64.b64encode(self.keys.sign(nonce.encode())).decode()

    @property
    def inbox(self) -> Optional[str]:
        """The prefix of its own under which the token lets it hear replies; None: the usual one, or a role says."""
        try:
            return inbox_of(tokens.recall(self.token).claims)
        except (tokens.TokenProblem, IndexError):
            return None  # the server will say what is wrong with it


def read_creds(content: bytes) -> Login:
    """The login in a creds file; raises LoginProblem with a sentence that shows none of it."""
    try:
        creds = creds_file.read(content)
        return Login(creds.token, from_seed(creds.seed, Role.USER))
    except NatsError as error:
        raise LoginProblem(str(error)) from error
