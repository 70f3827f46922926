# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation tokens: made where an export wants one, kept while they fit, replaced when they do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust import keys, tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.activations import fits, held_token, needs_token
from ansible_collections.aegis.nats.plugins.module_utils.trust.judge import judge
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.plugins.module_utils.trust.sharing import Export, Import
from ansible_collections.aegis.nats.plugins.module_utils.trust.tree import Account
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import DAY, NOW, key, orders, trust

EXPORTER, IMPORTER = key(Role.ACCOUNT, 1), key(Role.ACCOUNT, 2)
NATS = {"subject": "a.>", "kind": "stream", "type": "activation", "version": 2}
TOKEN = tokens.sign({"iat": 1, "name": "a", "sub": IMPORTER.public_key, "nats": NATS}, EXPORTER)
CLAIM = {"type": "stream", "account": EXPORTER.public_key, "subject": "a.b"}


def private() -> dict[str, Any]:
    raw = orders()
    raw["accounts"][0]["exports"][0]["token_required"] = True
    return raw


def activation(found: dict[str, Any]) -> tokens.Token:
    partner = tokens.read(found["accounts"][2]["jwt"])
    return tokens.read(partner.nats["imports"][0]["token"])


def test_it_is_made_by_the_exporter_for_the_importer(tmp_path: Path) -> None:
    found = trust(tmp_path, private())
    made, alpha = activation(found), tokens.read(found["accounts"][1]["jwt"])
    assert alpha.nats["exports"][0]["token_req"] is True
    assert (made.issuer, made.nats["issuer_account"]) == (alpha.nats["signing_keys"][0], alpha.subject)
    assert (made.subject, made.nats["subject"], made.nats["kind"]) == (
        found["accounts"][2]["public_key"],
        "orders.public.>",
        "service",
    )
    assert not list(judge(tokens.read(found["accounts"][2]["jwt"])))
    assert not trust(tmp_path, private(), NOW + DAY)["changed"]


def test_a_narrower_import_has_one_of_its_own(tmp_path: Path) -> None:
    first = activation(trust(tmp_path, private()))
    raw = private()
    raw["accounts"][1]["imports"][0].update(subject="orders.public.new", local_subject="new")
    second = activation(trust(tmp_path, raw))
    assert (first.nats["subject"], second.nats["subject"]) == ("orders.public.>", "orders.public.new")


def test_an_export_that_wants_none_any_more_takes_it_away(tmp_path: Path) -> None:
    trust(tmp_path, private())
    found = trust(tmp_path, orders())
    assert "account TeamAlpha: exports.PublicOrders.token_required: true becomes false" in found["reasons"]
    assert "token" not in tokens.read(found["accounts"][2]["jwt"]).nats["imports"][0]


def test_one_that_is_expired_or_signed_by_a_stranger_is_made_again(tmp_path: Path) -> None:
    found = trust(tmp_path, private())
    first = activation(found)
    owner = keys.from_seed(next(tmp_path.rglob(f"{found['operator']['signing_keys'][0]}.nk")).read_text())
    path = tmp_path / "stores/Acme/accounts/ExternalPartner/ExternalPartner.jwt"
    partner = tokens.read(path.read_text())
    alpha = keys.from_seed(next(tmp_path.rglob(f"{first.issuer}.nk")).read_text())
    others = (
        tokens.sign({**first.claims, "nats": first.nats}, EXPORTER),
        tokens.sign({**first.claims, "exp": first.issued_at + 5}, alpha),
    )
    for other in others:
        nats = {**partner.nats, "imports": [{**partner.nats["imports"][0], "token": other.text}]}
        path.write_text(tokens.sign({**partner.claims, "nats": nats}, owner).text)
        again = trust(tmp_path, private(), NOW + DAY)
        assert len(again["reasons"]) == 1
        made = activation(again)
        assert (made.issuer, made.expires) == (first.issuer, 0)
        assert made.issued_at > first.issued_at


def test_no_token_stands_in_reasons_or_diff(tmp_path: Path) -> None:
    trust(tmp_path, orders())
    found = trust(tmp_path, private())
    text = activation(found).text
    assert any("imports.PublicOrders.token: nothing becomes" in each for each in found["reasons"])
    assert text not in repr((found["reasons"], found["diff"]))


def test_the_token_of_an_account_outside_is_given(tmp_path: Path) -> None:
    raw = orders()
    wanted = {"account": EXPORTER.public_key, "subject": "a.b", "type": "stream", "token": TOKEN.text}
    raw["accounts"][1]["imports"].append(wanted)
    found = trust(tmp_path, raw)
    assert found.get("failed") is None
    imports = tokens.read(found["accounts"][2]["jwt"]).nats["imports"]
    assert [each.get("token") for each in imports] == [TOKEN.text, None]
    del wanted["token"]
    assert not trust(tmp_path, raw)["changed"], "it is kept"


def test_what_is_no_activation_is_refused(tmp_path: Path) -> None:
    raw = orders()
    made = trust(tmp_path, raw)
    for text, says in (("x", "is no activation token"), (made["operator"]["jwt"], "type operator")):
        raw["accounts"][1]["imports"][0]["token"] = text
        told = trust(tmp_path, raw)["msg"]
        assert told.startswith("accounts.ExternalPartner.imports[0].token:")
        assert says in told


@pytest.mark.parametrize(
    ("change", "importer", "expected"),
    [
        ({}, IMPORTER, True),
        ({"subject": "a.>"}, IMPORTER, True),
        ({"subject": "b"}, IMPORTER, False),
        ({"type": "service"}, IMPORTER, False),
        ({"account": IMPORTER.public_key}, IMPORTER, False),
        ({}, EXPORTER, False),
    ],
)
def test_what_fits(change: dict[str, str], importer: Any, expected: bool) -> None:
    assert fits(TOKEN, {**CLAIM, **change}, importer.public_key) is expected


def test_a_text_that_is_none_is_none() -> None:
    assert (held_token(None), held_token(7), held_token("x.y.z")) == (None, None, None)
    held = held_token(TOKEN.text)
    assert held and held.text == TOKEN.text


def test_only_an_export_of_its_type_and_subject_asks() -> None:
    exporter = Account(
        exports=(Export(subject="a.>", type="stream", token_required=True), Export(subject="a.>", type="service"))
    )
    assert needs_token(Import(subject="a.b", type="stream"), exporter)
    assert not needs_token(Import(subject="a.b", type="service"), exporter)
    assert not needs_token(Import(subject="b", type="stream"), exporter)
