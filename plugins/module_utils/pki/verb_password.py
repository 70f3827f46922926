# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb ``password``: bcrypt hashes of passwords, made once and kept as long as the password is the same."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from ..plan.changes import FileChange, Plan
from ..plan.errors import StoreError
from ..plan.folder import Folder
from ..plan.problems import Problems
from ..plan.sealed import is_sealed
from ..plan.verb import Outcome, Surroundings, Verb
from . import libraries
from .store import check_seal

#: What nats-server's own tool makes; one step more doubles the time of every login.
COST = 11
#: bcrypt looks at no more of a password.
LONGEST = 72
FILE = "passwords.json"
ARGUMENTS: Mapping[str, Any] = {
    "path": {"type": "path", "default": "nats/secrets"},
    "passwords": {"type": "dict", "required": True, "no_log": True},
    "seal": {"type": "bool"},
}
_STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_OF_BCRYPT = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def hashes(folder: Folder) -> dict[str, str]:
    """The hashes that were made, by whose they are. Raises StoreError for a file that holds something else."""
    content = folder.read(FILE)
    if content is None:
        return {}
    try:
        found = json.loads(content)
        if isinstance(found, dict) and all(isinstance(value, str) for value in found.values()):
            return found
    except ValueError:
        pass
    raise StoreError(f"{folder.root / FILE}: holds no hashes: put it back from a backup, or remove it")


def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Hash what is new or has changed; keep the hash of what is the same; forget what is asked for no longer."""
    check_seal(params.get("seal"), surroundings.seal)
    wanted = _wanted(params["passwords"])
    folder = Folder(params["path"], surroundings.seal)
    with folder.locked(surroundings.check_mode):
        kept = hashes(folder)
        pending = [name for name, password in wanted.items() if not _is_of(kept.get(name), password)]
        reasons = [_reason(name, name in kept) for name in pending]
        reasons += [
            f"password of {name}: not in use any more, its hash is removed" for name in kept if name not in wanted
        ]
        content: Any = None
        if reasons and not surroundings.check_mode:
            made = {name: _hash(wanted[name], surroundings) if name in pending else kept[name] for name in wanted}
            content = f"{json.dumps(made, indent=2, ensure_ascii=False)}\n".encode()
        raw = folder.read_raw(FILE)
        if raw is not None and not reasons and surroundings.seal.active and not is_sealed(raw):
            reasons, content = ["passwords: their hashes become sealed"], raw
        changes = (FileChange(FILE, content, secret=True),) if reasons else ()
        if not surroundings.check_mode:
            folder.commit(changes)
    plan = Plan(changes, tuple(reasons), after=dict.fromkeys(pending, "kept secret"))
    return Outcome(plan, {"names": list(wanted), "pending": pending if surroundings.check_mode else []})


def _wanted(passwords: Mapping[str, Any]) -> dict[str, bytes]:
    problems = Problems()
    for name, password in passwords.items():
        if not isinstance(password, str) or not password:
            problems.add(f"passwords.{name}", "is not a text: put the password in quotes")
        elif len(password.encode()) > LONGEST:
            problems.add(
                f"passwords.{name}", f"is longer than the {LONGEST} bytes that bcrypt looks at: write a shorter one"
            )
        elif "\0" in password:
            problems.add(f"passwords.{name}", "holds a NUL, where bcrypt may end a password: leave it out")
    problems.raise_if_any()
    return {str(name): password.encode() for name, password in passwords.items()}


def _reason(name: str, known: bool) -> str:
    return f"password of {name}: changed, hashed anew" if known else f"password of {name}: hashed for the first time"


def _is_of(hashed: object, password: bytes) -> bool:
    if not isinstance(hashed, str):
        return False
    try:
        return bool(libraries.bcrypt().checkpw(password, hashed.encode()))
    except ValueError:
        return False


def _hash(password: bytes, surroundings: Surroundings) -> str:
    salt = base64.b64encode(surroundings.random(16)).rstrip(b"=").translate(bytes.maketrans(_STANDARD, _OF_BCRYPT))
    made: bytes = libraries.bcrypt().hashpw(password, b"$2b$%02d$" % COST + salt)
    return made.decode()


VERB = Verb(name="password", argument_spec=ARGUMENTS, run=run)
