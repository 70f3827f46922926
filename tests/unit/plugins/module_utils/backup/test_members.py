# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users in memory: signed by a key that may, able to do what a backup does and nothing else."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ansible_collections.aegis.nats.plugins.module_utils.backup.members import LIFETIME, Minting, members
from ansible_collections.aegis.nats.plugins.module_utils.client.access import Access
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.plugins.module_utils.trust import tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import KeyPair, Role
from ansible_collections.aegis.nats.plugins.module_utils.trust.store import account_path, operator_path, seed_path
from ansible_collections.aegis.nats.tests.integration.live_cluster import Tree, new_key

NOW = datetime(2033, 5, 18, 3, 33, 20, tzinfo=timezone.utc)
SECONDS = int(NOW.timestamp())


def store(root: Path, tree: Tree, seeds: list[KeyPair], **claims: Any) -> KeyPair:
    """A store with an operator, its system account and TeamAlpha; the key of TeamAlpha."""
    team = new_key(Role.ACCOUNT)
    files = {
        operator_path("Acme"): tree.operator_jwt(),
        account_path("Acme", "SYS"): tree.account_jwt(tree.system, "SYS"),
        account_path("Acme", "TeamAlpha"): tree.account_jwt(team, "TeamAlpha", **claims),
        **{seed_path(pair.public_key): pair.seed for pair in seeds},
    }
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return team


def found(root: Path, restoring: bool = False, operator: str = "Acme") -> tuple[list[Any], list[str]]:
    problems = Problems()
    minting = Minting(lambda: NOW, os.urandom, restoring)
    who = members(Folder(str(root), NoSeal()), operator, minting, problems)
    return who, [str(each) for each in problems]


def claims_of(member: Any) -> dict[str, Any]:
    access = member.access(Access(("tls://127.0.0.1:4222",)))
    assert access.login is not None
    token = tokens.read(access.login.token)
    assert token.subject == access.login.keys.public_key
    return dict(token.claims)


def test_an_account_gets_a_user_of_its_own_each_time(tmp_path: Path) -> None:
    tree = Tree()
    team = store(tmp_path, tree, [tree.user_signing])
    who, problems = found(tmp_path)
    assert not problems and [(each.account, each.public_key) for each in who] == [("TeamAlpha", team.public_key)]
    first, second = claims_of(who[0]), claims_of(who[0])
    assert first["sub"] != second["sub"] and first["iss"] == tree.user_signing.public_key
    assert first["nats"]["issuer_account"] == team.public_key and first["exp"] == SECONDS + LIFETIME
    assert not list(tmp_path.rglob("*.creds"))


def test_it_may_read_and_nothing_else_unless_it_restores(tmp_path: Path) -> None:
    tree = Tree()
    store(tmp_path, tree, [tree.user_signing])
    reading = claims_of(found(tmp_path)[0][0])["nats"]
    writing = claims_of(found(tmp_path, restoring=True)[0][0])["nats"]
    assert reading["sub"]["allow"] == ["_INBOX.>"] and "$JS.SNAPSHOT.ACK.>" in reading["pub"]["allow"]
    more = set(writing["pub"]["allow"]) - set(reading["pub"]["allow"])
    assert "$JS.API.STREAM.DELETE.*" in more and "$JS.API.STREAM.DELETE.*" not in reading["pub"]["allow"]
    assert not any(each in (">", "$JS.>", "$JS.API.>") for each in writing["pub"]["allow"])


def test_a_key_with_a_role_signs_no_such_user(tmp_path: Path) -> None:
    tree = Tree()
    scope = {"kind": "user_scope", "key": tree.user_signing.public_key, "role": "r", "template": {}}
    store(tmp_path, tree, [tree.user_signing], signing_keys=[scope])
    who, problems = found(tmp_path)
    assert not who and "it needs one of a signing key without a role" in problems[0]


def test_without_a_seed_it_is_said_which(tmp_path: Path) -> None:
    tree = Tree()
    store(tmp_path, tree, [])
    who, problems = found(tmp_path)
    assert not who and problems[0].startswith("trust.TeamAlpha: ") and tree.user_signing.public_key in problems[0]


def test_another_operator_is_told(tmp_path: Path) -> None:
    store(tmp_path, Tree(), [])
    assert "holds Acme, not Other" in found(tmp_path, operator="Other")[1][0]
    assert "holds no operator, not Acme" in found(tmp_path / "nothing")[1][0]


def test_a_user_is_later_than_a_revocation_of_everybody(tmp_path: Path) -> None:
    tree = Tree()
    store(tmp_path / "past", tree, [tree.user_signing], revocations={"*": SECONDS})
    assert claims_of(found(tmp_path / "past")[0][0])["iat"] == SECONDS + 1
    store(tmp_path / "coming", tree, [tree.user_signing], revocations={"*": SECONDS + 9})
    who, problems = found(tmp_path / "coming")
    assert not who and "revokes everybody" in problems[0]


def test_the_longest_message_of_the_account_is_known(tmp_path: Path) -> None:
    tree = Tree()
    store(tmp_path, tree, [tree.user_signing], limits={"payload": 5000})
    assert found(tmp_path)[0][0].payload == 5000
