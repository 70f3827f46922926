# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine that has the root key: it shows what it signs, and signs nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Seal, Surroundings, perform
from ansible_collections.aegis.nats.plugins.module_utils.trust import operator_request, tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.operator_request import Request
from ansible_collections.aegis.nats.plugins.module_utils.trust.verb_operator_sign import VERB
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.documentation import documented, spec_of
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import (
    NOW,
    ORDERS,
    Reversed,
    orders,
    trust,
)


class Safe:
    """A request, and the root key in a file of its own."""

    def __init__(self, folder: Path, seal: Seal) -> None:
        self.seal, self.store, self.key = seal, folder / "store", folder / "root.nk"
        self.request, self.response = folder / "r", folder / "r.response"
        root = trust(self.store, ORDERS, seal=seal)["operator"]["public_key"]
        next(self.store.rglob(f"{root}.nk")).rename(self.key)
        self.root = root
        raw = orders()
        raw["operator"]["tags"] = ["x"]
        trust(self.store, raw, seal=seal, operator_request=str(self.request))

    def sign(self, check_mode: bool = False, **more: Any) -> dict[str, Any]:
        params = {"request": str(self.request), "response": None, "key": str(self.key), **more}
        return perform(VERB, params, Surroundings(check_mode, NOW, self.seal))


@pytest.fixture
def safe(tmp_path: Path) -> Safe:
    return Safe(tmp_path, NoSeal())


@pytest.mark.parametrize("seal", [NoSeal(), Reversed()], ids=["open", "sealed"])
def test_check_mode_shows_what_the_run_signs(tmp_path: Path, seal: Seal) -> None:
    safe = Safe(tmp_path, seal)
    told = safe.sign(check_mode=True)
    assert not safe.response.exists()
    done = safe.sign()
    assert {name: told[name] for name in told if name != "operator"} == {
        name: done[name] for name in done if name != "operator"
    }
    assert done["reasons"] == ['operator Acme: tags adds "x"']
    assert done["claims"]["tags"] == ["x"]
    assert '"x"' in done["diff"]["after"] and '"x"' not in done["diff"]["before"]
    assert tokens.read(safe.response.read_text()).issuer == safe.root
    before = safe.response.read_bytes()
    again = safe.sign()
    assert (again["changed"], again["reasons"], again["changes"]) == (False, [], ['tags adds "x"'])
    assert safe.response.read_bytes() == before


@pytest.mark.parametrize("place", ["keys/keys/O/{two}/{root}.nk", "keys/O/{two}/{root}.nk", "{root}.nk"])
def test_the_key_is_found_in_a_folder(place: str, safe: Safe, tmp_path: Path) -> None:
    moved = tmp_path / "vault" / place.format(two=safe.root[1:3], root=safe.root)
    moved.parent.mkdir(parents=True)
    safe.key.rename(moved)
    assert safe.sign(key=str(tmp_path / "vault"))["changed"]


def test_the_words_of_the_request_are_not_believed(safe: Safe) -> None:
    content = json.loads(safe.request.read_text())
    content["changes"] = ["nothing worth looking at"]
    safe.request.write_text(json.dumps(content))
    assert safe.sign(check_mode=True)["changes"] == ['tags adds "x"']


def test_another_key_signs_nothing(safe: Safe) -> None:
    other = next(each for each in safe.store.rglob("*.nk") if each.name.startswith("O"))
    found = safe.sign(key=str(other))
    assert f"holds the seed of {other.name[:-3]}; this request needs that of {safe.root}" in found["msg"]
    user = next(each for each in safe.store.rglob("*.nk") if each.name.startswith("U"))
    assert "it is the seed of a user key, expected an operator key" in safe.sign(key=str(user))["msg"]
    assert f"the seed of {safe.root} has to sign this request and is not there" in safe.sign(key="/nowhere")["msg"]
    assert f"the seed of {safe.root} has to sign" in safe.sign(key=str(safe.store))["msg"]
    assert not safe.response.exists()


def test_no_request_and_a_damaged_one(safe: Safe) -> None:
    safe.request.write_bytes(safe.request.read_bytes().replace(b'"x"', b'"y"'))
    assert "its digest is another. Nothing was signed" in safe.sign()["msg"]
    safe.request.unlink()
    assert safe.sign()["msg"] == f"{safe.request}: there is no request"


def test_what_no_server_would_take_is_not_signed(safe: Safe) -> None:
    """Whoever writes the digest anew gets no further than the official rules."""
    asked = operator_request.read(safe.request.read_bytes())
    nats = {**asked.wish.nats, "operator_service_urls": ["http://example.com"], "signing_keys": ["x"]}
    wish = operator_request.operator_wish(safe.root, "Acme", nats, None, None)
    safe.request.write_bytes(Request(asked.replaces, wish).written())
    found = safe.sign()
    assert "no valid operator, nothing was signed" in found["msg"]
    assert "service_urls[0]" in found["msg"] and "signing_keys[0]" in found["msg"]
    assert not safe.response.exists()


def test_no_seed_in_the_result(safe: Safe) -> None:
    assert safe.key.read_text().strip() not in repr(safe.sign())


def test_the_documentation_has_every_option() -> None:
    assert documented(VERB) == spec_of(VERB)
