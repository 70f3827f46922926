# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits, timeouts, logging, monitoring, OCSP."""

from __future__ import annotations

import ipaddress

from ...plan.units import duration
from .reader import Reader

_INT32 = 2**31 - 1
_SECOND = 10**9


def check(server: Reader) -> None:
    _sizes(server)
    _times(server)
    _logging(server)
    _monitoring(server)
    _ocsp(server)


def _sizes(server: Reader) -> None:
    payload, pending = server.size("max_payload"), server.size("max_pending")
    for name, size in (("max_payload", payload), ("max_control_line", server.size("max_control_line"))):
        if size is not None and not 0 < size <= _INT32:
            server.wrong(name, f"{size} bytes are out of range: write a size above 0 and below 2GiB")
    if payload is not None and pending is not None and payload > pending:
        server.wrong(
            "max_payload", "is larger than nats_server_max_pending: the server would not start, raise that too"
        )
    if payload is not None and payload > 8 * 2**20:
        server.warn("max_payload", "is larger than 8MiB: nats-server advises against it, put large objects elsewhere")
    connections = server.integer("max_connections", -1)
    if connections == 0:
        server.wrong("max_connections", "0 is no limit to nats-server: write -1 for that, or a number of connections")
    server.integer("max_subscriptions", -1)


def _times(server: Reader) -> None:
    for name in ("ping_interval", "write_deadline"):
        nanos = server.duration(name)
        if nanos is not None and nanos <= 0:
            server.wrong(name, "is zero: write a duration, such as 10s")
    server.integer("ping_max", 1)
    lame_duck, grace = server.duration("lame_duck_duration"), server.duration("lame_duck_grace_period")
    if lame_duck is not None and lame_duck < 30 * _SECOND:
        server.wrong("lame_duck_duration", f"{duration(lame_duck)} is too short: nats-server takes 30s and more")
    if lame_duck is not None and grace is not None and grace >= lame_duck:
        server.wrong(
            "lame_duck_grace_period",
            f"{duration(grace)} is not shorter than nats_server_lame_duck_duration ({duration(lame_duck)}): the server "
            "would not start",
        )


def _logging(server: Reader) -> None:
    size, count = server.size("log_size_limit"), server.integer("log_max_num", 0)
    if size and count == 0:
        server.warn("log_max_num", "is 0: rotated log files stay for ever")
    if server.text("log_file") is not None and size == 0:
        server.warn("log_size_limit", "is 0: the log file is never rotated")
    if server.flag("trace"):
        server.warn("trace", "is true: subjects and messages are written into the log")


def _monitoring(server: Reader) -> None:
    if not server.flag("monitoring", default=True):
        return
    host, base = server.text("monitoring_host"), server.text("monitoring_base_path")
    if host is not None and not is_loopback(host):
        server.warn(
            "monitoring_host",
            f"is {host}: monitoring has no authentication, whoever reaches the port reads accounts and connections",
        )
    if base is not None and not base.startswith("/"):
        server.wrong("monitoring_base_path", f"{base!r} does not start with a slash: write /{base}")


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from the host alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _ocsp(server: Reader) -> None:
    ocsp = server.mapping("ocsp")
    for key in ocsp:
        if key == "urls":
            server.wrong("ocsp", "is an option that nats-server fails to read: write url with one responder", ".urls")
        elif key not in ("mode", "url"):
            server.wrong("ocsp", "is not an option of ocsp: write mode and url", f".{key}")
    mode = ocsp.get("mode")
    if ocsp and mode not in ("auto", "always", "must", "never"):
        server.wrong("ocsp", f"{mode!r} is not one of auto, always, must, never", ".mode")
    # Measured: a server with always, or with a certificate that has to be stapled, ends without an answer.
    named = bool(ocsp.get("url") or server.values.get("nats_pki_ocsp_urls"))
    stapled = server.values.get("nats_pki_must_staple") in (True, "true", "yes")
    if mode == "always" and not named:
        server.wrong(
            "ocsp",
            "always without a responder: the server refuses to start. With a private CA leave nats_server_ocsp empty, "
            "otherwise have nats_pki_ocsp_urls name one, or add url",
            ".mode",
        )
    elif mode == "must" and not stapled:
        server.warn("ocsp", "must: staples nothing, no certificate asks for it; see nats_pki_must_staple", ".mode")
    elif mode == "never" and stapled:
        server.warn("ocsp", "never: clients that hold certificates to nats_pki_must_staple refuse this server", ".mode")
    elif mode == "always" or stapled:
        server.warn("ocsp", "the server does not start while its responder is unreachable", ".mode" if mode else "")
