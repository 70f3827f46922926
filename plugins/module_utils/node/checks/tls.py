# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS of the client port and of routes."""

from __future__ import annotations

import difflib
import re
from typing import Optional

from .identity import version
from .reader import Reader

# Name -> first release whose build takes it, measured with nats-server -t on 2.10 to 2.15.
CURVES = {
    "X25519": (0,),
    "CurveP256": (0,),
    "CurveP384": (0,),
    "CurveP521": (0,),
    "X25519MLKEM768": (2, 12, 0),
    "SecP256r1MLKEM768": (2, 15, 0),
    "SecP384r1MLKEM1024": (2, 15, 0),
}
_CURVES_ELSEWHERE = {
    "p256": "CurveP256",
    "secp256r1": "CurveP256",
    "prime256v1": "CurveP256",
    "p384": "CurveP384",
    "secp384r1": "CurveP384",
    "p521": "CurveP521",
    "secp521r1": "CurveP521",
    "x25519": "X25519",
    "curve25519": "X25519",
    "x25519mlkem768": "X25519MLKEM768",
}
_TLS13_SUITES = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
_TLS12_SUITES = tuple(
    f"TLS_ECDHE_{key}_WITH_{cipher}"
    for key in ("ECDSA", "RSA")
    for cipher in ("AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "AES_128_CBC_SHA", "AES_256_CBC_SHA")
)
_CHACHA = tuple(f"TLS_ECDHE_{key}_WITH_CHACHA20_POLY1305" for key in ("ECDSA", "RSA"))
_PIN = re.compile(r"[0-9a-f]{64}\Z")


def check(server: Reader) -> None:
    if server.flag("tls", default=True):
        _block(server, "tls_")
        _client(server)
    else:
        server.warn("tls", "is false: clients talk to the server in clear text, passwords and tokens too")
    if server.flag("cluster", default=True):
        if server.flag("cluster_tls", default=True):
            _block(server, "cluster_tls_")
        else:
            server.warn("cluster_tls", "is false: the servers talk to each other in clear text, the password too")


def _block(server: Reader, prefix: str) -> None:
    lowest = server.text(prefix + "min_version")
    if lowest is not None and lowest not in ("1.2", "1.3"):
        server.wrong(
            prefix + "min_version", f'{lowest!r} is not a version that nats-server takes: write "1.2" or "1.3"'
        )
    _curves(server, prefix + "curve_preferences")
    _suites(server, prefix + "cipher_suites", lowest)
    server.number(prefix + "timeout", 0.1, 60)


def _curves(server: Reader, name: str) -> None:
    release = version(server)
    for index, curve in enumerate(server.texts(name)):
        since = CURVES.get(curve)
        if since is None:
            meant = _CURVES_ELSEWHERE.get(curve.lower().replace("-", "").replace("_", ""))
            known = f"write {meant}" if meant else f"write one of {', '.join(CURVES)}"
            server.wrong(name, f"{curve} is not a curve that nats-server knows: {known}", f"[{index}]")
        elif release and since > release:
            server.wrong(
                name, f"nats-server {server.text('version')} does not know {curve}: leave it out", f"[{index}]"
            )


def known_suites(release: Optional[tuple[int, ...]]) -> tuple[str, ...]:
    """The names that a release takes; builds before 2.12 have the ChaCha20 suites without _SHA256 at the end."""
    if release is None:
        chacha = (*_CHACHA, *(name + "_SHA256" for name in _CHACHA))
    elif release < (2, 12, 0):
        chacha = _CHACHA
    else:
        chacha = tuple(name + "_SHA256" for name in _CHACHA)
    return (*_TLS12_SUITES, *chacha, *_TLS13_SUITES)


def _suites(server: Reader, name: str, lowest: Optional[str]) -> None:
    suites = server.texts(name)
    known = known_suites(version(server))
    for index, suite in enumerate(suites):
        if suite not in known:
            close = difflib.get_close_matches(suite, known, n=1)
            meant = f"write {close[0]}" if close else "leave the list empty for the server's own"
            server.wrong(name, f"{suite} is not a secure cipher suite by its Go name: {meant}", f"[{index}]")
    older = [suite for suite in suites if suite in known and suite not in _TLS13_SUITES]
    if suites and lowest == "1.3":
        server.warn(name, "has no effect with a lowest version of 1.3: the list is for TLS 1.2 only")
    elif older and all("_RSA_" in suite for suite in older):
        _other_key(server, name, "RSA", "ECDSA", "ecdsa")
    elif older and all("_ECDSA_" in suite for suite in older):
        _other_key(server, name, "ECDSA", "RSA", "rsa")


def _other_key(server: Reader, name: str, listed: str, other: str, kind: str) -> None:
    """A list for one kind of key beside certificates of the other: no TLS 1.2 client gets in."""
    key = (server.text("tls_key_type") or "").lower()
    words = f"has only suites for {listed} certificates; with {other} ones every TLS 1.2 client is refused"
    if key.startswith(kind):
        server.wrong(name, f"{words}, and nats_server_tls_key_type is {key}: add TLS_ECDHE_{other}_... suites")
    elif not key and listed == "RSA":
        server.warn(name, f"{words}, and ECDSA is what the roles make by default")


def _client(server: Reader) -> None:
    verify, mapped = server.flag("tls_verify", default=True), server.flag("tls_verify_and_map")
    operator = server.raw("auth") in (None, "operator")
    if mapped and not verify:
        server.wrong(
            "tls_verify",
            "is false beside nats_server_tls_verify_and_map: true, and which of the two counts is random: "
            "mapping needs verified certificates, leave nats_server_tls_verify at true",
        )
    elif not verify:
        server.warn("tls_verify", "is false: clients need no certificate")
    if mapped and operator:
        server.warn("tls_verify_and_map", "maps nothing in operator mode, it acts like nats_server_tls_verify alone")
    elif mapped and server.raw("auth") in ("nkey", "token"):
        server.wrong(
            "tls_verify_and_map",
            f"maps nobody with nats_server_auth: {server.raw('auth')}, which knows no names: leave it out, or set "
            "nats_server_auth to users or accounts",
        )
    for index, pin in enumerate(server.texts("tls_pinned_certs")):
        if not _PIN.match(pin):
            server.wrong(
                "tls_pinned_certs", "is not the SHA-256 of a public key: write 64 lower-case hex digits", f"[{index}]"
            )
    server.integer("tls_connection_rate_limit", 0)
    server.choice(
        "tls_key_type", ("ecdsa", "ecdsa-p256", "ecdsa-p384", "rsa", "rsa-2048", "rsa-3072", "rsa-4096", "ed25519")
    )
