# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long 1,000 accounts take to three servers, and again unchanged; how long a revoked user among 10,000 stays on.

Run it from the checkout with AEGIS_NATS_SERVERS naming a nats-server. The revocation goes through a play with the
role's own tasks: it counts from the start of the trust task until the user's connection is closed. Beside it, nsc
pushes 1,000 accounts of its own where AEGIS_NSC names it, for AEGIS_BENCH_NSC_SECONDS (300) at most. It ends with
status 1 when the push takes more than 2 s, an unchanged one more than 1 s, or the revocation more than 3 s.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / ".collections"))

from ansible_collections.aegis.nats.plugins.module_utils.client.access import Access, Pair
from ansible_collections.aegis.nats.plugins.module_utils.client.connect import close_client, open_client
from ansible_collections.aegis.nats.plugins.module_utils.client.login import read_creds
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, Verb, perform
from ansible_collections.aegis.nats.plugins.module_utils.resolver import verb_account_push
from ansible_collections.aegis.nats.plugins.module_utils.trust import verb_trust
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.tests.integration.live_cluster import SERVERS, Cluster, Tree, new_key, running

ROOT = Path(__file__).parents[2]
PUSH_SECONDS, AGAIN_SECONDS, REVOKED_SECONDS = 2.0, 1.0, 3.0
ACCOUNTS, TEAMS, USERS = 1000, 100, 100


def perform_now(verb: Verb, params: dict[str, Any]) -> tuple[dict[str, Any], float]:
    start = time.perf_counter()
    result = perform(verb, params, Surroundings(False, datetime.now(timezone.utc), NoSeal()))
    taken = time.perf_counter() - start
    assert not result.get("failed"), result["msg"]
    return result, taken


def push_seconds(cluster: Cluster) -> tuple[float, float]:
    """Seconds of the first push of all accounts, confirmed by each server, and of the one after it."""
    keys = [new_key(Role.ACCOUNT) for _dummy in range(ACCOUNTS)]
    accounts = [
        {"name": f"A{number}", "public_key": key.public_key, "jwt": cluster.tree.account_jwt(key, f"A{number}")}
        for number, key in enumerate(keys)
    ]
    params = cluster.parameters(
        expect=cluster.names,
        expect_count=None,
        creds=str(cluster.sys_creds),
        operator_keys=[cluster.tree.signing.public_key],
        accounts=accounts,
    )
    first, seconds = perform_now(verb_account_push.VERB, params)
    assert (
        all(servers == cluster.names for servers in first["confirmed"].values()) and len(first["confirmed"]) == ACCOUNTS
    )
    again, unchanged = perform_now(verb_account_push.VERB, params)
    assert not again["changed"]
    return seconds, unchanged


def tree(revoked: bool) -> dict[str, Any]:
    """The role's variables: 100 accounts of 100 users, one of whom may be revoked."""
    accounts = [
        {"name": f"team-{team}", "users": [{"name": f"user-{user}"} for user in range(USERS)]} for team in range(TEAMS)
    ]
    if revoked:
        accounts[42]["users"][7]["revoked"] = True  # type: ignore[index]
    return {"nats_trust_operator": {"name": "Bench"}, "nats_trust_accounts": accounts}


def cluster_of(folder: Path, store: Path) -> Cluster:
    """A cluster whose operator and system account are those of a trust store."""
    wanted = tree(False)
    params = {"path": str(store), "operator": wanted["nats_trust_operator"], "accounts": wanted["nats_trust_accounts"]}
    made, _dummy = perform_now(verb_trust.VERB, params)
    operator, system = made["operator"], made["system_account"]
    cluster = Cluster(folder, SERVERS[-1], Tree())
    for name in cluster.names:
        place = folder / f"{name}.conf"
        lines = [
            line for line in place.read_text().splitlines() if not line.startswith(("operator:", "resolver_preload"))
        ]
        lines += [f'operator: "{operator["jwt"]}"', f'resolver_preload {{{system["public_key"]}: "{system["jwt"]}"}}']
        place.write_text("\n".join(lines))
    return cluster


def playbook(cluster: Cluster, store: Path) -> Path:
    """trust and push, as a deploy runs them."""
    roles = [
        {"name": part, "ansible.builtin.import_role": {"name": "aegis.nats.nats_trust", "tasks_from": part}}
        for part in ("main", "push")
    ]
    variables = {
        "nats_trust_dir": str(store),
        "nats_trust_servers": cluster.urls,
        "nats_trust_expect": cluster.names,
        "nats_trust_client_tls": {
            "ca": str(cluster.authority.path),
            "certificate": str(cluster.certificate),
            "key": str(cluster.key),
        },
        "nats_trust_operator": {"name": "Bench"},
    }
    place = cluster.folder / "revoke.json"
    place.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": roles}]))
    (cluster.folder / "inventory").write_text("localhost ansible_connection=local\n")
    (cluster.folder / "stamp.py").write_text(_STAMP)
    return place


