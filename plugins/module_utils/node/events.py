# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What servers tell the system account of failed logins and ended connections, without its secrets, in a file.

The role nats_monitoring brings this file, with scrub.py and environment.py, to one host. There it runs the official
``nats`` program, which subscribes and prints each event as a line of JSON. An event of a client that came with a JWT
holds all of that JWT, so nothing of what is printed is kept: what is known to be no secret is taken out of it, masked,
and written to a file that is turned over, for the agent to read. It runs without Ansible.
"""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Optional, Union

from .scrub import HIDDEN, Secrets

#: The only two subjects that are heard. Servers print every one of their events in one line.
SUBJECTS = ("$SYS.SERVER.*.CLIENT.AUTH.ERR", "$SYS.ACCOUNT.*.DISCONNECT")
#: Events of both subjects are of one type; the reason tells a login that failed.
FAILED = re.compile(r"(?:Authentication (?:Failure|Timeout)|Missing Account|Proxy (?:Not Trusted|Required))\Z")
_NKEY = re.compile(r"[OAUNXC][A-Z2-7]{55}\Z")
#: Up to 2.10, the ``user`` of a client that came with a token is the token.
_TELLS_NO_TOKEN = (2, 11)
#: Clients choose most of these texts, and nobody has to believe more of them than this.
_MOST = 256
#: A login that failed is told on both subjects, at once and in either order: so many connections are remembered.
_REMEMBERED = 4096


@dataclass(frozen=True)
class Settings:
    """command: program and its words before the subjects; a variable of the environment may stand in them.

    hosts: name of a server -> of its host in the inventory.
    most_bytes: of a file, before it is turned over. quiet: reasons of which nothing is told.
    """

    command: tuple[str, ...]
    output: str
    most_bytes: int
    hosts: Mapping[str, str] = field(default_factory=dict)
    quiet: tuple[str, ...] = ()
    kept: int = 2


def record(event: Mapping[str, Any], hosts: Mapping[str, str]) -> dict[str, Any]:
    """What is kept of an event. The time comes first: a file is known by how it begins."""
    server, client, reason = event["server"], event["client"], event["reason"]
    name, address = _shown(server["name"]), _shown(client.get("host", ""))
    failed = bool(FAILED.match(reason))
    account = client.get("name_tag") or client.get("acc")
    library = f"{client.get('lang', '')} {client.get('ver', '')}".strip()
    told = {
        "client.address": address,
        "user.name": _user(client.get("user"), str(server.get("ver", ""))) or _subject(client.get("jwt")),
        # Who is in no account is told to be in the one of those without.
        "nats.account": "" if account == "N/A" or (failed and account == "$G") else account,
        "nats.connection": f"cid:{client['id']}" if client.get("id") else "",
        "nats.client.name": client.get("name"),
        "nats.client.library": library,
        "nats.reason": reason,
    }
    attributes = {key: _shown(value) for key, value in told.items() if value}
    who = attributes.get("user.name") or "somebody without a name"
    whose = f" of {attributes['nats.account']}" if "nats.account" in attributes else ""
    what = "login failed" if failed else "disconnected"
    return {
        "time": _shown(event.get("timestamp", "")),
        "level": "ERR" if failed else "INF",
        "message": f"{name}: {what}: {who}{whose} from {address}: {_shown(reason)}",
        "nats.event": "login_failed_event" if failed else "disconnect_event",
        "host.name": hosts.get(name, name),
        "nats.server": name,
        **({"nats.cluster": _shown(server["cluster"])} if server.get("cluster") else {}),
        **attributes,
    }


def _user(user: object, version: str) -> str:
    text = str(user or "")
    found = re.match(r"v?(\d+)\.(\d+)", version)
    is_new = found is not None and (int(found.group(1)), int(found.group(2))) >= _TELLS_NO_TOKEN
    return text if is_new or not text or _NKEY.match(text) else HIDDEN


def _subject(token: object) -> str:
    """The public key in a JWT. Whose login failed is known by it alone: the server has not believed it yet."""
    try:
        middle = str(token).split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))["sub"]
    except (ValueError, IndexError, KeyError, TypeError):
        return ""
    return found if isinstance(found, str) and _NKEY.match(found) else ""


def _shown(value: object) -> str:
    return Secrets().hide(str(value))[:_MOST]


class TurnedOver:
    """A file that is put aside when it is full: ``output``, ``output.1`` and so on, and the oldest goes."""

    def __init__(self, path: str, most_bytes: int, kept: int = 2) -> None:
        self.path, self.most, self.kept = path, most_bytes, kept
        self._file = self._open()

    def _open(self) -> IO[bytes]:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.fdopen(os.open(self.path, flags, 0o640), "ab", buffering=0)

    def write(self, line: bytes) -> None:
        """A whole line, in one file."""
        size = self._file.seek(0, os.SEEK_END)
        if size and size + len(line) > self.most:
            self._file.close()
            for number in range(self.kept, 0, -1):
                older = f"{self.path}.{number - 1}" if number > 1 else self.path
                if os.path.lexists(older):
                    os.replace(older, f"{self.path}.{number}")
            self._file = self._open()
        self._file.write(line)

    def close(self) -> None:
        self._file.close()


class Told:
    """The connections whose end was told. A server has another identity after each start, and counts them anew."""

    def __init__(self) -> None:
        self._ends: dict[str, None] = {}

    def again(self, event: Mapping[str, Any]) -> bool:
        """Whether the end of this connection was told before; it is remembered."""
        end = f"{event['server'].get('id')} {event['client'].get('id')}"
        if end in self._ends:
            return True
        self._ends[end] = None
        if len(self._ends) > _REMEMBERED:
            del self._ends[next(iter(self._ends))]
        return False


def read(line: Union[str, bytes]) -> Optional[dict[str, Any]]:
    """An event as a server says it; None for what is none."""
    try:
        said = json.loads(line)
    except ValueError:
        return None
    parts = [said.get(each) for each in ("server", "client")] if isinstance(said, dict) else [None]
    if not all(isinstance(each, dict) for each in parts) or not isinstance(said.get("reason"), str):
        return None
    found: dict[str, Any] = said
    return found if found["server"].get("name") else None


def follow(lines: Iterable[Union[str, bytes]], settings: Settings, output: TurnedOver) -> None:
    """Until there are no more. What is no event is not repeated: nobody knows what is in it."""
    told = Told()
    for line in lines:
        event = read(line)
        if event is None or event["reason"] in settings.quiet or told.again(event):
            continue
        output.write(json.dumps(record(event, settings.hosts), ensure_ascii=False).encode("utf-8", "replace") + b"\n")


def main(words: Sequence[str]) -> int:
    """``SETTINGS``: until the program ends, with its status, or this is told to."""
    with open(words[0], encoding="utf-8") as file:
        said: Mapping[str, Any] = json.load(file)
    parts: dict[str, Any] = {name: tuple(each) if isinstance(each, list) else each for name, each in said.items()}
    settings = Settings(**parts)
    os.umask(0o027)
    output = TurnedOver(settings.output, settings.most_bytes, settings.kept)
    command = [*(os.path.expandvars(word) for word in settings.command), *SUBJECTS]
    running: list[subprocess.Popen[bytes]] = []
    ends: list[int] = []

    def end(number: int, _frame: object) -> None:
        ends.append(number)
        for each in running:
            each.terminate()

    # Before it starts, so that it is never left behind.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as program:
        running.append(program)
        if ends:
            program.terminate()
        try:
            follow(program.stdout or (), settings, output)
        except OSError:
            program.terminate()
            raise
    return max(program.returncode, 0)
