# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creds files: a user's token and seed in one text (jwt/v2 creds_utils.go)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..plan.errors import NatsError

_TEXT = """-----BEGIN NATS USER JWT-----
{token}
------END NATS USER JWT------

************************* IMPORTANT *************************
NKEY Seed printed below can be used to sign and prove identity.
NKEYs are sensitive and should be treated as secrets.

-----BEGIN USER NKEY SEED-----
{seed}
------END USER NKEY SEED------

*************************************************************
"""
_BLOCK = re.compile(r"^-{3,}BEGIN ([A-Z ]+)-{3,}\s*\n\s*(\S+)\s*\n\s*-{3,}END \1-{3,}\s*$", re.MULTILINE)


class CredsProblem(NatsError):
    """A text is not a whole creds file."""


@dataclass(frozen=True)
class Creds:
    """token: the user's JWT; seed: the user's seed. Neither is shown by ``repr``."""

    token: str = field(repr=False)
    seed: str = field(repr=False)


def write(creds: Creds) -> bytes:
    """The file, byte for byte as nsc writes it."""
    return _TEXT.format(token=creds.token, seed=creds.seed).encode()


def read(content: bytes) -> Creds:
    """Token and seed of a creds file; neither is verified here. Raises CredsProblem."""
    try:
        blocks = dict(_BLOCK.findall(content.decode("ascii").replace("\r\n", "\n")))
    except UnicodeDecodeError as error:
        raise CredsProblem("it is not a creds file: it has characters that none has") from error
    token, seed = blocks.get("NATS USER JWT"), blocks.get("USER NKEY SEED")
    if token is None or seed is None:
        missing = "NATS USER JWT" if token is None else "USER NKEY SEED"
        raise CredsProblem(f"it is not a whole creds file: the block {missing} is missing or cut")
    return Creds(token, seed)
