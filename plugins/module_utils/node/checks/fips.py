# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""FIPS mode: what the variables ask for that is not approved, and that the server or a validated client refuses."""

from __future__ import annotations

from .identity import version
from .reader import Reader
from .tls import approved_suites, key_of, known_suites


def knows_fips(release: tuple[int, ...]) -> bool:
    """Whether the server's own code looks at the mode (crypto/fips140 in server/opts.go), and not Go's TLS alone."""
    return release >= (2, 12, 1) or (2, 11, 11) <= release < (2, 12, 0)


def check(server: Reader) -> None:
    if not server.flag("fips"):
        return
    release = version(server)
    if release and not knows_fips(release):
        server.wrong(
            "fips",
            f"nats-server {server.text('version')} knows nothing of FIPS mode and would go on with ChaCha20 and X25519 "
            "outside of TLS: 2.11.11 and 2.12.1 are the first that do, set nats_server_version",
        )
    encrypted = server.flag("jetstream", default=True) and server.flag("jetstream_encryption", default=True)
    if encrypted and server.raw("jetstream_cipher") == "chacha":
        server.wrong("jetstream_cipher", "is chacha, which FIPS mode refuses: write aes, or leave it out")
    if server.raw("auth") == "callout":
        server.wrong(
            "auth", "is callout, which nats-server refuses in FIPS mode for its X25519 keys: choose another way in"
        )
    if server.flag("tls", default=True):
        _block(server, "tls_")
    else:
        server.warn("tls", "is false beside nats_server_fips: what clients send is protected by nothing approved")
    if server.flag("cluster", default=True) and server.flag("cluster_tls", default=True):
        _block(server, "cluster_tls_")


def _block(server: Reader, prefix: str) -> None:
    for index, curve in enumerate(server.texts(prefix + "curve_preferences")):
        if curve == "X25519":
            server.wrong(
                prefix + "curve_preferences",
                "X25519 is not approved, and FIPS mode refuses it: write CurveP256 and CurveP384, or leave it out",
                f"[{index}]",
            )
    release = version(server)
    for index, suite in enumerate(server.texts(prefix + "cipher_suites")):
        if suite in known_suites(release) and suite not in approved_suites():
            server.wrong(
                prefix + "cipher_suites",
                f"{suite} is not approved, and FIPS mode refuses it: write AES-GCM suites, or leave the list empty",
                f"[{index}]",
            )
    key, told = key_of(server, prefix)
    if key == "ed25519":
        server.wrong(
            "tls_key_type",
            f"{told}: not every validated module takes Ed25519 certificates, write ecdsa-p256 or ecdsa-p384 "
            "(nats_pki_leaf_key_type)",
        )
