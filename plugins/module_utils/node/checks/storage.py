# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""JetStream: limits, encryption, placement."""

from __future__ import annotations

import re

from .reader import Reader

# Random base64 may start with a slash too; what has a folder that people use, an extension, or is short is a path.
_PATH = re.compile(
    r"(/(etc|var|run|opt|home|srv|root|usr|tmp|mnt|data|secrets?)/\S*|/[\w./@-]{1,38}|/[\w/@-]+\.\w+|"
    r"(\.|\.\.|~)/\S+|file:\S+|[A-Za-z]:\\\S+|[\w./-]+\.(key|pem|txt|env|secret))\Z"
)
_SHORTEST = 32


def check(server: Reader) -> None:
    if not server.flag("jetstream", default=True):
        return
    for name in ("jetstream_max_memory", "jetstream_max_file", "jetstream_max_outstanding_catchup"):
        size = server.size(name)
        if size is not None and size <= 0:
            server.wrong(name, "is not a size above zero: write one such as 4GiB, or leave it empty")
    if server.raw("jetstream_sync_interval") != "always":
        server.duration("jetstream_sync_interval")
    for name in ("jetstream_domain", "jetstream_unique_tag"):
        text = server.text(name)
        if text is not None and re.search(r"[\s*>]" if name.endswith("tag") else r"[\s*>.]", text):
            server.wrong(name, f"{text!r} holds a space, a wildcard or a dot: write a plain word")
    if server.flag("jetstream_encryption", default=True):
        _encryption(server)
    else:
        server.warn("jetstream_encryption", "is false: messages lie on disk in clear text")


def _encryption(server: Reader) -> None:
    server.choice("jetstream_cipher", ("chacha", "aes"))
    if "jetstream_key" not in server.values:
        return
    key = server.text("jetstream_key")
    if server.raw("jetstream_key") is None:
        server.wrong("jetstream_key", "is empty: leave the variable out, the role makes a key for each host")
    elif key is not None and looks_like_path(key):
        server.wrong(
            "jetstream_key",
            "is a path, which nats-server takes for the passphrase itself and never opens: write the passphrase, or "
            "leave the variable out and the role makes one",
        )
    elif key is not None and len(key) < _SHORTEST:
        server.warn(
            "jetstream_key", f"is shorter than {_SHORTEST} characters: the server does not stretch a weak passphrase"
        )


def looks_like_path(text: str) -> bool:
    """Whether a passphrase is rather the name of a file."""
    return bool(_PATH.match(text))
