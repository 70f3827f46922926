# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The monitoring endpoint of one server: /varz, /healthz, /routez, /jsz as values. It knows no authentication."""

from __future__ import annotations

import json
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Optional, Protocol

from ..plan.errors import NatsError

_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$")


class Unreachable(NatsError):
    """The monitoring endpoint does not answer."""


def parse_time(text: Optional[str]) -> Optional[datetime]:
    """An RFC 3339 time as Go writes it (nanoseconds are cut to microseconds); None for none and Go's year 1."""
    match = _TIME.match(text or "")
    if not match or match.group(1).startswith("0001-"):
        return None
    fraction = (match.group(2) or ".0")[1:7].ljust(6, "0")
    zone = "+00:00" if match.group(3) == "Z" else match.group(3)
    return datetime.fromisoformat(f"{match.group(1)}.{fraction}{zone}").astimezone(timezone.utc)


@dataclass(frozen=True)
class Varz:
    """What a running server says of itself. config_digest is None before 2.11.

    tls, cluster_tls: whether new connections of clients and of routes must use TLS; older ones may be without.
    """

    server_id: str
    name: str
    version: str
    start: Optional[datetime]
    config_load_time: Optional[datetime]
    config_digest: Optional[str]
    tls_cert_not_after: Optional[datetime]
    tls: bool = False
    cluster_tls: bool = False


@dataclass(frozen=True)
class Health:
    """The answer of /healthz: 200, or why not."""

    ok: bool
    status: int
    error: str


class Monitor(Protocol):
    """Where a server's state is asked."""

    def varz(self) -> Varz: ...
    def health(self, query: str = "") -> Health: ...
    def routez(self) -> Mapping[str, Any]: ...
    def jsz(self, streams: bool = True) -> Mapping[str, Any]: ...


class HttpMonitor:
    """A monitoring endpoint by its URL; ``authority`` is a CA file for https (the name is not checked: it is local)."""

    def __init__(self, url: str, timeout: float = 5.0, authority: Optional[str] = None) -> None:
        if not url.startswith(("http://", "https://")):
            raise NatsError(f"monitor: {url!r} is not a URL: write http://127.0.0.1:8222 or https://...")
        self.url = url.rstrip("/")
        self._timeout = timeout
        handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
        if self.url.startswith("https://"):
            context = ssl.create_default_context(cafile=authority)
            context.check_hostname = False
            handlers.append(urllib.request.HTTPSHandler(context=context))
        self._opener = urllib.request.build_opener(*handlers)

    def _get(self, path: str) -> tuple[int, dict[str, Any]]:
        try:
            with self._opener.open(f"{self.url}{path}", timeout=self._timeout) as response:
                return response.status, _object(response.read(), self.url)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _object(error.read(), self.url, strict=False)
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            raise Unreachable(f"{self.url} does not answer: {reason}") from error

    def _expect(self, path: str) -> dict[str, Any]:
        status, value = self._get(path)
        if status != 200:
            raise Unreachable(f"{self.url}{path} answers {status}: is it the monitoring endpoint of a nats-server?")
        return value

    def raw(self, path: str) -> Mapping[str, Any]:
        """Any endpoint, as it answers; raises Unreachable."""
        return self._expect(path)

    def varz(self) -> Varz:
        """/varz; raises Unreachable."""
        value = self._expect("/varz")
        if "server_id" not in value:
            raise Unreachable(f"{self.url}/varz is not the answer of a nats-server")
        return Varz(
            server_id=value["server_id"],
            name=value.get("server_name", ""),
            version=value.get("version", ""),
            start=parse_time(value.get("start")),
            config_load_time=parse_time(value.get("config_load_time")),
            config_digest=value.get("config_digest") or None,
            tls_cert_not_after=parse_time(value.get("tls_cert_not_after")),
            tls=bool(value.get("tls_required")),
            cluster_tls=bool((value.get("cluster") or {}).get("tls_required")),
        )

    def health(self, query: str = "") -> Health:
        """/healthz; ``query`` such as ``js-enabled-only=true``. Raises Unreachable."""
        status, value = self._get(f"/healthz?{query}" if query else "/healthz")
        return Health(
            status == 200, status, str(value.get("error") or ("" if status == 200 else value.get("status", "")))
        )

    def routez(self) -> Mapping[str, Any]:
        """/routez; raises Unreachable."""
        return self._expect("/routez")

    def jsz(self, streams: bool = True) -> Mapping[str, Any]:
        """/jsz, with accounts and streams or only of the meta group; raises Unreachable."""
        return self._expect("/jsz?accounts=1&streams=1&limit=100000" if streams else "/jsz")


def _object(body: bytes, url: str, strict: bool = True) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError as error:
        if strict:
            raise Unreachable(f"{url} does not answer with JSON: is it a nats-server's monitoring endpoint?") from error
        value = {"error": body.decode("utf-8", "replace")[:300]}
    return value if isinstance(value, dict) else {}
