# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real sshd on loopback, with keys of its own, that forwards connections for one key. For tests only."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.aegis.nats.tests.integration.live_cluster import free_ports

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


@dataclass(frozen=True)
class SshHost:
    """How to get in. stranger: a key that it does not know. log: what it wrote. pid: of the listening process."""

    address: str
    port: int
    pid: int
    key: Path
    stranger: Path
    known_hosts: Path
    log: Path
    forwards: bool

    @property
    def variables(self) -> dict[str, object]:
        """What an inventory says of it."""
        return {
            "ansible_connection": "ssh",
            "ansible_host": self.address,
            "ansible_port": self.port,
            "ansible_user": getpass.getuser(),
            "ansible_ssh_private_key_file": str(self.key),
            "ansible_ssh_common_args": f"-F none -o UserKnownHostsFile={self.known_hosts}",
        }


@contextlib.contextmanager
def ssh_host(folder: Path, forwards: bool = True, address: str = "127.0.0.1") -> Iterator[SshHost]:
    """A running sshd at an address of loopback; ends with the block."""
    assert SSHD, "openssh-server is needed"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("host", "client", "stranger"):
        make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(make, check=True, stdin=subprocess.DEVNULL)
    port = free_ports(1)[0]
    (folder / "authorized").write_text((folder / "client.pub").read_text())
    (folder / "known").write_text(f"[{address}]:{port} {(folder / 'host.pub').read_text()}")
    (folder / "sshd.conf").write_text(
        f"ListenAddress {address}:{port}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized\n"
        # What the caller's own shell reads at its start is none of this host's.
        f"SetEnv HOME={folder}\n"
        f"PidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nLogLevel VERBOSE\n"
        f"PermitRootLogin prohibit-password\nAllowTcpForwarding {'yes' if forwards else 'no'}\n"
    )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    log = folder / "sshd.log"
    with log.open("wb") as file:
        process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(folder / "sshd.conf")], stderr=file)
    try:
        _wait(address, port, process, log)
        keys = (folder / "client", folder / "stranger")
        yield SshHost(address, port, process.pid, *keys, folder / "known", log, forwards)
    finally:
        process.terminate()
        process.wait(10)


def _wait(address: str, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((address, port), 1):
            return
        time.sleep(0.05)
    raise AssertionError(f"sshd does not listen: {log.read_text()}")
