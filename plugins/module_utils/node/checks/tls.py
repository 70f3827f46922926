# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS of the client port and of routes."""

from __future__ import annotations

import difflib
from typing import Optional

from .. import pins
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
TLS13_SUITES = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
_KEYS = ("ECDSA", "RSA")
# What the role offers where the inventory names none (roles/nats_server/vars/main.yml): every TLS 1.2 client of today
# knows one of them, every release takes their names, and all are approved in FIPS mode.
GCM_SUITES = tuple(f"TLS_ECDHE_{key}_WITH_AES_{size}" for size in ("128_GCM_SHA256", "256_GCM_SHA384") for key in _KEYS)
_CBC = tuple(f"TLS_ECDHE_{key}_WITH_AES_{size}_CBC_SHA" for size in (128, 256) for key in _KEYS)
_CHACHA = tuple(f"TLS_ECDHE_{key}_WITH_CHACHA20_POLY1305" for key in _KEYS)


def check(server: Reader) -> None:
    if server.flag("tls", default=True):
        _block(server, "tls_")
        _client(server)
    else:
        server.warn("tls", "is false: clients talk to the server in clear text, passwords and tokens too")
    if server.flag("cluster", default=True):
        if server.flag("cluster_tls", default=True):
            _block(server, "cluster_tls_")
            _pins(server, "cluster_tls_pinned_certs")
        else:
            server.warn("cluster_tls", "is false: the servers talk to each other in clear text, the password too")


def _block(server: Reader, prefix: str) -> None:
    lowest = server.text(prefix + "min_version")
    if lowest is not None and lowest not in ("1.2", "1.3"):
        server.wrong(
            prefix + "min_version", f'{lowest!r} is not a version that nats-server takes: write "1.2" or "1.3"'
        )
    _curves(server, prefix + "curve_preferences")
    _suites(server, prefix, lowest)
    server.number(prefix + "timeout", 0.1, 60)


def _curves(server: Reader, name: str) -> None:
    release = version(server)
    curves = server.texts(name)
    classic = bool(curves) and all(curve in CURVES and "MLKEM" not in curve for curve in curves)
    if classic and release and release >= CURVES["X25519MLKEM768"] and not server.flag("fips"):
        server.warn(
            name,
            "leaves out the hybrid key exchange that the server has first: what is recorded today can be read with a "
            "quantum computer later; add X25519MLKEM768, or leave the list out",
        )
    for index, curve in enumerate(curves):
        since = CURVES.get(curve)
        if since is None:
            meant = _CURVES_ELSEWHERE.get(curve.lower().replace("-", "").replace("_", ""))
            known = f"write {meant}" if meant else f"write one of {', '.join(CURVES)}"
            server.wrong(name, f"{curve} is not a curve that nats-server knows: {known}", f"[{index}]")
        elif release and since > release:
            server.wrong(
                name, f"nats-server {server.text('version')} does not know {curve}: leave it out", f"[{index}]"
            )


def _chacha_of(release: Optional[tuple[int, ...]]) -> tuple[str, ...]:
    """Builds before 2.12 have the ChaCha20 suites without _SHA256 at the end."""
    later = tuple(name + "_SHA256" for name in _CHACHA)
    if release is None:
        return (*_CHACHA, *later)
    return _CHACHA if release < (2, 12, 0) else later


def known_suites(release: Optional[tuple[int, ...]]) -> tuple[str, ...]:
    """The names that a release takes."""
    return (*GCM_SUITES, *_CBC, *_chacha_of(release), *TLS13_SUITES)


def approved_suites() -> tuple[str, ...]:
    """What FIPS mode leaves of the suites: AES-GCM (Go, crypto/tls/defaults_fips140.go)."""
    return (*GCM_SUITES, *(name for name in TLS13_SUITES if "CHACHA" not in name))


def _suites(server: Reader, prefix: str, lowest: Optional[str]) -> None:
    name = prefix + "cipher_suites"
    suites = server.texts(name)
    known = known_suites(version(server))
    for index, suite in enumerate(suites):
        if suite not in known:
            close = difflib.get_close_matches(suite, known, n=1)
            meant = f"write {close[0]}" if close else "leave the list empty for those with forward secrecy and AEAD"
            server.wrong(name, f"{suite} is not a secure cipher suite by its Go name: {meant}", f"[{index}]")
        elif suite in _CBC:
            server.warn(name, f"{suite} is of the kind that Lucky 13 attacks: write its GCM relative", f"[{index}]")
    if suites and lowest == "1.3":
        server.warn(name, "has no effect with a lowest version of 1.3: the list is for TLS 1.2 only")
        return
    older = [suite for suite in suites if suite in known and suite not in TLS13_SUITES]
    if suites and lowest == "1.2" and not older and all(suite in known for suite in suites):
        server.wrong(
            name,
            "names suites of TLS 1.3 only, which are always on, and so refuses every TLS 1.2 client: add "
            f"{GCM_SUITES[0]} or its relatives, or set nats_server_{prefix}min_version to 1.3",
        )
    _for_key(server, prefix, older, lowest)


def _for_key(server: Reader, prefix: str, older: list[str], lowest: Optional[str]) -> None:
    """A list for one kind of key beside certificates of the other: no TLS 1.2 client gets in.

    Ed25519 certificates go with the ECDSA suites (RFC 8422, section 5.10).
    """
    key, told = key_of(server, prefix)
    if key == "ed25519" and lowest == "1.2":
        server.warn(
            prefix + "min_version",
            f"{told}: of the TLS 1.2 clients, only those get in whose library takes Ed25519 there",
        )
    for listed, other, others in (("RSA", "ECDSA", ("ecdsa", "ed25519")), ("ECDSA", "RSA", ("rsa",))):
        if not older or not all(f"_{listed}_" in suite for suite in older):
            continue
        words = f"has only suites for {listed} certificates; with {other} ones every TLS 1.2 client is refused"
        if key.startswith(others):
            words = words.replace(f"with {other} ones", f"with {'Ed25519' if key == 'ed25519' else other} ones")
            server.wrong(prefix + "cipher_suites", f"{words}, and {told}: add TLS_ECDHE_{other}_... suites")
        elif not key and listed == "RSA":
            server.warn(prefix + "cipher_suites", f"{words}, and ECDSA is what the roles make by default")


def key_of(server: Reader, prefix: str) -> tuple[str, str]:
    """The type of the key behind a listener's certificate, and who says so: the certificate where it was read."""
    found = server.mapping("certified").get(prefix)
    if found:
        return str(found["key_type"]), f"{found['path']} has a key of type {found['key_type']}"
    key = (server.text("tls_key_type") or "").lower()
    return key, f"nats_server_tls_key_type is {key}"


def _pins(server: Reader, name: str) -> None:
    for index, pin in enumerate(server.texts(name)):
        if not (pins.DIGEST.match(pin) or pins.NAME.match(pin)):
            server.wrong(
                name,
                "is not the SHA-256 of a public key: write 64 lower-case hex digits, or the name of a certificate such "
                "as clients/order-service",
                f"[{index}]",
            )


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
    _pins(server, "tls_pinned_certs")
    server.integer("tls_connection_rate_limit", 0)
    server.choice(
        "tls_key_type", ("ecdsa", "ecdsa-p256", "ecdsa-p384", "rsa", "rsa-2048", "rsa-3072", "rsa-4096", "ed25519")
    )
