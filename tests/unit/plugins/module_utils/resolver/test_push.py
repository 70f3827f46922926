# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about purged accounts. Pushing itself is tested against real servers in tests/integration."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.client.access import Access
from ansible_collections.aegis.nats.plugins.module_utils.client.connect import Unreachable
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.plugins.module_utils.resolver.claims import decode
from ansible_collections.aegis.nats.plugins.module_utils.resolver.plan import Held, Removed, Wanted
from ansible_collections.aegis.nats.plugins.module_utils.resolver.push import Order, _leaving, foresee, run_push
from ansible_collections.aegis.nats.plugins.module_utils.resolver.servers import Expected
from ansible_collections.aegis.nats.plugins.module_utils.resolver.signer import Signer, is_closed
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.plugins.module_utils.trust.store import seed_path
from ansible_collections.aegis.nats.tests.integration.live_cluster import Tree, free_ports, new_key

TREE, KEYS, NOW = Tree(), new_key(Role.ACCOUNT), 2_000_000_000
GONE = Removed("Gone", KEYS.public_key)


@pytest.fixture
def order(tmp_path: Path) -> Order:
    seed = tmp_path / seed_path(TREE.signing.public_key)
    seed.parent.mkdir(parents=True)
    seed.write_text(TREE.signing.seed)
    keys = (TREE.operator.public_key, TREE.signing.public_key)
    return Order(Expected(("n1", "n2")), (), (GONE,), Signer(Folder(str(tmp_path), NoSeal()), keys, NOW))


def test_nobody_there(order: Order) -> None:
    url = f"tls://127.0.0.1:{free_ports(1)[0]}"
    with pytest.raises(Unreachable, match="nothing listens there"):
        run_push(Access((url,), timeout=2.0), order, False)


def test_what_no_server_lists_is_gone(order: Order) -> None:
    assert _leaving(order, {}, {"n1": frozenset(), "n2": frozenset()}, ()) == ((), ())


def test_what_a_server_lists_is_deleted_while_all_are_there(order: Order) -> None:
    listed = {"n1": frozenset({KEYS.public_key}), "n2": frozenset[str]()}
    gone, closing = _leaving(order, {}, listed, ())
    assert gone == (Removed("Gone", KEYS.public_key, ("n1",)),) and closing == ()


def test_while_a_server_is_away_it_is_closed_once(order: Order) -> None:
    listed = {"n1": frozenset({KEYS.public_key})}
    held = {KEYS.public_key: Held((), (decode(TREE.account_jwt(KEYS, "Gone", issued=NOW - 5)),))}
    gone, closing = _leaving(order, held, listed, ("n2",))
    assert [account.name for account in gone] == ["Gone"]
    assert closing[0].claims.issued == NOW and is_closed(closing[0].claims)
    held = {KEYS.public_key: Held((), (closing[0].claims,))}
    assert _leaving(order, held, listed, ("n2",)) == ((), ())


def test_servers_that_are_still_coming_hold_no_purged_account(order: Order) -> None:
    wanted = Wanted("TeamAlpha", decode(TREE.account_jwt(KEYS, "TeamAlpha")))
    coming = Order(Expected((), 0, ("n1",)), (wanted,), (GONE,), order.signer)
    found = foresee(coming)
    assert found.plan.reasons == ("TeamAlpha: n1 does not have it",) and found.deleted == ()
