# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.aegis.nats.plugins.module_utils.client.verb_client_applications import VERB
from ansible_collections.aegis.nats.plugins.module_utils.pki import verb_authority
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform
from ansible_collections.aegis.nats.plugins.module_utils.trust import keys, verb_trust

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
OWN = keys.make(keys.Role.USER, bytes(range(32)))
ACCOUNTS: list[dict[str, Any]] = [
    {
        "name": "A",
        "users": [
            {"name": "orders"},
            {"name": "short", "expires": "1d", "renew_before": "1h"},
            {"name": "own", "public_key": OWN.public_key},
        ],
    },
    {
        "name": "B",
        "signing_keys": [1, {"role": "asking", "template": {"subscribe": {"allow": ["_INBOX_{{name()}}.>"]}}}],
        "users": [
            {"name": "private", "subscribe": {"allow": ["a", "_INBOX_private.>"]}},
            {"name": "scoped", "role": "asking"},
        ],
    },
]


def do(verb: Any, check_mode: bool = False, now: datetime = NOW, **params: Any) -> dict[str, Any]:
    checked = ArgumentSpecValidator(dict(verb.argument_spec)).validate(params)
    assert not checked.error_messages
    return perform(verb, checked.validated_parameters, Surroundings(check_mode, now, NoSeal()))


