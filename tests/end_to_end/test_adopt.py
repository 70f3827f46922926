# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From nsc to a cluster: the playbook adopt takes a real store of nsc over, deploy runs it, old creds still log in."""

from __future__ import annotations

import asyncio
import hashlib
import os
import ssl
import subprocess
from pathlib import Path
from typing import Any, Optional

import nats
import nats.errors
import pytest
import yaml
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, free_ports, good, wait_until
from ansible_collections.aegis.nats.tests.official.official import NSC, needs_nsc

pytestmark = needs_nsc
ADOPT = str(ROOT / "playbooks/adopt.yml")


def nsc(home: Path, *arguments: str) -> str:
    """nsc in its own places below a home."""
    done = subprocess.run(
        [str(NSC), *arguments],
        env={"HOME": str(home), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def make_store(home: Path) -> None:
    """As people have it: signing keys for the operator and one account, a role, exports and imports, creds."""
    nsc(home, "add", "operator", "-n", "Legacy", "--sys", "--generate-signing-key")
    nsc(home, "add", "account", "Shop")
    nsc(home, "edit", "account", "Shop", "--js-disk-storage", "1G", "--js-mem-storage", "64M", "--conns", "20")
    nsc(home, "add", "export", "-a", "Shop", "--name", "Prices", "--subject", "prices.*", "--service")
    nsc(
        home,
        "add",
        "user",
        "-a",
        "Shop",
        "-n",
        "till",
        "--allow-pub",
        "shop.>",
        "--allow-sub",
        "shop.>,prices.*,_INBOX.>",
    )
    nsc(home, "edit", "user", "-a", "Shop", "-n", "till", "--allow-pub-response")
    nsc(
        home,
        "edit",
        "signing-key",
        "-a",
        "Shop",
        "--role",
        "own",
        "--sk",
        "generate",
        "--allow-pub",
        "shop.{{name()}}.>",
    )
    nsc(home, "add", "user", "-a", "Shop", "-n", "door", "-K", "own")
    nsc(home, "add", "account", "Guest")
    shop = nsc(home, "describe", "account", "Shop", "--field", "sub").strip().strip('"')
    nsc(home, "add", "import", "-a", "Guest", "--src-account", shop, "--remote-subject", "prices.*", "--service")
    nsc(home, "add", "user", "-a", "Guest", "-n", "app")


def digests(folder: Path) -> dict[str, str]:
    found = {str(each): each for each in sorted(folder.rglob("*")) if each.is_file()}
    return {name: hashlib.sha256(each.read_bytes()).hexdigest() for name, each in found.items()}


async def asked(app: Any) -> Any:
    """A request; a server that has just loaded the account knows of nobody who answers, for a moment."""
    for _again in range(40):
        try:
            return await app.request("prices.apple", b"", timeout=5)
        except nats.errors.NoRespondersError:
            await asyncio.sleep(0.25)
    raise AssertionError("nobody answers")


async def talk(url: str, home: Path, tls: Optional[ssl.SSLContext] = None) -> str:
    """A request of one account, answered by another: both log in with the files that nsc made."""
    creds = home / ".local/share/nats/nsc/keys/creds/Legacy"
    options: dict[str, Any] = {"tls": tls} if tls else {}
    till = await nats.connect(url, user_credentials=str(creds / "Shop/till.creds"), max_reconnect_attempts=1, **options)
    app = await nats.connect(url, user_credentials=str(creds / "Guest/app.creds"), max_reconnect_attempts=1, **options)

    async def answer(message: Any) -> None:
        await message.respond(b"42")

    await till.subscribe("prices.*", cb=answer)
    await till.flush()
    reply = await asked(app)
    await app.close()
    await till.close()
    return bytes(reply.data).decode()


def test_a_store_of_nsc_becomes_a_deployed_cluster(estate: Estate) -> None:
    home = estate.home
    make_store(home)
    source = home / ".local/share/nats/nsc"
    before = digests(source)

    port = free_ports(1)[0]
    nsc(home, "generate", "config", "--mem-resolver", "--config-file", str(home / "memory.conf"))
    command = [estate.binary, "-c", str(home / "memory.conf"), "-a", "127.0.0.1", "-p", str(port)]
    old = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        assert wait_until(lambda: "Server is ready" in (old.stderr.readline() if old.stderr else ""), 20)
        assert asyncio.run(talk(f"nats://127.0.0.1:{port}", home)) == "42"
    finally:
        old.terminate()
        old.communicate(timeout=20)

    for name in ("nats_trust_operator", "nats_trust_system_account", "nats_trust_accounts"):
        del estate.settings[name]
    foreseen = estate.deploy("--check", playbook=ADOPT)
    good(foreseen)
    assert not (estate.root / "nats").exists()
    run = estate.deploy(playbook=ADOPT)
    good(run)
    assert "Nothing is missing." in run.text
    written = estate.root / "group_vars/nats_servers/adopted.yml"
    content = written.read_text()
    assert "!unsafe" in content
    again = estate.deploy(playbook=ADOPT)
    assert (again.code, again.changes) == (0, []), again.output
    assert "has a seed" not in run.output
    assert digests(source) == before

    run = estate.deploy()
    good(run)
    trust = [each for each in run.results if each["task"].endswith("Keep the operator, accounts and users")]
    assert trust
    assert not any(each["changed"] for each in trust)
    pki = estate.root / "nats/pki"
    tls = ssl.create_default_context(cafile=str(pki / "ca.crt"))
    issued = pki / "issued/clients/order-service"
    tls.load_cert_chain(f"{issued}.crt", f"{issued}.key")
    url = f"tls://127.0.0.1:{estate.ports['client'][0]}"
    assert asyncio.run(talk(url, home, tls)) == "42"
    assert digests(source) == before
    assert yaml.load(content.replace("!unsafe ", ""), Loader=yaml.SafeLoader)["nats_trust_operator"]["name"] == "Legacy"


def test_seeds_that_are_missing_are_named(estate: Estate) -> None:
    make_store(estate.home)
    operators = estate.home / ".local/share/nats/nsc/keys/keys/O"
    operators.rename(estate.home / "vault")
    run = estate.deploy(playbook=ADOPT)
    good(run)
    assert "no account can be added, changed or renewed" in run.text
    assert "the identity key of operator Legacy" in run.text
    found = '{"nats_adopt_keys": ["' + str(estate.home / "vault") + '"]}'
    run = estate.deploy("-e", found, playbook=ADOPT)
    good(run)
    assert "Nothing is missing." in run.text


def test_without_a_store_it_says_where_it_looked(estate: Estate) -> None:
    run = estate.deploy(playbook=ADOPT)
    assert run.code != 0
    assert "there is no store of nsc" in run.text
    assert str(estate.home / ".local/share/nats/nsc/stores") in run.text.replace(" ", "")


@pytest.mark.parametrize("word", ["nats_trust_operator", "nats_trust_accounts"])
def test_a_file_of_variables_that_is_there_stays(estate: Estate, word: str) -> None:
    make_store(estate.home)
    place = estate.root / "group_vars/nats_servers/adopted.yml"
    place.parent.mkdir(parents=True)
    place.write_text(f"{word}: mine\n")
    run = estate.deploy(playbook=ADOPT)
    good(run)
    assert place.read_text() == f"{word}: mine\n"
