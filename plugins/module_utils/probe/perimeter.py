# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is let in at all: the checks that knock by hand, judged by what exactly the server answered."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Optional

from ..client.access import Access
from .checks import Check
from .hello import Offer
from .knock import Answer, Knock, knock, say_hello


@dataclass(frozen=True)
class Finding:
    """What one check found at one server. ok is None when nothing can be concluded, which is not ok either."""

    ok: Optional[bool]
    detail: str


# A refusal counts only for the reason that is asked about. A server that answers a client without certificate with
# "Authorization Violation" has let it through TLS, and one that answers so in plain text talks plain text.
_REFUSALS: Mapping[str, tuple[Answer, ...]] = {
    "plaintext": (Answer.CLOSED, Answer.TLS_ALERT),
    "no_certificate": (Answer.CLOSED, Answer.TLS_ALERT),
    "no_credentials": (Answer.ERROR,),
}
_INCONCLUSIVE: Mapping[str, tuple[Answer, ...]] = {
    "plaintext": (Answer.NOTHING,),
    "no_certificate": (Answer.NOTHING, Answer.DISTRUST, Answer.NO_TLS),
    "no_credentials": (Answer.NOTHING, Answer.DISTRUST, Answer.NO_TLS, Answer.CLOSED, Answer.TLS_ALERT),
}


# What a program in FIPS mode refuses whatever its configuration says (Go, crypto/tls/defaults_fips140.go), and what
# each server takes.
_NOT_APPROVED: Mapping[str, Offer] = {
    "TLS_CHACHA20_POLY1305_SHA256": Offer(("TLS_CHACHA20_POLY1305_SHA256",), ("CurveP256", "CurveP384")),
    "X25519": Offer(groups=("X25519",)),
}
_APPROVED = Offer(("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"), ("CurveP256", "CurveP384"))


async def check_fips(access: Access, url: str) -> Finding:
    """Whether a server refuses what is not approved, and takes what is: a refusal of everything proves nothing."""
    loop = asyncio.get_running_loop()
    control = await loop.run_in_executor(None, say_hello, url, access, _APPROVED)
    if control.answer is not Answer.ADMITTED:
        return Finding(None, f"nothing can be concluded: approved TLS 1.3: {control.evidence}")
    for name, offer in _NOT_APPROVED.items():
        found = await loop.run_in_executor(None, say_hello, url, access, offer)
        if found.answer is not Answer.TLS_ALERT:
            return Finding(None if found.answer is Answer.NOTHING else False, f"{name} alone: {found.evidence}")
    return Finding(True, f"{' and '.join(_NOT_APPROVED)} are refused, {control.evidence} is taken")


async def check_perimeter(check: Check, access: Access, url: str) -> Finding:
    """Run a check of kind fips, plaintext, no_certificate or no_credentials at one server."""
    if check.kind == "fips":
        return await check_fips(access, url)
    if check.kind == "plaintext":
        tried = access
    elif check.kind == "no_certificate":
        tried = replace(access, pair=None)
    else:
        tried = replace(access, login=None)
    # Where clients talk in clear text by wish (nats://), who has no credentials is refused in clear text too.
    in_clear = check.kind == "plaintext" or (check.kind == "no_credentials" and url.startswith("nats://"))
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(None, knock, url, tried, not in_clear)
    if check.kind == "no_certificate" and access.pair and found.answer in _REFUSALS[check.kind]:
        # A server that ends every handshake does not ask for a certificate: with one it has to go on.
        control = await loop.run_in_executor(None, knock, url, access, True)
        if control.answer not in (Answer.ADMITTED, Answer.ERROR):
            return Finding(None, f"nothing can be concluded: with a certificate too: {control.evidence}")
    return judge(check, found)


def judge(check: Check, found: Knock) -> Finding:
    """Whether what came back is what the check expects."""
    if found.answer in _INCONCLUSIVE[check.kind]:
        return Finding(None, f"nothing can be concluded: {found.evidence}")
    refused = found.answer in _REFUSALS[check.kind]
    if found.answer is Answer.ERROR:
        refused = "TLS Required" in found.evidence if check.kind == "plaintext" else refused
        if check.kind == "no_credentials" and "Authorization" not in found.evidence:
            return Finding(None, f"nothing can be concluded: {found.evidence}")
    said = f"refused ({found.evidence})" if refused else f"let in ({found.evidence})"
    return Finding(refused is not check.allowed, said)
