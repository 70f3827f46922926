# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A store told as a tree: which operator, what is not told, what is refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Optional

from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Seal, Surroundings, perform
from ansible_collections.aegis.nats.plugins.module_utils.trust.verb_trust_info import VERB
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import (
    NOW,
    ORDERS,
    Reversed,
    files,
    trust,
)

SEED = re.compile(r"\bS[OAUNCX][A-Z2-7]{56}\b")


def info(path: Path, now: Any = NOW, seal: Optional[Seal] = None, operator: Optional[str] = None) -> dict[str, Any]:
    params = {"path": str(path), "operator": operator}
    return perform(VERB, params, Surroundings(False, now, seal or NoSeal()))


def test_the_tree_comes_back_as_it_was_written(tmp_path: Path) -> None:
    trust(tmp_path, ORDERS)
    before = files(tmp_path)
    found = info(tmp_path)
    partner, alpha = found["tree"]["accounts"]
    assert found["changed"] is False
    assert found["tree"]["operator"] == ORDERS["operator"]
    assert found["tree"]["system_account"] == {"name": "SYS", "users": [{"name": "sys"}]}
    assert partner == ORDERS["accounts"][1]
    user = {**ORDERS["accounts"][0]["users"][0], "responses": {"ttl": "5s"}}
    del user["renew_before"]
    limits = {"connections": 500, "jetstream": {"memory": 10**9, "disk": 10**10, "streams": 100}}
    assert alpha == {**ORDERS["accounts"][0], "limits": limits, "users": [user]}
    assert files(tmp_path) == before


def test_what_ends_is_told_with_its_moment(tmp_path: Path) -> None:
    tree = {**ORDERS, "operator": {**ORDERS["operator"], "expires": "365d"}}
    trust(tmp_path, tree)
    ends = {(each["kind"], each["account"], each["name"]): each["expires"] for each in info(tmp_path)["expiries"]}
    assert ends.pop(("operator", "", "Acme")) == int(NOW.timestamp()) + 365 * 86400
    users = ORDERS["accounts"][0]["users"]
    assert set(ends) == {("user", "TeamAlpha", each["name"]) for each in users if "expires" in each}
    assert ends and all(moment > NOW.timestamp() for moment in ends.values())


def test_nothing_secret_is_told(tmp_path: Path) -> None:
    trust(tmp_path, ORDERS, seal=Reversed())
    found = info(tmp_path, seal=Reversed())
    assert len(found["tree"]["accounts"]) == 2
    assert not SEED.search(repr(found))
    assert "eyJ" not in repr(found)
    assert "no vault secret" in info(tmp_path)["msg"]


def test_several_operators_and_none(tmp_path: Path) -> None:
    assert "is no store" in info(tmp_path)["msg"]
    trust(tmp_path / "a", ORDERS)
    trust(tmp_path / "b", {"operator": {"name": "Other"}})
    for path in (tmp_path / "b/stores").iterdir():
        path.rename(tmp_path / "a/stores" / path.name)
    assert "holds the operators Acme, Other: name one of them" in info(tmp_path / "a")["msg"]
    assert info(tmp_path / "a", operator="Other")["tree"]["operator"]["name"] == "Other"
    assert "the store of operator Acme, Other" in info(tmp_path / "a", operator="Third")["msg"]
    assert "no operator Third" in info(tmp_path / "b", operator="Third")["msg"]
