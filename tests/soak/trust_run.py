# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the verb ``trust`` as a process of its own: says ``begins`` and ``commits`` as it does, and its result.

python trust_run.py PATH < JSON of the tree. With AEGIS_VAULT its secrets are sealed with that word.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / ".collections"))

from ansible_collections.aegis.nats.plugins.module_utils.plan.changes import FileChange
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Seal, Surroundings, perform
from ansible_collections.aegis.nats.plugins.module_utils.trust import verb_trust


def say(word: str) -> None:
    print(word, flush=True)


def announce_commits() -> None:
    real = Folder.commit

    def commit(self: Folder, changes: Sequence[FileChange]) -> None:
        say("commits")
        real(self, changes)

    Folder.commit = commit  # type: ignore[method-assign]


def seal() -> Seal:
    word = os.environ.get("AEGIS_VAULT")
    if not word:
        return NoSeal()
    from ansible.parsing.dataloader import DataLoader
    from ansible.parsing.vault import VaultSecret
    from ansible_collections.aegis.nats.plugins.plugin_utils.seal import VaultSeal

    loader = DataLoader()
    loader.set_vault_secrets([("default", VaultSecret(word.encode()))])
    return VaultSeal(loader, True)


def main() -> int:
    params: dict[str, Any] = {"path": sys.argv[1], "system_account": None, "purge": False, **json.load(sys.stdin)}
    announce_commits()
    surroundings = Surroundings(False, datetime.now(timezone.utc), seal())
    say("begins")
    result = perform(verb_trust.VERB, params, surroundings)
    shown = {name: result[name] for name in ("failed", "msg", "changed", "reasons") if name in result}
    say(json.dumps(shown))
    return int(bool(result.get("failed")))


if __name__ == "__main__":
    sys.exit(main())
