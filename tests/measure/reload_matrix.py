# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures what a real nats-server takes by a reload.

``reload_matrix.py NATS_SERVER > reload_matrix_VERSION.txt`` writes a row for each pair of configurations in
tests/measure/reload_cases.py: the server is started with the first and gets a HUP with the second. YES: taken. NO:
refused, with the server's words. CRASH: the server died. START: it did not start with the first.

``reload_matrix.py NATS_SERVER --against FILE`` compares with such a file: it tells each row whose outcome is another,
and ends with 1 when there is one.
"""

from __future__ import annotations

import argparse
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from reload_cases import NEW_CONTENTS, cases
from reload_outcomes import differences, rows

WORDS = re.compile(r"Failed to reload[^:]*: (.*)")
# The server dies for want of a socket of syslog, so with one the row says nothing.
SYSLOG_ROW, SYSLOG_SOCKETS = "syslog false->true", ("/dev/log", "/var/run/syslog", "/var/run/log")


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _dummy in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def make_certificates(folder: Path) -> None:
    """One authority that is its own leaf, twice: enough for files that are read and replaced."""
    for name in ("cert", "other"):
        key = "key" if name == "cert" else "other-key"
        command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -addext"
        files = ["-keyout", str(folder / f"{key}.pem"), "-out", str(folder / f"{name}.pem")]
        subprocess.run(
            [*command.split(), "subjectAltName=IP:127.0.0.1", "-subj", f"/CN={name}", *files],
            check=True,
            capture_output=True,
        )
    (folder / "ca.pem").write_text((folder / "cert.pem").read_text() + (folder / "other.pem").read_text())


def wait_for(logs: tuple[Path, ...], pattern: str, server: subprocess.Popen[bytes], seconds: float = 10) -> str | None:
    """The logs once they hold the pattern; None when the server ended or time ran out."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        text = "".join(log.read_text(errors="replace") for log in logs if log.exists())
        if re.search(pattern, text):
            return text
        if server.poll() is not None:
            return None
        time.sleep(0.03)
    return None


def measure(program: str, name: str, before: str, after: str, certificates: Path) -> str:
    folder = Path(tempfile.mkdtemp(prefix="reload-"))
    for file in certificates.iterdir():
        shutil.copy(file, folder / file.name)
    ports = free_ports(9)

    def filled(text: str) -> str:
        for number, port in enumerate(ports, 1):
            text = text.replace(f"@P{number}@", str(port))
        return text.replace("@DIR@", str(folder))

    config, log = folder / "rl.conf", folder / "log"
    config.write_text(filled(before))
    with log.open("wb") as out:
        server = subprocess.Popen([program, "-c", str(config)], stdout=out, stderr=out, cwd=folder)
    try:
        if wait_for((log,), "Server is ready", server) is None:
            words = log.read_text(errors="replace").strip().splitlines()[-1]
            return "START: " + words.replace(str(folder), "@DIR@")
        config.write_text(filled(after))
        if name == NEW_CONTENTS:
            shutil.copy(folder / "other.pem", folder / "cert.pem")
            shutil.copy(folder / "other-key.pem", folder / "key.pem")
        size = log.stat().st_size
        server.send_signal(signal.SIGHUP)
        # log_file moves the words elsewhere; so the file that it names is read too.
        text = wait_for((log, folder / "rl.out"), "Reloaded server configuration|Failed to reload", server)
        time.sleep(0.2)
        if text is None or server.poll() is not None:
            return "CRASH" if server.poll() is not None else "NO ANSWER"
        refused = WORDS.search(text[size:])
        return f"NO: {refused.group(1).replace(str(folder), '@DIR@')}"[:160] if refused else "YES"
    finally:
        server.kill()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def measured(program: str, left_out: frozenset[str] = frozenset()) -> Iterator[str]:
    """The lines of all rows, one after another."""
    certificates = Path(tempfile.mkdtemp(prefix="reload-certificates-"))
    try:
        make_certificates(certificates)
        for name, (before, after) in sorted(cases().items()):
            if name not in left_out:
                yield f"{name:<45} {measure(program, name, before, after, certificates)}"
    finally:
        shutil.rmtree(certificates)


def compared(program: str, file: Path) -> int:
    """How many rows of the file a server does not bear out; each is told."""
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    left_out = frozenset({SYSLOG_ROW} if any(Path(place).exists() for place in SYSLOG_SOCKETS) else ())
    held = {name: found for name, found in rows(file.read_text()).items() if name not in left_out}
    found = rows("\n".join(measured(program, left_out)))
    differing = differences(held, found)
    for line in differing:
        print(f"{version}: {line}")
    print(f"{version}: {len(found)} rows measured, {len(differing)} differ from {file.name}")
    for name in left_out:
        print(f"{version}: {name} is left out: a socket of syslog is there")
    return len(differing)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures what a nats-server takes by a reload.")
    parser.add_argument("program", metavar="NATS_SERVER")
    parser.add_argument("--against", metavar="FILE", type=Path, help="compare with the rows of this file")
    asked = parser.parse_args()
    if asked.against:
        return 1 if compared(asked.program, asked.against) else 0
    for line in measured(asked.program):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
