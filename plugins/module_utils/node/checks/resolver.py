# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a server in operator mode gets its accounts from."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .reader import PREFIX, Reader

KINDS = ("full", "cache", "memory", "url")
# Variable -> the kinds of resolver that it says something to, and the value that says nothing.
_MEANT_FOR: Mapping[str, tuple[tuple[str, ...], object]] = {
    "resolver_allow_delete": (("full",), None),
    "resolver_hard_delete": (("full",), False),
    "resolver_limit": (("full", "cache"), 0),
    "resolver_ttl": (("cache",), None),
    "resolver_url": (("url",), None),
}
_URL = re.compile(r"https?://[^\s/@?#]+(/[^\s?#]*)?\Z")


def check(server: Reader) -> None:
    if server.raw("auth") not in (None, "operator"):
        return
    kind = server.choice("resolver", KINDS) or "full"
    for name in ("resolver_interval", "resolver_timeout", "resolver_ttl"):
        nanos = server.duration(name)
        if nanos is not None and nanos <= 0:
            server.wrong(name, "is zero: write a duration, such as 2m")
    interval = server.duration("resolver_interval")
    if interval is not None and interval > 10 * 60 * 10**9:
        server.warn("resolver_interval", "is long: a server that was down serves revoked users until its first sync")
    server.integer("resolver_limit", 0)
    _foreign(server, kind)
    if kind == "full" and server.flag("resolver_hard_delete") and not server.flag("resolver_allow_delete", True):
        server.wrong(
            "resolver_hard_delete", "has no meaning without nats_server_resolver_allow_delete: set that or drop this"
        )
    if kind == "url":
        _url(server)


def check_together(servers: Mapping[str, Reader], shared: Reader) -> None:
    """A server that caches learns an account from one that keeps all of them."""
    kinds = {host: server.raw("resolver") or "full" for host, server in servers.items()}
    if any(server.raw("auth") not in (None, "operator") for server in servers.values()):
        return
    used = sorted(set(kinds.values()))
    if "cache" in used and "full" not in used and not any(_elsewhere(server) for server in servers.values()):
        shared.wrong(
            "resolver",
            "is cache, and no server of the cluster is full: those that cache ask a full one for the accounts they "
            "do not know, so nobody could log in. Leave at least one at full",
        )
    for kind in ("memory", "url"):
        if kind in used and len(used) > 1:
            others = ", ".join(other for other in used if other != kind)
            shared.wrong(
                "resolver",
                f"is {kind} on some servers and {others} on others: what is pushed would not reach all. Write one "
                "kind, or full and cache",
            )
            return


def _elsewhere(server: Reader) -> bool:
    """Whether a full resolver may be beyond this cluster."""
    extra = server.raw("extra_config")
    return isinstance(extra, Mapping) and any(name in extra for name in ("gateway", "leafnodes"))


def _foreign(server: Reader, kind: str) -> None:
    for name, (kinds, silent) in _MEANT_FOR.items():
        value = server.raw(name)
        if kind not in kinds and value is not None and value != silent:
            server.wrong(
                name, f"has no meaning with {PREFIX}resolver: {kind}, only with {' or '.join(kinds)}: leave it out"
            )


def _url(server: Reader) -> None:
    url = server.text("resolver_url")
    if url is None:
        server.wrong(
            "resolver_url",
            "is empty: write where the account server is, such as https://accounts.example.com/jwt/v1/accounts/",
        )
    elif "@" in url:
        server.wrong("resolver_url", "must not hold a user or password: it stands in the configuration")
    elif not _URL.match(url):
        server.wrong(
            "resolver_url", f'"{url}" is not a URL: write https://HOST/PATH/, to which the account\'s key is added'
        )
    elif "mem" in url.lower():
        # nats-server looks for these letters anywhere in the option's value.
        server.wrong("resolver_url", 'holds "mem", which nats-server takes for the memory resolver: use another name')
    elif url.startswith("http://"):
        server.warn("resolver_url", "is http: whoever is between could keep a revocation from the servers")
