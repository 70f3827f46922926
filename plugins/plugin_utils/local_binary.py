# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server program on the controller that hosts are to get: is it there, is it the one that is meant?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..module_utils.plan.problems import Problem


def binary_problems(hosts: Mapping[str, Mapping[str, Any]], absolute: Callable[[str], str]) -> list[Problem]:
    """Problems of the hosts with ``install_method: local``; variables by their names without the prefix.

    absolute: the path of a file as the play means it.
    """
    found: list[Problem] = []
    known: dict[str, str] = {}
    for variables in hosts.values():
        source, wanted = str(variables.get("binary_src") or ""), str(variables.get("binary_sha256") or "")
        if variables.get("install_method") != "local" or not source:
            continue
        try:
            digest = known.setdefault(source, "") or _digest(absolute(source))
        except OSError as error:
            found.append(Problem("nats_server_binary_src", f"{source} on the controller: {error.strerror}"))
            continue
        known[source] = digest
        if wanted and wanted.lower() != digest:
            found.append(Problem("nats_server_binary_sha256", f"is {wanted}, but {source} has the SHA-256 {digest}"))
    return list(dict.fromkeys(found))


def _digest(path: str) -> str:
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
