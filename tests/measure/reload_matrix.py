# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures what a real nats-server takes by a reload.

``reload_matrix.py NATS_SERVER > reload_matrix_VERSION.txt`` writes a row for each pair of configurations in
tests/measure/reload_cases.py: the server is started with the first and gets a HUP with the second. YES: taken. NO:
refused, with the server's words. CRASH: the server died. START: it did not start with the first. With ``--further`` the
pairs are those of tests/measure/reload_further_cases.py, for reload_further_VERSION.txt.

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
from collections.abc import Iterator, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / ".collections"))

from ansible_collections.aegis.nats.tests.measure.reload_cases import NEW_CONTENTS, cases
from ansible_collections.aegis.nats.tests.measure.reload_further_cases import further_cases
from ansible_collections.aegis.nats.tests.measure.reload_outcomes import Row, differences, rows

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


def said(logs: tuple[Path, ...]) -> str:
    return "".join(log.read_text(errors="replace") for log in logs if log.exists())


def wait_for(logs: tuple[Path, ...], pattern: str, server: subprocess.Popen[bytes], seconds: float = 10) -> str | None:
    """The logs once they hold the pattern; None when the server ended or time ran out."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        text = said(logs)
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
    # log_file moves the words elsewhere; so the file that it names is read too.
    logs = (log, folder / "rl.out")
    config.write_text(filled(before))
    with log.open("wb") as out:
        server = subprocess.Popen([program, "-c", str(config)], stdout=out, stderr=out, cwd=folder)
    try:
        if wait_for(logs, "Server is ready", server) is None:
            words = said(logs).strip().splitlines() or [""]
            return "START: " + words[-1].replace(str(folder), "@DIR@")[:160]
        config.write_text(filled(after))
        if name == NEW_CONTENTS:
            shutil.copy(folder / "other.pem", folder / "cert.pem")
            shutil.copy(folder / "other-key.pem", folder / "key.pem")
        server.send_signal(signal.SIGHUP)
        text = wait_for(logs, "Reloaded server configuration|Failed to reload", server)
        time.sleep(0.2)
        if text is None or server.poll() is not None:
            return "CRASH" if server.poll() is not None else "NO ANSWER"
        refused = WORDS.search(text)
        return f"NO: {refused.group(1).replace(str(folder), '@DIR@')}"[:160] if refused else "YES"
    finally:
        server.kill()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def measured(program: str, pairs: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """The lines of all rows, one after another."""
    certificates = Path(tempfile.mkdtemp(prefix="reload-certificates-"))
    try:
        make_certificates(certificates)
        for name, (before, after) in sorted(pairs.items()):
            yield f"{name:<45} {measure(program, name, before, after, certificates)}"
    finally:
        shutil.rmtree(certificates)


def compared(program: str, pairs: Mapping[str, tuple[str, str]], held: Mapping[str, Row], file: str) -> int:
    """How many of the rows that are held a server does not bear out; each is told."""
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    left_out = {SYSLOG_ROW} if any(Path(place).is_socket() for place in SYSLOG_SOCKETS) else set()
    found = rows("\n".join(measured(program, {name: pair for name, pair in pairs.items() if name not in left_out})))
    differing = differences({name: row for name, row in held.items() if name not in left_out}, found)
    for line in differing:
        print(f"{version}: {line}")
    print(f"{version}: {len(differing)} of {len(found)} rows differ from {file}")
    for name in left_out & set(pairs):
        print(f"{version}: {name} is left out: a socket of syslog is there")
    return len(differing)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures what a nats-server takes by a reload.")
    parser.add_argument("program", metavar="NATS_SERVER")
    parser.add_argument("--against", metavar="FILE", type=Path, help="compare with the rows of this file")
    parser.add_argument("--further", action="store_true", help="the pairs of reload_further_cases")
    parser.add_argument("--only", metavar="ROW", nargs="+", help="measure these rows")
    asked = parser.parse_args()
    pairs = further_cases() if asked.further else cases()
    only = asked.only or pairs
    pairs = {name: pair for name, pair in pairs.items() if name in only}
    if asked.against:
        held = rows(asked.against.read_text())
        held = {name: row for name, row in held.items() if name in only or not asked.only}
        return 1 if compared(asked.program, pairs, held, asked.against.name) else 0
    for line in measured(asked.program, pairs):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
