# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ends and what has drifted on a host, as metrics in a file for Prometheus' node exporter.

The role nats_monitoring brings this file and keys/der.py to hosts, where a timer runs it without Ansible: so what it
tells stays true after a renewal by anybody. Moments are told as such (seconds since 1970) and not as days left, which
would be wrong as soon as they are written. It reads certificates and tokens, asks the server's monitoring endpoint, and
writes one file, and a second one of lines for the agent that carries logs away.
"""

from __future__ import annotations

import base64
import glob
import grp
import hashlib
import json
import os
import pwd
import re
import stat
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Callable, Optional

from .keys.der import read_certificate

CERTIFICATE, TOKEN, CREDS = (
    "nats_certificate_not_after_seconds",
    "nats_jwt_not_after_seconds",
    "nats_creds_not_after_seconds",
)
AUDIT, DRIFT = "nats_last_audit_timestamp_seconds", "nats_config_drift"
READ, UNREADABLE = "nats_expiry_read_timestamp_seconds", "nats_expiry_unreadable"
HELP: Mapping[str, str] = {
    CERTIFICATE: "When the first certificate of a file ends, in seconds since 1970.",
    TOKEN: "When a JWT of the trust tree ends, in seconds since 1970; one without an end is not told.",
    CREDS: "When the user's JWT in a creds file ends, in seconds since 1970; one without an end is not told.",
    AUDIT: "When the last audit was made, in seconds since 1970; 0 when there was none.",
    DRIFT: "Whether the server runs, or has on its disk, another configuration than the one that was deployed.",
    READ: "When these files were read, in seconds since 1970.",
    UNREADABLE: "A file whose end could not be read.",
}
#: More than any certificate or token; a file may be anything where others write.
_MOST = 1 << 20
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_CREDS = re.compile(r"-----BEGIN NATS USER JWT-----\s+(\S+)\s+------?END NATS USER JWT-----")

#: What reading something else than a certificate or a token ends with.
_TROUBLE = (OSError, ValueError, LookupError, TypeError)

#: Days before an end from which on it is told in words, as a warning and as an error: those of the alert rules.
SOON_DAYS, NOW_DAYS = 30, 7
_DAY = 86400.0
#: A log of so many bytes is laid aside; the one before it goes.
_MOST_LOG = 1 << 18

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Wanted:
    """Where to look; certificates, jwts and creds are patterns of paths. controller: what only the controller knows.

    log: where to tell in words what ends soon; empty for nowhere.
    """

    output: str
    certificates: tuple[str, ...] = ()
    jwts: tuple[str, ...] = ()
    creds: tuple[str, ...] = ()
    config_dir: str = ""
    monitor: str = ""
    controller: str = ""
    log: str = ""


@dataclass
class Samples:
    """The metrics that were found; of two values of the same thing the earlier counts."""

    values: dict[str, dict[Labels, float]] = field(default_factory=dict)

    def add(self, metric: str, value: float, /, **labels: str) -> None:
        known = self.values.setdefault(metric, {})
        key = tuple(sorted(labels.items()))
        known[key] = min(value, known.get(key, value))

    def text(self) -> str:
        """Prometheus' text format."""
        lines: list[str] = []
        for name in HELP:
            if name in self.values:
                lines += [f"# HELP {name} {HELP[name]}", f"# TYPE {name} gauge"]
                lines += [f"{name}{_labels(key)} {value:.0f}" for key, value in sorted(self.values[name].items())]
        return "\n".join(lines) + "\n"


def _labels(labels: Labels) -> str:
    shown = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
    return f"{{{shown}}}" if shown else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def gather(wanted: Wanted, now: float, ask: Callable[[str], Any]) -> Samples:
    """Everything that can be told. ask: the server's answer at a URL, parsed; it raises OSError or ValueError."""
    found = Samples()
    for path in _matching(wanted.certificates):
        with _Reading(found, path) as text:
            purpose = os.path.splitext(os.path.basename(path))[0]
            found.add(CERTIFICATE, certificate_end(text()), path=path, purpose=purpose)
    for path in _matching(wanted.jwts):
        with _Reading(found, path) as text:
            _token(found, claims(text().strip()))
    for path in _matching(wanted.creds):
        with _Reading(found, path) as text:
            said = claims(creds_token(text()))
            if said.get("exp"):
                found.add(CREDS, float(said["exp"]), path=path, name=str(said.get("name", "")))
    _from_controller(found, wanted.controller)
    if wanted.config_dir and wanted.monitor:
        for why, drifted in drift(wanted.config_dir, lambda: ask(f"{wanted.monitor}/varz")):
            found.add(DRIFT, float(drifted), why=why)
    found.add(READ, now)
    return found


