# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator's keys sign in a push."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import InputError, StoreError
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.plugins.module_utils.resolver.claims import AccountClaims, decode
from ansible_collections.aegis.nats.plugins.module_utils.resolver.plan import Held, Wanted
from ansible_collections.aegis.nats.plugins.module_utils.resolver.signer import Signer, is_closed
from ansible_collections.aegis.nats.plugins.module_utils.trust import tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import KeyPair, Role
from ansible_collections.aegis.nats.plugins.module_utils.trust.store import account_path, operator_path, seed_path
from ansible_collections.aegis.nats.tests.integration.live_cluster import Tree, new_key

TREE, KEYS, NOW = Tree(), new_key(Role.ACCOUNT), 2_000_000_000
USER, OTHER = new_key(Role.USER).public_key, new_key(Role.USER).public_key


def account(issued: int, tree: Tree = TREE, **claims: Any) -> AccountClaims:
    return decode(tree.account_jwt(KEYS, "TeamAlpha", issued=issued, **claims))


def signer(root: Path, *pairs: KeyPair) -> Signer:
    for pair in pairs:
        path = root / seed_path(pair.public_key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pair.seed)
    return Signer(Folder(str(root), NoSeal()), (TREE.operator.public_key, TREE.signing.public_key), NOW)


def test_a_signing_key_comes_before_the_identity(tmp_path: Path) -> None:
    both = signer(tmp_path, TREE.operator, TREE.signing)
    assert [pair.public_key for pair in both.pairs] == [TREE.signing.public_key, TREE.operator.public_key]


def test_without_a_seed_it_is_said_what_for(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"path: {tmp_path} holds no seed of operator_keys: deleting needs"):
        signer(tmp_path).require("deleting")
    with pytest.raises(InputError, match="path: is not given: deleting needs"):
        Signer(None, (TREE.signing.public_key,), NOW).require("deleting")


@pytest.mark.parametrize("held", [NOW - 10, NOW, NOW + 1000])
def test_it_is_issued_later_than_all_that_is_held(tmp_path: Path, held: int) -> None:
    wanted = Wanted("TeamAlpha", account(NOW - 10, limits={"conn": 5}))
    found = signer(tmp_path, TREE.signing).outrun(wanted, Held((), (account(held), account(NOW - 100))))
    assert found.claims.issued == max(NOW, held + 1)
    assert found.claims.says_the_same(wanted.claims) and found.instead_of == wanted.claims
    tokens.read(found.claims.token)


def test_revocations_of_the_operator_s_own_keys_stay_and_no_others(tmp_path: Path) -> None:
    wanted = Wanted("TeamAlpha", account(NOW - 10, revocations={USER: 7}))
    held = Held(
        (),
        (
            account(NOW - 5, revocations={USER: 9, OTHER: 5}),
            account(NOW - 5, Tree(), revocations={"*": NOW}),
            account(NOW - 500, revocations={new_key(Role.USER).public_key: 3}),
        ),
    )
    found = signer(tmp_path, TREE.signing).outrun(wanted, held)
    assert found.claims.body["nats"]["revocations"] == {USER: 9, OTHER: 5}
    assert found.revocations_kept == 1


def test_a_closed_account_lets_nobody_in(tmp_path: Path) -> None:
    held = Held((), (account(NOW + 50, exports=[{"name": "x", "subject": "x", "type": "service"}]), account(1)))
    found = signer(tmp_path, TREE.signing).close("TeamAlpha", held)
    assert found.claims.issued == NOW + 51 and is_closed(found.claims)
    assert found.claims.body["nats"]["revocations"] == {"*": NOW + 50}
    assert found.claims.body["nats"]["exports"] == held.copies[0].body["nats"]["exports"]
    assert not any(is_closed(copy) for copy in held.copies)


def test_a_deletion_is_signed_by_its_own_subject(tmp_path: Path) -> None:
    token = tokens.read(signer(tmp_path).deletion(TREE.signing, [KEYS.public_key]).decode())
    assert token.subject == token.issuer == TREE.signing.public_key and token.kind == "generic"
    assert token.nats["accounts"] == [KEYS.public_key]


def test_the_store_is_changed_where_it_holds_what_was_outrun(tmp_path: Path) -> None:
    held = Wanted("TeamAlpha", account(NOW - 10))
    own = signer(tmp_path, TREE.signing)
    found = own.outrun(held, Held((), (account(NOW, limits={"conn": 1}),)))
    with pytest.raises(StoreError, match="does not hold the JWT of TeamAlpha"):
        own.keep([found])
    for path, content in ((operator_path("Acme"), TREE.operator_jwt()), (account_path("Acme", "TeamAlpha"), held)):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content if isinstance(content, str) else content.claims.token)
    own.keep([found])
    assert (tmp_path / account_path("Acme", "TeamAlpha")).read_text() == found.claims.token


def test_once_more_says_the_same_a_second_later(tmp_path: Path) -> None:
    wanted = Wanted("SYS", account(NOW - 10), system=True)
    again = signer(tmp_path, TREE.operator, TREE.signing).once_more(wanted)
    assert again.claims.issued == NOW - 9 and again.claims.says_the_same(wanted.claims)
    assert again.claims.issuer == wanted.claims.issuer and again.instead_of is None
    tokens.read(again.claims.token)


def test_what_was_deleted_is_issued_later_than_it_was(tmp_path: Path) -> None:
    wanted = Wanted("TeamAlpha", account(NOW + 5))
    found = signer(tmp_path, TREE.signing).outrun(wanted, Held(("n1", "n2")))
    assert found.claims.issued == NOW + 6 and found.claims.says_the_same(wanted.claims)
