# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private keys and requests by the ``openssl`` program of the host's distribution (1.1.1 and later).

A private key goes from its output into the caller's hands: never into an argument, a log or an environment.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Optional

from ...plan.errors import NatsError

_ALGORITHMS = {
    "ecdsa-p256": ("EC", "ec_paramgen_curve:P-256", "ec_param_enc:named_curve"),
    "ecdsa-p384": ("EC", "ec_paramgen_curve:P-384", "ec_param_enc:named_curve"),
    "ed25519": ("ED25519",),
    "rsa-2048": ("RSA", "rsa_keygen_bits:2048"),
    "rsa-3072": ("RSA", "rsa_keygen_bits:3072"),
    "rsa-4096": ("RSA", "rsa_keygen_bits:4096"),
}
KEY_TYPES = tuple(_ALGORITHMS)
_TRUSTED_PATH = "/usr/bin:/bin:/usr/local/bin:/usr/sbin"


def find_openssl() -> Optional[str]:
    """The program of the distribution, or None when there is none."""
    return shutil.which("openssl", path=_TRUSTED_PATH)


def need_openssl() -> str:
    """The program; raises NatsError when there is none."""
    found = find_openssl()
    if found is None:
        raise NatsError(
            "there is no openssl on this host, which makes its private keys: install the package openssl, or have the "
            "controller make them (nats_pki_keys: controller)"
        )
    return found


def private_key(program: str, key_type: str) -> bytes:
    """A new private key, PKCS#8 PEM."""
    algorithm, *options = _ALGORITHMS[key_type]
    arguments = [word for option in options for word in ("-pkeyopt", option)]
    made = _run([program, "genpkey", "-algorithm", algorithm, *arguments, "-outform", "PEM"], "make a private key")
    if b"-----END PRIVATE KEY-----" not in made:
        raise NatsError(f"{program} made no private key of type {key_type}")
    return made


def request(program: str, key_file: Path, configuration: Path) -> str:
    """A request for the key in ``key_file``, PEM."""
    arguments = [program, "req", "-new", "-sha256", "-key", str(key_file), "-config", str(configuration)]
    made = _run(arguments, "make a certificate request")
    return made.decode("ascii", "replace")


def request_configuration(common_name: str, dns: Iterable[str], ip: Iterable[str]) -> str:
    """What ``openssl req -config`` reads, so that no name is an option of anything else."""
    names = [*(f"DNS.{number} = {_escaped(name)}" for number, name in enumerate(dns, 1))]
    names += [f"IP.{number} = {_escaped(address)}" for number, address in enumerate(ip, 1)]
    lines = [
        "[req]",
        "prompt = no",
        "utf8 = yes",
        "string_mask = utf8only",
        "distinguished_name = subject",
        *(["req_extensions = extensions"] if names else []),
        "[subject]",
        f"CN = {_escaped(common_name)}",
        *(["[extensions]", "subjectAltName = @names", "[names]", *names] if names else []),
    ]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """A value as it stands (config(5ssl)): variables, comments and quotes mean nothing."""
    if not text.strip() or not text.isprintable():
        raise NatsError(f"{text!r} can't stand in a certificate request: write a name of printable characters")
    return re.sub(r"([\\$#\"'`;])", r"\\\1", text.strip())


def _run(arguments: Sequence[str], what: str) -> bytes:
    environment = {"PATH": _TRUSTED_PATH, "LC_ALL": "C"}
    try:
        done = subprocess.run(
            list(arguments), stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False, env=environment
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NatsError(f"{arguments[0]} can't {what}: {error}") from error
    if done.returncode != 0:
        words = " ".join(done.stderr.decode("utf-8", "replace").split())[:300]
        raise NatsError(f"{arguments[0]} can't {what}: {words}")
    return done.stdout
