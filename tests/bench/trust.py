# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long 10,000 users in 100 accounts take: first run, unchanged second run, one user changed; and nsc beside it.

Run it from the checkout; AEGIS_NSC names nsc, or PATH has it. nsc makes one user a call, so a sample of 300 users is
timed, half of it before our runs and half after, and multiplied. A sealed store of a tenth of them is timed as well.
It ends with status 1 when the second run takes more than 1.5 s, a changed user more than 2 s, the first run more than a
thirtieth of nsc's time, or memory more than 500 MB. The folder is made below TMPDIR: a disk, not memory.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional

sys.path.insert(0, str(Path(__file__).parents[2] / ".collections"))

from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Seal, Surroundings, perform
from ansible_collections.aegis.nats.plugins.module_utils.trust import verb_trust
from ansible_collections.aegis.nats.plugins.plugin_utils.seal import VaultSeal

ACCOUNTS, USERS, SAMPLE = 100, 100, 300
AGAIN_SECONDS, CHANGED_SECONDS, SHARE_OF_NSC, MEGABYTES = 1.5, 2.0, 30, 500
SEALED_PART = 10


def tree(tag: str, accounts_wanted: int = ACCOUNTS) -> dict[str, Any]:
    """The accounts and their users; the tag is that of one user."""
    accounts = [
        {
            "name": f"account-{account}",
            "exports": [{"subject": "help", "type": "service"}],
            "users": [
                {
                    "name": f"user-{user}",
                    "publish": {"allow": ["orders.>", f"own.{user}.>"]},
                    "subscribe": {"allow": ["_INBOX.>"]},
                    "expires": "90d",
                }
                for user in range(USERS)
            ],
        }
        for account in range(accounts_wanted)
    ]
    accounts[3]["users"][5]["tags"] = [tag]  # type: ignore[index]
    return {"operator": {"name": "Bench"}, "accounts": accounts}


def timed(path: str, tag: str, seal: Seal = NoSeal(), accounts: int = ACCOUNTS) -> float:  # noqa: B008
    """Seconds of one run."""
    params = {"path": path, "system_account": None, "purge": False, **tree(tag, accounts)}
    surroundings = Surroundings(check_mode=False, now=datetime.now(timezone.utc), seal=seal, diff=False)
    start = time.perf_counter()
    result = perform(verb_trust.VERB, params, surroundings)
    taken = time.perf_counter() - start
    assert not result.get("failed"), result
    return taken


def vault() -> Seal:
    """Ansible Vault, as a play with a vault secret has it."""
    loader = DataLoader()
    loader.set_vault_secrets([("default", VaultSecret(b"a vault secret of the bench"))])
    return VaultSeal(loader, True)


def processor(whose: int) -> float:
    """Seconds that the processor was busy so far; other work on the machine changes them little."""
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime


class Nsc:
    """nsc in a folder of its own, started once a user: it knows no other way."""

    def __init__(self, program: str, folder: str) -> None:
        self.command = [
            program,
            "--config-dir",
            f"{folder}/c",
            "--data-dir",
            f"{folder}/d",
            "--keystore-dir",
            f"{folder}/k",
        ]
        self.environment = {"HOME": folder, "PATH": os.environ["PATH"]}
        self.users, self.seconds = 0, 0.0
        self.busy = 0.0
        self._call("add", "operator", "-n", "Bench")
        self._call("add", "account", "-n", "account-0")

    def add(self, count: int) -> None:
        """Time so many users more."""
        start, busy = time.perf_counter(), processor(resource.RUSAGE_CHILDREN)
        for user in range(self.users, self.users + count):
            rights = ("--allow-pub", "orders.>,own.>", "--allow-sub", "_INBOX.>")
            self._call("add", "user", "-a", "account-0", "-n", f"user-{user}", *rights)
        self.seconds += time.perf_counter() - start
        self.busy += processor(resource.RUSAGE_CHILDREN) - busy
        self.users += count

    def all_users(self) -> tuple[float, float]:
        """Seconds for all users, and seconds of the processor, from those that were timed."""
        return self.seconds / self.users * ACCOUNTS * USERS, self.busy / self.users * ACCOUNTS * USERS

    def _call(self, *arguments: str) -> None:
        subprocess.run([*self.command, *arguments], env=self.environment, check=True, capture_output=True)


def main() -> int:
    program: Optional[str] = os.environ.get("AEGIS_NSC") or shutil.which("nsc")
    with tempfile.TemporaryDirectory() as folder:
        nsc = Nsc(program, f"{folder}/nsc") if program else None
        if nsc:
            nsc.add(SAMPLE // 2)
        busy = processor(resource.RUSAGE_SELF)
        first = timed(f"{folder}/trust", "a")
        busy = processor(resource.RUSAGE_SELF) - busy
        again, changed = (timed(f"{folder}/trust", tag) for tag in ("a", "b"))
        if nsc:
            nsc.add(SAMPLE - SAMPLE // 2)
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        part = ACCOUNTS // SEALED_PART
        sealed = [timed(f"{folder}/sealed", tag, vault(), part) for tag in ("a", "a", "b")]
    theirs, their_busy = nsc.all_users() if nsc else (None, 0.0)
    print(f"{ACCOUNTS * USERS} users in {ACCOUNTS} accounts, largest memory {megabytes:.0f} MB (at most {MEGABYTES})")
    beside = f"; nsc {theirs:.0f} s (from {SAMPLE} users), {theirs / first:.0f} times that" if theirs else ""
    print(f"  first run       {first:7.2f} s{beside} (at least {SHARE_OF_NSC} times)")
    if theirs:
        print(f"    processor     {busy:7.2f} s; nsc {their_busy:.0f} s, {their_busy / busy:.0f} times that")
    print(f"  unchanged run   {again:7.2f} s (at most {AGAIN_SECONDS})")
    print(f"  one user changed{changed:7.2f} s (at most {CHANGED_SECONDS})")
    print(f"sealed, {part * USERS} users in {part} accounts")
    print(f"  first {sealed[0]:.2f} s, unchanged {sealed[1]:.2f} s, one user changed {sealed[2]:.2f} s")
    if theirs is None:
        print("nsc is not there: NOT MEASURED beside it", file=sys.stderr)
    slow = again > AGAIN_SECONDS or changed > CHANGED_SECONDS or megabytes > MEGABYTES
    return int(slow or (theirs is not None and first > theirs / SHARE_OF_NSC))


if __name__ == "__main__":
    sys.exit(main())
