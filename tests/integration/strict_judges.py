# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who judges chains strictly: openssl verify -x509_strict, Go's verifier, the default context of Python 3.13.

Each answers with why it refuses a chain; with nothing when it is content.
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

OPENSSL, GO = shutil.which("openssl"), os.environ.get("AEGIS_GO") or shutil.which("go")
HANDSHAKE = """
import ssl, sys
trusted, shown, trusted_by_server, served = sys.argv[1:]
assert ssl.create_default_context().verify_flags & ssl.VERIFY_X509_STRICT
client = ssl.create_default_context(cafile=trusted)
client.load_cert_chain(f"{shown}.crt", f"{shown}.key")
server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=trusted_by_server)
server.verify_mode = ssl.CERT_REQUIRED
server.load_cert_chain(f"{served}.crt", f"{served}.key")
up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
ends = [client.wrap_bio(down, up, server_hostname="localhost"), server.wrap_bio(up, down, server_side=True)]
for turn in range(8):
    for end in ends:
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            pass
assert ends[0].getpeercert() and ends[1].getpeercert()
"""


def python_3_13() -> str | None:
    """An interpreter whose default context is strict."""
    candidates = [shutil.which("python3.13"), *map(str, Path.home().glob(".pyenv/versions/3.1[3-9]*/bin/python3"))]
    for found in filter(None, candidates):
        if subprocess.run([found, "-c", "import ssl"], capture_output=True, check=False).returncode == 0:
            return found
    return None


PYTHON = python_3_13()


def openssl_refuses(trusted: Path, chain: Path, purpose: str, *more: str) -> str:
    """purpose: sslserver or sslclient. chain: the leaf, then what is above it."""
    command = [str(OPENSSL), "verify", "-x509_strict", "-purpose", purpose, "-CAfile", str(trusted)]
    run = subprocess.run(
        [*command, "-untrusted", str(chain), *more, str(chain)], capture_output=True, text=True, check=False
    )
    return "" if run.returncode == 0 else run.stdout + run.stderr


def go_refuses(trusted: Path, chain: Path, usage: str, *name: str) -> str:
    """usage: serverAuth or clientAuth."""
    command = [go_program("verifier"), str(trusted), str(chain), usage, *name]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode == 0) is (not run.stdout), run.stderr
    return run.stdout.strip()


def python_refuses(trusted: Path, shown: Path, trusted_by_server: Path, served: Path) -> str:
    """A handshake for localhost. shown, served: what client and server have, as paths without .crt and .key."""
    command = [str(PYTHON), "-c", HANDSHAKE, str(trusted), str(shown), str(trusted_by_server), str(served)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr


@functools.cache
def go_program(name: str) -> str:
    """The program of a folder beside this file, built once a run and removed after it."""
    folder = tempfile.TemporaryDirectory(prefix=f"{name}-")
    atexit.register(folder.cleanup)
    program, source = Path(folder.name) / name, Path(__file__).parent / name / "main.go"
    subprocess.run([str(GO), "build", "-o", str(program), str(source)], check=True)
    return str(program)
