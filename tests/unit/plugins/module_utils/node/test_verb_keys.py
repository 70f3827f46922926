# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb node_keys: create, again, one change, check mode, bad input."""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.aegis.nats.plugins.module_utils.node.keys import openssl
from ansible_collections.aegis.nats.plugins.module_utils.node.verb_keys import KEYS
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform

pytestmark = pytest.mark.skipif(openssl.find_openssl() is None, reason="there is no openssl here")
WANTED = [{"name": "server", "dns": ["n1.example.com"]}, {"name": "route", "key_type": "ed25519", "ip": ["192.0.2.1"]}]


def call(root: Path, wanted: Any = None, check: bool = False, **params: Any) -> dict[str, Any]:
    given = {"config_dir": f"{root}/etc", "keys": WANTED if wanted is None else wanted, **params}
    checked = ArgumentSpecValidator(dict(KEYS.argument_spec)).validate(given)
    assert not checked.error_messages, checked.error_messages
    return perform(KEYS, checked.validated_parameters, Surroundings(check, datetime.now(timezone.utc), NoSeal()))


def private_lines(root: Path) -> list[str]:
    lines = [line for place in root.rglob("tls.key") for line in place.read_text().splitlines()]
    return [line for line in lines if not line.startswith("-----")]


def files(root: Path) -> dict[str, int]:
    return {str(place): place.lstat().st_mtime_ns for place in sorted(root.rglob("*")) if place.name != ".lock"}


def test_create_again_and_check_mode(tmp_path: Path) -> None:
    checked = call(tmp_path, check=True)
    assert os.listdir(tmp_path) == []
    made = call(tmp_path)
    assert made["reasons"] == ["key server: made for the first time", "key route: made for the first time"]
    assert (checked["reasons"], checked["diff"]) == (made["reasons"], made["diff"])
    assert {key["name"]: key["key_type"] for key in made["tls_keys"]} == {"server": "ecdsa-p256", "route": "ed25519"}
    assert private_lines(tmp_path)
    assert not [line for line in private_lines(tmp_path) if line in json.dumps(made)]
    before = files(tmp_path)
    for check in (True, False):
        again = call(tmp_path, check=check)
        assert (again["changed"], again["reasons"], again["tls_keys"]) == (False, [], made["tls_keys"])
    assert files(tmp_path) == before


def test_a_new_key_beside_the_present_one_is_made_once(tmp_path: Path) -> None:
    made = call(tmp_path)
    digest = {key["name"]: key["digest"] for key in made["tls_keys"]}["server"]
    wanted = [{**WANTED[0], "digest": digest + "0" * 48, "renew": True}, WANTED[1]]
    checked, renewed = call(tmp_path, wanted, check=True), call(tmp_path, wanted)
    assert renewed["reasons"] == ["key server: a new one for the certificate that is due"] == checked["reasons"]
    assert len(renewed["tls_keys"]) == 3
    assert call(tmp_path, wanted)["reasons"] == []


def test_other_names_keep_the_key(tmp_path: Path) -> None:
    made = call(tmp_path)
    wanted = [{**WANTED[0], "dns": ["n1.example.com", "nats.example.com"]}, WANTED[1]]
    changed = call(tmp_path, wanted)
    assert changed["reasons"] == ["key server: its request is for other names"]
    assert [key["digest"] for key in changed["tls_keys"]] == [key["digest"] for key in made["tls_keys"]]
    assert sorted(changed["tls_keys"][1]["dns"]) == ["n1.example.com", "nats.example.com"]
    assert not call(tmp_path, wanted)["changed"]


def test_a_mode_that_somebody_changed(tmp_path: Path) -> None:
    call(tmp_path)
    (place,) = (tmp_path / "etc/keys").glob("server-*/tls.key")
    place.chmod(0o644)
    assert call(tmp_path)["reasons"] == ["key server: mode 0644 becomes 0600"]
    assert place.stat().st_mode & 0o777 == 0o600


def test_bad_input(tmp_path: Path) -> None:
    result = call(tmp_path, [{"name": "../x"}, {"name": "a"}, {"name": "a"}])
    assert [problem["path"] for problem in result["problems"]] == ["keys[0].name", "keys[2].name"]
    assert "there is no user nobody-has-this-name" in call(tmp_path, owner="nobody-has-this-name")["msg"]
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("check", [True, False])
def test_a_host_without_openssl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, check: bool) -> None:
    monkeypatch.setattr(openssl, "_TRUSTED_PATH", "/nowhere")
    assert "nats_pki_keys: controller" in call(tmp_path, check=check)["msg"]
    assert os.listdir(tmp_path) == []
