# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's part in the cluster."""

from __future__ import annotations

import re

from .access import looks_bcrypt
from .reader import Reader

COMPRESSION = ("off", "accept", "s2_fast", "s2_better", "s2_best", "s2_auto")
_NKEY = re.compile(r"S?[NUCAOX][A-Z0-9]{30,}\Z")
_ROUTE = re.compile(r"(?P<host>\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9_.-]+):(?P<port>\d{1,5})\Z")


def check(server: Reader) -> None:
    if not server.flag("cluster", default=True):
        return
    if "cluster_name" in server.values and server.raw("cluster_name") is None:
        server.wrong("cluster_name", "is empty: all servers of a cluster share one name")
    _login(server)
    _routes(server)
    server.choice("cluster_compression", COMPRESSION)
    server.integer("cluster_connect_retries", 0)
    pool = server.integer("cluster_pool_size", -1, 1000)
    if pool == 0:
        server.wrong("cluster_pool_size", "0 is not a size: write 1 or more, or -1 for one connection without a pool")


def _login(server: Reader) -> None:
    user, password = server.text("cluster_user"), server.text("cluster_password")
    if user is not None and _NKEY.match(user):
        server.wrong(
            "cluster_user",
            "is an nkey, with which no server can log in to another (it is only a name, with an empty password): write "
            "a plain name such as route, the role makes the password",
        )
    if "cluster_user" in server.values and server.raw("cluster_user") is None:
        server.wrong("cluster_user", "is empty: routes log in with user and password")
    if "cluster_password" in server.values and server.raw("cluster_password") is None:
        server.wrong("cluster_password", "is empty: leave the variable out, the role makes a password")
    if looks_bcrypt(password):
        server.wrong(
            "cluster_password",
            "is a bcrypt hash, but the servers log in to each other with it: write the password itself, or nothing",
        )
    timeout = server.number("cluster_timeout", 0.1)
    if timeout is not None and timeout > 60:
        server.wrong("cluster_timeout", f"{timeout:g} seconds are refused by nats-server -t: write at most 60")


def _routes(server: Reader) -> None:
    for index, route in enumerate(server.texts("cluster_routes")):
        if "@" in route:
            server.wrong("cluster_routes", "holds a login: write host:port, the role adds it", f"[{index}]")
        elif "://" in route:
            server.wrong("cluster_routes", "is a URL: write host:port alone", f"[{index}]")
        else:
            match = _ROUTE.match(route)
            if match is None or not 1 <= int(match["port"]) <= 65535:
                server.wrong(
                    "cluster_routes", f"{route!r} is not host:port: write it like n4.example.com:6222", f"[{index}]"
                )