@pytest.fixture(scope="module")
def controller(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A controller's trust store and authority."""
    folder = tmp_path_factory.mktemp("controller")
    made = do(verb_trust.VERB, path=str(folder / "trust"), operator={"name": "O"}, accounts=ACCOUNTS)
    assert not made.get("failed"), made
    assert not do(verb_authority.VERB, path=str(folder / "pki"), common_name="CA").get("failed")
    (folder / "own.nk").write_text(OWN.seed + "\n")
    return folder


def ask(folder: Path, *entries: Any, **more: Any) -> dict[str, Any]:
    places = {"trust_dir": str(folder / "trust"), "pki_dir": str(folder / "pki")}
    return do(VERB, **{"applications": list(entries), "host": "h", "servers": ["tls://n:4222"], **places, **more})


def problems(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(problem["path"], problem["message"]) for problem in found["problems"]]


def test_what_they_need(controller: Path) -> None:
    found = ask(
        controller,
        {"name": "orders", "account": "A", "owner": "app", "certificate": {"days": 30}},
        {"name": "own", "nkey": str(controller / "own.nk"), "servers": ["tls://other:4222"]},
        {"name": "old", "state": "absent"},
        certificate={"days": 90, "organization": "Acme"},
    )
    assert not found.get("failed"), found
    assert found["changed"] is False
    first, second, third = found["applications"]
    assert first["creds"] == str(controller / "trust/keys/creds/O/A/orders.creds") and Path(first["creds"]).is_file()
    assert first["certificate"] == str(controller / "pki/issued/clients/h/orders.crt")
    assert first["ca"] == str(controller / "pki/ca.crt") and Path(first["ca"]).is_file()
    assert (first["owner"], first["description"], first["servers"]) == ("app", "A/orders on h", ["tls://n:4222"])
    assert "creds" not in second and second["nkey"] == str(controller / "own.nk")
    assert third == {"name": "old", "path": "/etc/nats-clients/old", "state": "absent"}
    assert found["certificates"] == [
        {"name": "clients/h/orders", "profile": "client", "common_name": "orders", "days": 30, "organization": "Acme"},
        {"name": "clients/h/own", "profile": "client", "common_name": "own", "days": 90, "organization": "Acme"},
    ]


def test_where_they_hear_replies(controller: Path) -> None:
    creds = str(controller / "trust/keys/creds/O/B/private.creds")
    found = ask(
        controller,
        {"name": "orders", "account": "A"},
        {"name": "private", "account": "B"},
        {"name": "scoped", "account": "B"},
        {"name": "by-file", "creds": creds},
        {"name": "by-nkey", "nkey": str(controller / "own.nk"), "inbox_prefix": "_INBOX_own"},
        {"name": "said", "creds": creds, "inbox_prefix": "_INBOX.said"},
    )
    assert not found.get("failed"), found
    prefixes = [application.get("inbox_prefix") for application in found["applications"]]
    assert prefixes == [None, "_INBOX_private", "_INBOX_scoped", "_INBOX_private", "_INBOX_own", "_INBOX.said"]
    wrong = ask(controller, {"name": "a", "creds": creds, "inbox_prefix": "_INBOX.>"})
    assert problems(wrong)[0][0] == "applications[0].inbox_prefix" and "_INBOX_a" in problems(wrong)[0][1]


def test_without_tls_there_is_no_certificate(controller: Path, tmp_path: Path) -> None:
    entry = {"name": "orders", "account": "A"}
    found = ask(controller, entry, servers=["nats://n:4222"], tls=False, pki_dir=str(tmp_path))
    assert found["certificates"] == [] and "ca" not in found["applications"][0]


def test_what_is_wrong_is_told_together(controller: Path) -> None:
    (controller / "bad.creds").write_text("no creds")
    (controller / "account.nk").write_text(keys.make(keys.Role.ACCOUNT, bytes(32)).seed)
    missing = {"ca": "/absent/ca", "certificate": "/absent/crt", "key": "/absent/key"}
    found = ask(
        controller,
        {"name": "a", "account": "A"},
        {"name": "b", "account": "C"},
        {"name": "own", "account": "A"},
        {"name": "c", "creds": str(controller / "bad.creds")},
        {"name": "d", "nkey": str(controller / "account.nk")},
        {"name": "e", "account": "A", "user": "orders", "tls_files": missing},
        prefix="nats_client_",
    )
    said = problems(found)
    where = "nats_client_applications"
    assert [path for path, _dummy in said] == [
        f"{where}[0].user",
        f"{where}[1].account",
        f"{where}[2].user",
        f"{where}[3].creds",
        f"{where}[4].nkey",
        f"{where}[5].tls_files.ca",
        f"{where}[5].tls_files.certificate",
        f"{where}[5].tls_files.key",
    ]
    words = [
        "has no user a (the application's name, as it says no user): it has orders, own, short",
        "there is no account C",
        "A/own has no creds",
        "is not a whole creds file",
        "account",
        "can't be read",
    ]
    assert all(word in message for word, (_dummy, message) in zip(words, said)), said
    assert "it has A, B, SYS" in said[1][1]
    assert "SA" not in str(found) or keys.make(keys.Role.ACCOUNT, bytes(32)).seed not in str(found)


def test_expired_creds(controller: Path) -> None:
    entry = {"name": "x", "account": "A", "user": "short"}
    assert not ask(controller, entry).get("failed")
    (only,) = problems(ask(controller, entry, now=NOW + timedelta(days=2)))
    assert only[0] == "applications[0].user" and "expired on 2026-11-24: run aegis.nats.deploy" in only[1]


def test_nothing_was_deployed(tmp_path: Path) -> None:
    found = ask(tmp_path, {"name": "orders", "account": "A"}, prefix="nats_client_")
    assert [path for path, _dummy in problems(found)] == ["nats_client_trust_dir", "nats_client_pki_dir"]
    assert all("run aegis.nats.deploy first" in message for _dummy, message in problems(found))


def test_in_check_mode_what_is_coming_counts(tmp_path: Path, controller: Path) -> None:
    entry = {"name": "orders", "account": "A"}
    found = ask(tmp_path, entry, coming=ACCOUNTS, check_mode=True)
    assert not found.get("failed"), found
    assert ask(tmp_path, entry, coming=ACCOUNTS)["failed"], "out of check mode it has to be there"
    (only,) = problems(ask(tmp_path, {**entry, "user": "x"}, coming=ACCOUNTS, check_mode=True))
    assert "the tree that is to be made has no user x of A" in only[1]
    fresh = [{"name": "A", "users": [{"name": "fresh"}, "odd"]}]
    assert not ask(controller, {"name": "fresh", "account": "A"}, coming=fresh, check_mode=True).get("failed")
    (only,) = problems(ask(controller, {"name": "fresh", "account": "A"}, coming=fresh))
    assert "the account A has no user fresh" in only[1], "out of check mode nothing is coming"
