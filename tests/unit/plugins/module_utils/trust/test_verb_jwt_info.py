# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of a token, and what is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Seal, Surroundings, perform
from ansible_collections.aegis.nats.plugins.module_utils.trust import creds
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.plugins.module_utils.trust.verb_jwt_info import VERB
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import (
    DAY,
    NOW,
    ORDERS,
    VECTORS,
    Reversed,
    key,
    orders,
    trust,
    vectors,
)

USER = "keys/creds/Acme/TeamAlpha/order-service.creds"


def info(now: Any = NOW, seal: Optional[Seal] = None, **params: Any) -> dict[str, Any]:
    return perform(VERB, {"path": None, "token": None, **params}, Surroundings(False, now, seal or NoSeal()))


def test_a_creds_file(tmp_path: Path) -> None:
    made = trust(tmp_path, ORDERS)
    found = info(path=str(tmp_path / USER), now=NOW + DAY)
    assert (found["type"], found["name"], found["changed"]) == ("user", "order-service", False)
    assert found["public_key"] == made["users"][1]["public_key"]
    assert found["issuer_account"] == made["accounts"][1]["public_key"]
    assert (found["issued"], found["expires"], found["days_left"]) == (
        "2026-11-23T12:00:00Z",
        "2027-02-21T12:00:00Z",
        89,
    )
    assert found["claims"]["publish"] == {"allow": ["orders.>"], "deny": ["orders.admin.>"]}
    assert found["problems"] == []
    held = creds.read((tmp_path / USER).read_bytes())
    assert held.seed not in repr(found)
    assert held.token not in repr(found)


def test_a_user_with_a_role_has_the_limits_of_the_role(tmp_path: Path) -> None:
    tree = orders()
    tree["accounts"][0]["signing_keys"] = [{"role": "reader"}]
    tree["accounts"][0]["users"][0] = {"name": "order-service", "role": "reader", "tags": ["x"]}
    trust(tmp_path, tree)
    assert info(path=str(tmp_path / USER))["claims"] == {"name": "order-service", "tags": ["x"]}


def test_from_when_it_is_taken(tmp_path: Path) -> None:
    tree = orders()
    tree["accounts"][0]["users"][0] = {"name": "order-service", "not_before": "2026-11-24T12:00:00Z"}
    trust(tmp_path, tree)
    found = info(path=str(tmp_path / USER))
    assert found["not_before"] == "2026-11-24T12:00:00Z"
    assert found["problems"] == ["is not valid before 2026-11-24T12:00:00Z"]
    assert info(path=str(tmp_path / USER), now=NOW + DAY)["problems"] == []


def test_a_sealed_creds_file(tmp_path: Path) -> None:
    trust(tmp_path, ORDERS, seal=Reversed())
    assert info(path=str(tmp_path / USER), seal=Reversed())["name"] == "order-service"
    assert "no vault secret" in info(path=str(tmp_path / USER))["msg"]


def test_an_expired_token() -> None:
    vector = next(each for each in vectors("jwt_validation_vectors.json") if each["name"] == "expired account")
    found = info(token=vector["token"])
    assert found["problems"] == ["expired on 2020-09-13T12:28:20Z"]
    assert found["days_left"] < -2000


@pytest.mark.parametrize("vector", vectors("jwt_positive_vectors.json"), ids=lambda vector: vector["name"])
def test_every_kind_is_told(vector: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "x.jwt").write_text(vector["token"] + "\n")
    found = info(path=str(tmp_path / "x.jwt"))
    assert found["problems"] == []
    assert found == info(token=vector["token"])


def test_a_seed_beside_the_token_of_another(tmp_path: Path) -> None:
    held = creds.read((VECTORS / "example_user.creds").read_bytes())
    (tmp_path / "x.creds").write_bytes(creds.write(creds.Creds(held.token, key(Role.USER, 1).seed)))
    found = info(path=str(tmp_path / "x.creds"))
    assert "no login is possible" in found["problems"][0]


@pytest.mark.parametrize("content", [b"", b"x", b"-----BEGIN NATS USER JWT-----\n", b"\xff\xfe\x00"])
def test_what_is_no_token_is_told_with_its_path(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(content)
    found = info(path=str(tmp_path / "x"))
    assert found["failed"]
    assert found["msg"].startswith(str(tmp_path / "x"))


def test_no_file(tmp_path: Path) -> None:
    assert info(path=str(tmp_path / "none"))["msg"] == f"{tmp_path}/none: No such file or directory"
