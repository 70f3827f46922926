# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""URLs in tokens: what Go, and so a server, takes for one."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

# What Go's URLs, and so servers, refuse there (net/url, validUserinfo and shouldEscape).
_NOT_IN_HOST = re.compile(r"[%^`{|}\\]")
_NOT_IN_USER = re.compile(r"[^A-Za-z0-9._:~!$&'()*+,;=%@-]")


def web(text: str) -> str:
    """A URL that a browser opens. Raises ValueError with a sentence, as all of these."""
    parts = _split(text)
    if not parts.scheme or not parts.hostname:
        raise ValueError(f'"{text}" is not a URL: write it with its scheme, such as https://example.com/orders')
    return text


def server(text: str) -> str:
    """A URL of any scheme."""
    if not _split(text).scheme:
        raise ValueError(f'"{text}" has no scheme: write nats://host:4222 or https://host/jwt/v1')
    return text


def service(text: str) -> str:
    """A URL that clients connect to."""
    parts = _split(text)
    if parts.username is not None:
        raise ValueError("has a user or password in it: a service URL is public, leave them out")
    if parts.scheme not in ("nats", "tls", "ws", "wss") or not parts.hostname:
        raise ValueError(f'"{text}" is not a service URL: write nats://, tls://, ws:// or wss:// and a host')
    if parts.path or parts.query or parts.fragment:
        raise ValueError(f'"{text}" has a path: write the scheme, host and port only')
    return text


def _split(text: str) -> SplitResult:
    """Its parts. What is wrong is told without the text: there may be a password in it."""
    try:
        parts = urlsplit(text)
        _dummy = parts.port
    except ValueError as error:
        raise ValueError(f"is not a URL: {error}") from error
    if not text.isprintable() or any(character.isspace() for character in text):
        raise ValueError("is not a URL: it has white space or control characters")
    if re.search(r"%(?![0-9a-fA-F]{2})", text):
        raise ValueError('is not a URL: "%" begins an escape, such as %20')
    user, _at, host = parts.netloc.rpartition("@")
    found = _NOT_IN_HOST.search(host) or _NOT_IN_USER.search(user)
    if found:
        raise ValueError(f'is not a URL: "{found.group()}" may not be in its host, user or password')
    return parts
