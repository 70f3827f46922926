# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who the server is, what it runs as, and where it listens."""

from __future__ import annotations

import posixpath
import re

from ..conf.options import version_tuple
from ..version_steps import is_step
from .reader import Reader

LOWEST = "2.10.0"
_FOLDERS = ("binary_path", "config_dir", "data_dir", "log_dir", "run_dir", "resolver_dir", "jetstream_dir", "log_file")
_ADDRESS = re.compile(r"[A-Za-z0-9_.:%-]+\Z")
_ANY = frozenset(("0.0.0.0", "::", "*"))


def check(server: Reader) -> None:
    _version(server)
    _names(server)
    _address(server)
    _ports(server)
    _paths(server)
    server.choice("install_method", ("archive", "local", "package", "preinstalled"))
    server.choice("service_manager", ("systemd", "process"))
    if server.raw("install_method") == "local" and server.text("binary_src") is None and "binary_src" in server.values:
        server.wrong("binary_src", "is empty: with nats_server_install_method: local it names the nats-server file")


def version(server: Reader) -> tuple[int, ...] | None:
    """The version that the configuration is for, when it is one."""
    try:
        return version_tuple(server.text("version") or "")
    except ValueError:
        return None


def _version(server: Reader) -> None:
    for index, step in enumerate(server.texts("allow_steps")):
        if not is_step(step):
            server.wrong("allow_steps", f"{step!r} is not a step: write two versions like 2.15.1:2.14.4", f"[{index}]")
    text = server.text("version")
    if text is None:
        return
    found = version(server)
    if found is None:
        server.wrong("version", f"{text!r} is not a version: write it like 2.15.1")
    elif found < version_tuple(LOWEST):
        server.wrong("version", f"nats-server {text} is too old: {LOWEST} is the lowest that is supported")
    if found and server.mapping("metadata") and found < (2, 12, 0):
        server.wrong(
            "metadata", f"nats-server {text} does not know server_metadata, 2.12.0 is the first: leave it empty"
        )


def _names(server: Reader) -> None:
    for name in ("name", "cluster_name"):
        text = server.text(name)
        if text is not None and re.search(r"\s", text):
            server.wrong(name, "holds a space, which nats-server refuses: write it with - or _")
    if "name" in server.values and server.raw("name") is None:
        server.wrong("name", "is empty: give the server a name, unique in the cluster")
    for index, tag in enumerate(server.texts("tags")):
        if re.search(r"\s", tag):
            server.wrong("tags", "holds a space: write a tag like az:a", f"[{index}]")
        elif tag != tag.lower():
            server.warn("tags", f"{tag} becomes {tag.lower()}: nats-server lower-cases tags", f"[{index}]")
    for key, value in server.mapping("metadata").items():
        if not isinstance(value, str):
            server.wrong("metadata", "is not text: put the value in quotes", f".{key}")


def _address(server: Reader) -> None:
    if "address" not in server.values:
        return
    text = (server.text("address") or "").strip()
    if not text:
        server.wrong("address", "is empty: set nats_server_address or ansible_host to a name or address of this host")
    elif text in _ANY:
        server.wrong("address", f"{text} is every address of a host and none to connect to: write a name or an address")
    elif not _ADDRESS.match(text):
        server.wrong("address", f"{text!r} is neither a name nor an address: write a DNS name or an IP address alone")
    elif re.match(r"[^:]+:\d+\Z", text):
        server.wrong("address", f"{text} holds a port: write the address alone, the port is nats_server_port")


def _ports(server: Reader) -> None:
    for name in ("port", "cluster_port", "monitoring_port"):
        server.port(name)
    for name in ("host", "cluster_host", "monitoring_host"):
        text = server.text(name)
        if text is not None and not _ADDRESS.match(text):
            server.wrong(name, f"{text!r} is no address to listen on: write an IP address or a name of this host alone")


def _paths(server: Reader) -> None:
    for name in _FOLDERS:
        text = server.text(name)
        if text is not None and not posixpath.isabs(text):
            server.wrong(name, f"{text!r} is not an absolute path: the server's working directory is not yours")
    for name in ("resolver_dir", "jetstream_dir"):
        text = server.text(name)
        if text is not None and re.match(r"/(etc|usr|boot|proc|sys)(/|\Z)", text):
            server.wrong(name, f"{text} is not for the server to write: put it below nats_server_data_dir")
