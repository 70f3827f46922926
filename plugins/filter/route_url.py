# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter that makes the URL of a route."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from urllib.parse import quote

from ansible.errors import AnsibleFilterError


def route_url(host: object, port: int, user: str = "", password: str = "", scheme: str = "tls") -> str:
    """``scheme://user:password@host:port`` with user and password percent-encoded and an IPv6 host in brackets.

    The scheme says nothing about encryption to nats-server (the cluster's tls block does), only to the reader.
    """
    if not isinstance(host, str) or not host.strip() or any(mark in host for mark in "@/ \t\n"):
        raise AnsibleFilterError("aegis.nats.route_url: the host must be a name or an address")
    if isinstance(port, bool) or not str(port).isdigit() or not 1 <= int(port) <= 65535:
        raise AnsibleFilterError(f"aegis.nats.route_url: {port!r} is not a port: write a number from 1 to 65535")
    if password and not user:
        raise AnsibleFilterError("aegis.nats.route_url: a password needs a user")
    login = quote(user, safe="") + (":" + quote(password, safe="") if password else "") + "@" if user else ""
    return f"{scheme}://{login}{_bracketed(host.strip())}:{int(port)}"


def _bracketed(host: str) -> str:
    try:
        return f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    except ValueError:
        return host


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., str]]:
        """The filter by name."""
        return {"route_url": route_url}
