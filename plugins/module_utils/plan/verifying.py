# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How this collection verifies a server by TLS, wherever it runs."""

from __future__ import annotations

import ssl
from typing import Optional

from .memory_file import readable


def verifying_context(ca: Optional[str], pair: Optional[bytes] = None) -> ssl.SSLContext:
    """Verifies the server and its name, with TLS 1.2 or later. ca: PEM of whom it trusts; None: whom the system trusts.

    pair: PEM of the client certificate and its key. Raises ssl.SSLError when authority, certificate or key don't fit.
    """
    context = ssl.create_default_context(cadata=ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if pair is not None:
        with readable(pair) as path:
            context.load_cert_chain(path, password=_no_passphrase)
    return context


def _no_passphrase() -> bytes:
    """Keep OpenSSL from asking at the terminal for the passphrase of an encrypted key."""
    return b""
