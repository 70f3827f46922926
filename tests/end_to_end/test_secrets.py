# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No seed, private key, password or JetStream key is seen anywhere, however loudly a run talks."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, Run, good, put
from ansible_collections.aegis.nats.tests.end_to_end.secrets import (
    CommandLines,
    files_below,
    leaks,
    monitoring,
    secrets_of,
)

PLANTED = {
    "the route password": "planted route password 'with\" quotes 7f3a",
    "the JetStream key of n1": "planted-jetstream-key-of-n1-4b1d9c70e2f85a63",
    "the passphrase of the CA": "planted passphrase of the authority 9e21",
}
LOUD = ("-vvvv", "--diff")
#: Settings that preflight can't see through: the server's own check refuses the first, its start the second.
REFUSED = {"leafnodes": {"remotes": [{"urls": ["nats-leaf://leaf.example.com"], "credentials": 5}]}}
STAGE = "Stage the configuration and have the server check it"
SWITCH = "Switch to the staged release"
NO_START = {"websocket": {"listen": "127.0.0.1:{{ quickstart_number + 1 }}"}}


@dataclass
class Told:
    """Everything that was said and shown in a series of runs."""

    estate: Estate
    runs: dict[str, Run] = field(default_factory=dict)
    lines: CommandLines = field(default_factory=CommandLines)

    def run(self, name: str, *options: str, **environment: str) -> Run:
        log = self.estate.scratch / "ansible.log"
        cache = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(self.estate.home / "facts")}
        run = self.estate.deploy(*LOUD, *options, ANSIBLE_LOG_PATH=str(log), **cache, **environment)
        self.runs[name] = run
        print(f"{name}: {run.seconds:.1f} s")
        return run

    def texts(self) -> dict[str, str]:
        root = self.estate.root
        return {
            **{f"the output of {name}": run.output for name, run in self.runs.items()},
            **files_below(self.estate.home, self.estate.scratch, *root.glob("nodes/*/log"), *root.glob("nodes/*/run")),
            **self.lines.texts,
            **monitoring(self.estate),
            "the record of the last run": (root / "record.jsonl").read_text(encoding="utf-8"),
        }


def failed_tasks(run: Run) -> list[str]:
    return [failure["task"] for failure in run.failures]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, binary: str) -> Iterator[Told]:
    estate = Estate(tmp_path_factory.mktemp("secrets") / "estate", binary)
    settings: dict[str, Any] = estate.settings
    settings["nats_server_cluster_password"] = PLANTED["the route password"]
    settings["nats_pki_passphrase"] = PLANTED["the passphrase of the CA"]
    settings["nats_server_start_timeout"] = 8
    estate.hosts["n1"]["nats_server_jetstream_key"] = PLANTED["the JetStream key of n1"]
    said = Told(estate)
    try:
        with said.lines:
            assert said.run("a check of nothing", "--check").code == 0, said.runs["a check of nothing"].output[-3000:]
            assert said.run("the first run").code == 0, said.runs["the first run"].output[-3000:]
            put(settings, "nats_trust_accounts[1].users[+]", {"name": "second"})
            put(settings, "nats_trust_accounts[0].users[0].publish.allow[+]", "invoices.>")
            settings["nats_pki_names"] = ["localhost", "nats.example.com"]
            settings["nats_server_max_connections"] = 4000
            settings["nats_server_max_pending"] = "48MiB"  # needs a restart
            assert said.run("a check of changes", "--check").code == 0
            changed = said.run("a run with changes")
            good(changed)
            again = said.run("a run without changes", ANSIBLE_DISPLAY_ARGS_TO_STDOUT="1")
            assert again.code == 0 and not again.changes, again.changes
            settings["nats_server_extra_config"] = REFUSED
            refused = said.run("a run with a configuration that is refused")
            assert failed_tasks(refused) == [STAGE] * 3, refused.output[-3000:]
            settings["nats_server_extra_config"] = NO_START
            ended = said.run("a run with a configuration that does not start")
            assert failed_tasks(ended) == [SWITCH], ended.output[-3000:]
            settings["nats_server_extra_config"] = {}
            put(settings, "nats_trust_accounts[1].imports[0].type", "stream")
            settings["nats_server_jetstream_key"] = "/etc/nats/js.key"
            assert said.run("a run with bad input", ANSIBLE_DISPLAY_ARGS_TO_STDOUT="1").code != 0
        yield said
    finally:
        estate.close()


def test_no_secret_is_seen(told: Told) -> None:
    secrets = {**PLANTED, **secrets_of(told.estate)}
    kinds = {name.split("/")[0] + Path(name.partition(":")[0]).suffix for name in secrets}
    assert {"nats.nk", "nats.creds", "nats.key", "nats.secret", "nodes.key"} <= kinds, kinds
    assert told.lines.looks > 100
    found = leaks(secrets, told.texts())
    assert not found, "\n".join(found)


@pytest.mark.parametrize("origin", ["the route password", "nats/secrets/jetstream/n2.secret"])
def test_the_search_finds_what_is_planted(told: Told, tmp_path: Path, origin: str) -> None:
    """The same search, over a run that does tell, a file left behind and a process with the secret in its words."""
    secrets = {**PLANTED, **secrets_of(told.estate)}
    secret = {origin: secrets[origin]}
    (tmp_path / "left").write_text(f"key: {secrets[origin]}\n", encoding="utf-8")
    (tmp_path / "say.yml").write_text(
        "- hosts: n2\n  gather_facts: false\n  tasks:\n    - ansible.builtin.debug: {msg: '{{ it }}'}\n",
        encoding="utf-8",
    )
    (tmp_path / "it.yml").write_text(f"it: !unsafe {_yaml(secrets[origin])}\n", encoding="utf-8")
    run = told.estate.deploy("-e", f"@{tmp_path / 'it.yml'}", playbook=str(tmp_path / "say.yml"))
    good(run)
    with CommandLines() as lines:
        subprocess.run([sys.executable, "-c", "import time; time.sleep(0.5)", secrets[origin]], check=True, cwd=ROOT)
    found = leaks(secret, {"the output": run.output, **files_below(tmp_path), **lines.texts})
    assert {line.rpartition(" in ")[2] for line in found} >= {
        "the output",
        str(tmp_path / "left"),
        "a command line",
    }, found


def _yaml(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def test_only_the_owner_reads_secrets(told: Told) -> None:
    wrong = []
    for place in sorted((told.estate.root / "nats").rglob("*")):
        mode = stat.S_IMODE(place.lstat().st_mode)
        public = place.suffix == ".crt"
        if mode != (0o700 if place.is_dir() else 0o644 if public else 0o600):
            wrong.append(f"{place}: {mode:o}")
    for place in sorted(told.estate.root.glob("nodes/*/etc/**/*")):
        mode = stat.S_IMODE(place.lstat().st_mode)
        if place.is_symlink():
            continue
        if place.is_dir() and mode != 0o700:
            wrong.append(f"{place}: {mode:o}")
        if (place.name in ("nats-server.conf", "nats-server.env") or place.suffix == ".key") and mode != 0o600:
            wrong.append(f"{place}: {mode:o}")
    assert not wrong, "\n".join(wrong)
