# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask nats-server itself whether a configuration can be loaded (``nats-server -t``), before it is switched in.

``-t`` creates the resolver's folder and needs every file that the configuration names, so it is given a private copy
whose paths lead to the copy. Any warning makes it refuse, and some mistakes it does not see: a start proves more.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Optional

from ..plan.errors import NatsError
from .environment import parse_environment, server_environment
from .files import NOBODY_NAMED, Ownership, WantedDirectory, ensure_directory, remove_tree, write_file
from .release import Release
from .scrub import Secrets
from .service_process import run_as_arguments

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_RESOLVER_DIR = re.compile(
    r"""(["']?\bresolver["']?\s*[:=]?\s*\{[^{}]*?["']?\bdir["']?\s*[:=]?\s*)("[^"\n]*"|'[^'\n]*'|[^\s,}"']+)"""
)


class ConfigRefused(NatsError):
    """nats-server refuses the configuration; the message carries its words, without secrets."""


@dataclass(frozen=True)
class Validator:
    """What is needed to ask. run_as: whom the server runs as; config_dir: where ``current`` lies."""

    binary: str
    config_dir: Path
    config_file: str
    environment_file: Optional[str] = None
    run_as: Ownership = NOBODY_NAMED

    def check_release(self, release: Release, secrets: Secrets) -> Optional[str]:
        """Validate a release that is not switched in; raises ConfigRefused."""
        copy = self.config_dir / "releases" / f".check-{release.name}"
        remove_tree(copy)
        try:
            self._write_copy(copy, release)
            environment = self._environment(release.contents())
            said = self._ask(copy / self.config_file, environment, secrets)
        finally:
            remove_tree(copy)
        return said

    def digest_of_current(self, contents: Mapping[str, bytes], secrets: Secrets) -> Optional[str]:
        """The digest that the running server must report for ``current`` (None before 2.11); raises ConfigRefused."""
        return self._ask(self.config_dir / "current" / self.config_file, self._environment(contents), secrets)

    def _environment(self, contents: Mapping[str, bytes]) -> dict[str, str]:
        text = contents.get(self.environment_file, b"") if self.environment_file else b""
        return server_environment(parse_environment(text.decode("utf-8", "replace")))

    def _write_copy(self, copy: Path, release: Release) -> None:
        owner = self.run_as if os.geteuid() == 0 else NOBODY_NAMED
        ensure_directory(WantedDirectory(str(copy), 0o700, owner))
        ensure_directory(WantedDirectory(str(copy / ".resolver"), 0o700, owner))
        here, there = f"{self.config_dir}/current/".encode(), f"{copy}/".encode()
        for path, file in release.files.items():
            if path == self.environment_file:
                continue
            content = file.content.replace(here, there)
            if path.endswith(".conf"):
                content = _with_resolver_at(content, copy / ".resolver")
            place = copy / path
            for parent in reversed(place.relative_to(copy).parents):
                ensure_directory(WantedDirectory(str(copy / parent), 0o700, owner))
            write_file(place, replace(file, content=content))

    def _ask(self, config: Path, environment: Mapping[str, str], secrets: Secrets) -> Optional[str]:
        try:
            done = subprocess.run(
                [self.binary, "-t", "-c", str(config)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=60,
                check=False,
                cwd="/",
                env=dict(environment),
                **run_as_arguments(self.run_as),  # type: ignore[call-overload]
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise ConfigRefused(f"{self.binary} -t can't be run: {error}") from error
        said = done.stdout.decode("utf-8", "replace")
        if done.returncode == 0:
            match = _DIGEST.search(said)
            return match.group(0) if match else None
        words = said.replace(f"{config.parent}/", "").replace("nats-server: ", "")
        raise ConfigRefused(
            f"nats-server refuses the configuration, nothing was switched: {secrets.hide(words).strip()}"
        )


def _with_resolver_at(content: bytes, folder: Path) -> bytes:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return content
    return _RESOLVER_DIR.sub(lambda match: f'{match.group(1)}"{folder}"', text).encode("utf-8")
