# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Without cryptography the room loads and says what is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import libraries
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import MissingLibrary

WITHOUT = """
import sys
sys.modules["cryptography"] = None
from datetime import datetime, timezone
from ansible_collections.aegis.nats.plugins.module_utils.pki import (
    verb_authority, verb_certificate, verb_certificate_info, verb_secret)
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform
world = Surroundings(check_mode=False, now=datetime.now(timezone.utc), seal=NoSeal())
for verb in (verb_authority.VERB, verb_certificate.VERB, verb_certificate_info.VERB):
    print(perform(verb, {"path": sys.argv[1] + "/pki"}, world)["msg"])
print(perform(verb_secret.VERB, {"path": sys.argv[1] + "/secrets", "secrets": [{"name": "a"}]}, world)["changed"])
"""


def test_fronts_load_without_cryptography_and_say_so(tmp_path: Path) -> None:
    collections = next(entry for entry in sys.path if (Path(entry) / "ansible_collections").is_dir())
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": collections},
    )
    *messages, secrets = run.stdout.splitlines()
    assert len(messages) == 3
    assert all("the Python library cryptography is needed here" in line for line in messages)
    assert secrets == "True"
    assert not (tmp_path / "pki").exists()


def test_need(monkeypatch: pytest.MonkeyPatch) -> None:
    libraries.need_cryptography("to test")
    monkeypatch.setattr(libraries, "MISSING", "No module named 'cryptography'")
    with pytest.raises(MissingLibrary, match=r"to make tea.*pip install cryptography"):
        libraries.need_cryptography("to make tea")


def test_bcrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    assert libraries.bcrypt().checkpw
    monkeypatch.setattr(libraries, "bcrypt_library", None)
    with pytest.raises(MissingLibrary, match=r"hashed with it.*pip install bcrypt"):
        libraries.bcrypt()


def test_version() -> None:
    assert libraries.version() >= (38, 0)