_STAMP = """
import time
from ansible.plugins.callback import CallbackBase
class CallbackModule(CallbackBase):
    CALLBACK_VERSION, CALLBACK_TYPE, CALLBACK_NAME = 2.0, "aggregate", "stamp"
    def v2_playbook_on_task_start(self, task, is_conditional):
        with open(__file__ + ".times", "a") as file:
            file.write(f"{time.time()} {task.get_name()}\\n")
"""


def play(cluster: Cluster, place: Path, revoked: bool) -> subprocess.Popen[bytes]:
    variables = cluster.folder / "variables.json"
    variables.write_text(json.dumps(tree(revoked)))
    environment = {
        **os.environ,
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
        "ANSIBLE_CALLBACK_PLUGINS": str(cluster.folder),
        "ANSIBLE_CALLBACKS_ENABLED": "stamp",
    }
    program = str(Path(sys.executable).parent / "ansible-playbook")
    command = [program, "-i", str(cluster.folder / "inventory"), "-e", f"@{variables}", str(place)]
    with (cluster.folder / "play.log").open("wb") as log:
        return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


async def revoked_seconds(cluster: Cluster, store: Path) -> float:
    """Seconds from the start of the trust task until the connection of the revoked user is closed."""
    place = playbook(cluster, store)
    first = play(cluster, place, revoked=False)
    while first.poll() is None:
        await asyncio.sleep(0.1)
    assert first.returncode == 0, (cluster.folder / "play.log").read_text()[-2000:]
    creds = store / "keys" / "creds" / "Bench" / "team-42" / "user-7.creds"
    pair = Pair(cluster.certificate.read_bytes(), cluster.key.read_bytes())
    access = Access((cluster.urls[1],), cluster.authority.path.read_bytes(), pair, read_creds(creds.read_bytes()))
    client = await open_client(access, cluster.urls[1])
    times = cluster.folder / "stamp.py.times"
    times.unlink(missing_ok=True)
    running_play = play(cluster, place, revoked=True)
    closed = 0.0
    while running_play.poll() is None:
        await asyncio.sleep(0.005)
        if not closed and client.nats.is_closed:
            closed = time.time()
    await close_client(client)
    assert running_play.returncode == 0 and closed, (cluster.folder / "play.log").read_text()[-2000:]
    started = next(float(line.split()[0]) for line in times.read_text().splitlines() if "Keep the operator" in line)
    return closed - started


def nsc_push(nsc: str, cluster: Cluster, most: float) -> str:
    """What nsc does with as many accounts of its own, to one server of the like without TLS."""
    folder = cluster.folder / "nsc"
    folder.mkdir()
    command = [nsc, "--config-dir", f"{folder}/c", "--data-dir", f"{folder}/d", "--keystore-dir", f"{folder}/k"]
    environment = {"HOME": str(folder), "PATH": os.environ["PATH"]}

    def call(*arguments: str, timeout: float = 60) -> str:
        whole = [*command, *arguments]
        done = subprocess.run(whole, env=environment, capture_output=True, text=True, timeout=timeout, check=False)
        return done.stdout + done.stderr

    call("add", "operator", "-n", "Bench", "--sys")
    for number in range(ACCOUNTS):
        call("add", "account", "-n", f"A{number}")
    config = call("generate", "config", "--nats-resolver")
    port = cluster.ports["n1"]
    place = folder / "server.conf"
    place.write_text(config.replace("dir: './jwt'", f"dir: '{folder}/jwt'") + f'\nlisten: "127.0.0.1:{port}"\n')
    server = subprocess.Popen([SERVERS[-1], "-c", str(place)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(2)
        start = time.perf_counter()
        try:
            call("push", "-A", "-u", f"nats://127.0.0.1:{port}", timeout=most)
            taken = f"{time.perf_counter() - start:.1f} s"
        except subprocess.TimeoutExpired:
            taken = f"more than {most:.0f} s"
        stored = len(list((folder / "jwt").glob("*.jwt")))
        return f"nsc push -A to one server: {taken}, {stored} accounts stored there"
    finally:
        server.terminate()
        server.wait(10)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as cluster:
        pushed, again = push_seconds(cluster)
    print(f"{ACCOUNTS} accounts to 3 servers, confirmed and looked up again{pushed:7.2f} s (at most {PUSH_SECONDS})")
    print(f"  again unchanged                                   {again:7.2f} s (at most {AGAIN_SECONDS})")
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "trust"
        cluster = cluster_of(Path(folder), store)
        try:
            cluster.start()
            revoked = asyncio.run(revoked_seconds(cluster, store))
        finally:
            cluster.stop()
        print(f"one of {TEAMS * USERS} users revoked, off after {revoked:25.2f} s (at most {REVOKED_SECONDS})")
        nsc = os.environ.get("AEGIS_NSC") or shutil.which("nsc")
        if nsc:
            print(nsc_push(nsc, cluster, float(os.environ.get("AEGIS_BENCH_NSC_SECONDS", "300"))))
        else:
            print("nsc is not there: NOT MEASURED beside it", file=sys.stderr)
    return int(pushed > PUSH_SECONDS or again > AGAIN_SECONDS or revoked > REVOKED_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