def _matching(patterns: Iterable[str]) -> list[str]:
    return sorted({path for pattern in patterns for path in glob.glob(pattern)})


class _Reading:
    """One file, whose trouble is told by its path and stops nothing."""

    def __init__(self, found: Samples, path: str) -> None:
        self._found = found
        self._path = path

    def __enter__(self) -> Callable[[], str]:
        return lambda: read(self._path)

    def __exit__(self, kind: Optional[type[BaseException]], error: object, trace: object) -> bool:
        # A file that has gone since it was listed was taken away, as releases are.
        if kind is not None and issubclass(kind, _TROUBLE):
            if not issubclass(kind, FileNotFoundError):
                self._found.add(UNREADABLE, 1, path=self._path)
            return True
        return False


def read(path: str) -> str:
    """A regular file. Whoever may write beside it can lay anything in its place, such as a pipe that never ends."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("is no file")
        return file.read(_MOST).decode("utf-8", "replace")


def certificate_end(text: str) -> float:
    """When the first of a file's certificates ends: a chain is good as long as all of it."""
    found = _PEM.findall(text)
    if not found:
        raise ValueError("there is no certificate")
    return min(read_certificate(each).not_after.timestamp() for each in found)


def claims(token: str) -> Mapping[str, Any]:
    """What a token says; nobody is let in by it here, so its signature is not looked at."""
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError("is no token")
    found = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    if not isinstance(found, dict) or not isinstance(found.get("exp", 0), (int, float)):
        raise ValueError("is no token")
    return found


def creds_token(text: str) -> str:
    """The token in a creds file; the seed beside it is left where it is."""
    found = _CREDS.search(text)
    if found is None:
        raise ValueError("is no creds file")
    return found.group(1)


def _token(found: Samples, said: Mapping[str, Any]) -> None:
    details = said.get("nats")
    kind = str(details.get("type", "")) if isinstance(details, dict) else ""
    name = str(said.get("name", ""))
    if said.get("exp"):
        found.add(TOKEN, float(said["exp"]), kind=kind, account=name if kind == "account" else "", name=name)


def _from_controller(found: Samples, path: str) -> None:
    """What a run of the role has written down: users' tokens, which lie on no server, and the last audit."""
    if not path:
        return
    with _Reading(found, path) as text:
        said = json.loads(text())
        for each in said["jwts"]:
            kind, account, name = (str(each[label]) for label in ("kind", "account", "name"))
            found.add(TOKEN, float(each["expires"]), kind=kind, account=account, name=name)
        found.add(AUDIT, moment(said["audit"]) if said["audit"] else 0.0)


def drift(config_dir: str, varz: Callable[[], Any]) -> Iterator[tuple[str, bool]]:
    """Why, and whether it is so; nothing of what can't be known, as where the collection has not deployed the server.

    config_dir: the folder with the releases. varz: what the server tells of itself; it raises OSError or ValueError.

    Times of files tell nothing here: what a deploy puts right is younger than what the server loaded, and the same.
    """
    try:
        release = os.path.basename(os.readlink(os.path.join(config_dir, "current")))
        noted = json.loads(read(os.path.join(config_dir, "loaded")))
        yield "changed_on_disk", release not in names(os.path.join(config_dir, "releases", release))
        # What the server was last proved to have loaded (node/transaction.py).
        yield "not_loaded", noted["release"] != release
        served = varz()
        # Servers before 2.11 tell no digest.
        if noted["digest"] and served.get("config_digest"):
            yield "not_deployed", noted["digest"] != served["config_digest"]
    except _TROUBLE:
        return


