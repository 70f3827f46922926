# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long 10,000 users in 100 accounts take: first run, unchanged second run, one user changed; and nsc beside it.

Run it from the checkout; AEGIS_NSC names nsc, or PATH has it. nsc makes one user a call, so a sample of users is timed
and multiplied. It ends with status 1 when the second run takes more than 1.5 s, a changed user more than 2 s, or the
first run more than a thirtieth of nsc's time.
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

from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform
from ansible_collections.aegis.nats.plugins.module_utils.trust import verb_trust

ACCOUNTS, USERS, SAMPLE = 100, 100, 40
AGAIN_SECONDS, CHANGED_SECONDS, SHARE_OF_NSC = 1.5, 2.0, 30


def tree(tag: str) -> dict[str, Any]:
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
        for account in range(ACCOUNTS)
    ]
    accounts[3]["users"][5]["tags"] = [tag]  # type: ignore[index]
    return {"operator": {"name": "Bench"}, "accounts": accounts}


def timed(path: str, tag: str) -> float:
    """Seconds of one run."""
    params = {"path": path, "system_account": None, "purge": False, **tree(tag)}
    surroundings = Surroundings(check_mode=False, now=datetime.now(timezone.utc), seal=NoSeal(), diff=False)
    start = time.perf_counter()
    result = perform(verb_trust.VERB, params, surroundings)
    taken = time.perf_counter() - start
    assert not result.get("failed"), result
    return taken


def nsc_seconds(nsc: str, folder: str) -> float:
    """Seconds that nsc would take for all users, from a sample of them."""
    command = [nsc, "--config-dir", f"{folder}/c", "--data-dir", f"{folder}/d", "--keystore-dir", f"{folder}/k"]
    environment = {"HOME": folder, "PATH": os.environ["PATH"]}

    def call(*arguments: str) -> None:
        subprocess.run([*command, *arguments], env=environment, check=True, capture_output=True)

    call("add", "operator", "-n", "Bench")
    call("add", "account", "-n", "account-0")
    start = time.perf_counter()
    for user in range(SAMPLE):
        name = f"user-{user}"
        call("add", "user", "-a", "account-0", "-n", name, "--allow-pub", "orders.>,own.>", "--allow-sub", "_INBOX.>")
    return (time.perf_counter() - start) / SAMPLE * ACCOUNTS * USERS


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        first, again, changed = (timed(f"{folder}/trust", tag) for tag in ("a", "a", "b"))
        nsc: Optional[str] = os.environ.get("AEGIS_NSC") or shutil.which("nsc")
        theirs = nsc_seconds(nsc, f"{folder}/nsc") if nsc else None
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{ACCOUNTS * USERS} users in {ACCOUNTS} accounts, largest memory {megabytes:.0f} MB")
    print(
        f"  first run       {first:7.2f} s"
        + (f"; nsc {theirs:.0f} s, {theirs / first:.0f} times that" if theirs else "")
    )
    print(f"  unchanged run   {again:7.2f} s (at most {AGAIN_SECONDS})")
    print(f"  one user changed{changed:7.2f} s (at most {CHANGED_SECONDS})")
    if theirs is None:
        print("nsc is not there: NOT MEASURED beside it", file=sys.stderr)
    slow = again > AGAIN_SECONDS or changed > CHANGED_SECONDS
    return int(slow or (theirs is not None and first > theirs / SHARE_OF_NSC))


if __name__ == "__main__":
    sys.exit(main())
