# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How ssh reaches a host of the inventory: with the very settings that Ansible's own connection to it has."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from ansible import constants
from ansible.plugins.loader import connection_loader

_SSH = ("ssh", "smart", "ansible.builtin.ssh", "ansible.legacy.ssh")


def ssh_way(host: str, task: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
    """``command`` and ``address`` for a tunnel through a host, or the ``problem``. No secret is among the words."""
    hostvars = task_vars.get("hostvars") or {}
    if host not in hostvars:
        return {"problem": f"{host!r} is no host of the inventory: name one that this play reaches by ssh"}
    connection_loader.get("ssh", class_only=True)  # so that its options are known
    found = _variables(hostvars[host])
    connection = found.get("ansible_connection") or task.connection or "ssh"
    if connection not in _SSH:
        return {"problem": f"{host} is reached by {connection}, not by ssh: name a host that is, or leave via out"}
    keys = {"remote_user": task.remote_user} if task.remote_user else {}
    options = constants.config.get_plugin_options("connection", "ssh", keys=keys, variables=found)
    if options.get("password"):
        return {"problem": f"{host} is logged in to with a password: a tunnel needs a key (or an agent)"}
    return {"command": _words(options), "address": str(options.get("host") or host)}


def _variables(host: Mapping[str, Any]) -> dict[str, Any]:
    """What the options of the connection may be set by, templated."""
    wanted = {"inventory_hostname", "ansible_connection"}
    wanted.update(constants.config.get_plugin_vars("connection", "ssh"))
    return {name: host[name] for name in wanted if name in host}


def _words(options: Mapping[str, Any]) -> list[str]:
    words = [str(options.get("ssh_executable") or "ssh"), *_split(options.get("ssh_args"))]
    settings = {
        # Nobody is there to be asked.
        "BatchMode": "yes",
        "LogLevel": "ERROR",
        "StrictHostKeyChecking": None if options.get("host_key_checking", True) else "no",
        "Port": options.get("port"),
        "IdentityFile": _quoted(options.get("private_key_file")),
        "User": _quoted(options.get("remote_user")),
        "ConnectTimeout": options.get("timeout"),
    }
    for name, value in settings.items():
        words += ["-o", f"{name}={value}"] if value else []
    return [*words, *_split(options.get("ssh_common_args")), *_split(options.get("ssh_extra_args"))]


def _split(words: Any) -> list[str]:
    return shlex.split(str(words)) if words else []


def _quoted(value: Any) -> str:
    return f'"{value}"' if value else ""