def names(folder: str) -> set[str]:
    """The names that a folder's files as they are may give a release (node/release.py): with or without their owner."""
    found = sorted(
        (os.path.relpath(os.path.join(parent, name), folder), os.path.join(parent, name))
        for parent, _folders, files in os.walk(folder)
        for name in files
    )
    kinds = [(owner, group) for owner in (True, False) for group in (True, False)]
    sums = {kind: hashlib.sha256() for kind in kinds}
    for path, place in found:
        with open(place, "rb") as file:
            status, content = os.fstat(file.fileno()), file.read()
        owner, group = pwd.getpwuid(status.st_uid).pw_name, grp.getgrgid(status.st_gid).gr_name
        for has_owner, has_group in kinds:
            names_of = f"{owner if has_owner else None}\0{group if has_group else None}"
            head = f"{path}\0{stat.S_IMODE(status.st_mode):o}\0{names_of}\0{len(content)}\0"
            sums[has_owner, has_group].update(head.encode())
            sums[has_owner, has_group].update(content)
    return {each.hexdigest()[:16] for each in sums.values()}


def moment(text: str) -> float:
    """A time as servers and reports write it (RFC 3339), in seconds since 1970."""
    found = re.match(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)\Z", text)
    if found is None:
        raise ValueError("is no time")
    whole = datetime.fromisoformat(found.group(1) + found.group(3).replace("Z", "+00:00")).timestamp()
    return whole + float(found.group(2) or 0)


def endings(found: Samples, now: float) -> list[str]:
    """What ends within 30 days, or has ended, each as a line that begins with its level."""
    return [
        f"[{'ERR' if end < now + NOW_DAYS * _DAY else 'WRN'}] {_words(metric, dict(key))} "
        f"{'ends' if end > now else 'has ended'} on {datetime.fromtimestamp(end, timezone.utc):%Y-%m-%d %H:%M:%S} UTC"
        for metric in (CERTIFICATE, TOKEN, CREDS)
        for key, end in sorted(found.values.get(metric, {}).items())
        if end < now + SOON_DAYS * _DAY
    ]


def _words(metric: str, labels: Mapping[str, str]) -> str:
    """Of what ends; a name in a token is anybody's, and stays within its line and its quotation marks."""
    if metric == TOKEN:
        return f"JWT of {labels['kind'] or 'unknown kind'} {json.dumps(labels['name'])}"
    return f"{'Certificate' if metric == CERTIFICATE else 'Creds'} {json.dumps(labels['path'])}"


def tell(path: str, lines: Sequence[str], now: float) -> None:
    """Add to a log, as nats-server writes lines, what it has not told within a day."""
    held = read(path).splitlines() if os.path.exists(path) else []
    since = _written(now - _DAY)
    told = {line.partition(" [")[2] for line in held if line.partition("] ")[2][: len(since)] >= since}
    fresh = [f"[{os.getpid()}] {_written(now)} {line}\n" for line in lines if line.partition("[")[2] not in told]
    if not fresh:
        return
    if held and os.path.getsize(path) > _MOST_LOG:
        os.replace(path, f"{path}.1")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o644)
        file.writelines(fresh)


def _written(when: float) -> str:
    return f"{datetime.fromtimestamp(when, timezone.utc):%Y/%m/%d %H:%M:%S.%f}"


def ask_server(url: str) -> Any:
    """The server's monitoring endpoint on this host; no proxy of the environment stands between."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=5) as answer:
        return json.loads(answer.read(_MOST))


def write(path: str, text: str) -> None:
    """Whole or not at all: the node exporter may read at any moment."""
    fresh = f"{path}.{os.getpid()}"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o644)
            file.write(text)
        os.replace(fresh, path)
    except OSError:
        os.unlink(fresh)
        raise


def main(words: Sequence[str]) -> None:
    """``SETTINGS``: once; ``SETTINGS --every SECONDS``: for good, where no timer does it."""
    with open(words[0], encoding="utf-8") as file:
        said: Mapping[str, Any] = json.load(file)
    settings: dict[str, Any] = {name: tuple(each) if isinstance(each, list) else each for name, each in said.items()}
    wanted = Wanted(**settings)
    every = float(words[2]) if words[1:2] == ["--every"] else None
    while True:
        try:
            now = time.time()
            found = gather(wanted, now, ask_server)
            write(wanted.output, found.text())
            if wanted.log:
                tell(wanted.log, endings(found, now), now)
        except OSError as error:
            if every is None:
                raise
            sys.stderr.write(f"{error}\n")
            sys.stderr.flush()
        if every is None:
            return
        time.sleep(every)
