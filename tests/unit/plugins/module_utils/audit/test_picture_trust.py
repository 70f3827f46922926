# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of trust."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit.picture import WIDTH
from ansible_collections.aegis.nats.plugins.module_utils.audit.picture_trust import trust_figure
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit import samples


def crowd(accounts: int) -> dict[str, Any]:
    return samples.enormous(3, accounts).trust  # type: ignore[return-value]


@pytest.mark.parametrize("trust", [samples.trust(), crowd(1), crowd(8), crowd(9), crowd(500)])
def test_everything_lies_within_the_picture(trust: dict[str, Any]) -> None:
    drawing = ElementTree.fromstring(trust_figure(trust)).find(".//svg")
    assert drawing is not None
    height = float(drawing.get("viewBox", "").split()[3])
    for each in drawing.iter("text"):
        assert 0 <= float(each.get("x", "")) <= WIDTH and 0 < float(each.get("y", "")) < height
    for each in drawing.iter("rect"):
        assert float(each.get("y", "")) + float(each.get("height", "")) < height
        assert float(each.get("x", "")) + float(each.get("width", "")) <= WIDTH
    for each in drawing.iter("circle"):
        assert float(each.get("cx", "")) + float(each.get("r", "")) <= WIDTH


def test_names_rights_and_keys_are_drawn() -> None:
    drawn = trust_figure(samples.trust())
    for words in ("aegis", "ORDERS", "order-service", "orders.new; not orders.admin", "bearer token", "system account"):
        assert f"{words}</text>" in drawn
    assert drawn.count('class="branch"') == 4, "each account hangs on the key that signed it"
    assert "1: ORDERS uses the service stock.level of STOCK." in drawn


def test_who_may_everything_is_seen() -> None:
    trust = samples.trust()
    trust["accounts"][0]["users"][0]["publish"] = {"allow": [">"], "deny": []}
    assert re.search('class="fixed no"[^>]*>everything<', trust_figure(trust))


def test_a_signature_of_an_unknown_key_is_dashed() -> None:
    trust = samples.trust()
    trust["accounts"][0]["signed_by"] = "OX"
    assert trust_figure(trust).count('class="branch dim"') == 1


def test_of_many_accounts_some_are_drawn_and_the_rest_counted() -> None:
    drawn = trust_figure(crowd(500))
    assert drawn.count('class="box"') < 30 and "497 more accounts with 2,977 users" in drawn
    assert "Of 504 accounts 7 are drawn" in drawn and "5 of 502 imports are drawn as arrows." in drawn
    assert ">SYS</text>" in drawn


def test_many_arrows_keep_to_the_picture() -> None:
    trust = samples.trust()
    for account in trust["accounts"]:
        account["imports"] = [{"subject": f"s{n}", "account": "SYS", "kind": "stream"} for n in range(10)]
    drawn = trust_figure(trust)
    circles = [each for each in ElementTree.fromstring(drawn).iter("circle") if each.get("r") == "10"]
    places = [float(each.get("cx", "")) for each in circles]
    assert "9 of 40 imports are drawn as arrows." in drawn
    assert len(set(places)) == 9 and max(places) + 10 <= WIDTH, "each has a lane of its own, and there is room"


def test_without_an_operator() -> None:
    assert "No operator" in trust_figure({**samples.trust(), "operator": None})
    nothing = trust_figure({})
    assert "nothing to draw" in nothing
    assert trust_figure({"operator": None, "accounts": []}) == nothing


def test_an_operator_without_accounts() -> None:
    assert "aegis" in trust_figure({**samples.trust(), "accounts": []})
