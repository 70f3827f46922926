# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request reads as it was written, or not at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust import operator_request, tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.issue import issue
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.plugins.module_utils.trust.operator_request import Request, RequestProblem, faults
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import key

ROOT, HELD, NEW = (key(Role.OPERATOR, number) for number in range(3))
NOW = 1_800_000_000


def request(**nats: Any) -> Request:
    held = {"type": "operator", "version": 2, "signing_keys": [HELD.public_key]}
    replaces = tokens.sign({"iat": NOW, "name": "Acme", "sub": ROOT.public_key, "nats": held}, ROOT)
    wanted = {**held, "signing_keys": [HELD.public_key, NEW.public_key], **nats}
    wish = operator_request.operator_wish(ROOT.public_key, "Acme", wanted, None, None)
    return Request(replaces, wish, ("a key",))


def test_reads_as_written() -> None:
    asked = request(tags=["x"])
    found = operator_request.read(asked.written())
    assert found.written() == asked.written()
    assert (found.digest, found.signer, found.changes) == (asked.digest, ROOT.public_key, ("a key",))
    assert found.new_keys == (NEW.public_key,)


def test_the_digest_is_of_what_is_signed_and_not_of_the_words() -> None:
    asked = request()
    assert Request(asked.replaces, asked.wish, ("other words",)).digest == asked.digest
    assert request(tags=["x"]).digest != asked.digest


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"form": "x"}, "its form is not"),
        ({"more": 1}, "not as it was written: more"),
        ({"claims": {"type": "operator", "version": 2, "tags": ["y"]}}, "its digest is another"),
        ({"claims": {"type": "account"}}, "not about the token of an operator"),
        ({"claims": []}, "not about the token of an operator"),
        ({"replaces": "x.y.z"}, "the token that it replaces: "),
        ({"signer": NEW.public_key}, "it wants the signature of"),
        ({"lifetime": "long"}, "no number of seconds"),
        ({"lifetime": -1}, "no number of seconds"),
        ({"name": "Other"}, "its digest is another"),
    ],
)
def test_what_is_not_as_it_was_written_is_refused(change: dict[str, Any], says: str) -> None:
    content = {**json.loads(request().written()), **change}
    with pytest.raises(RequestProblem, match=says):
        operator_request.read(json.dumps(content).encode())


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b"nonsense", request().written()[:-40]])
def test_what_is_no_request_is_refused(content: bytes) -> None:
    with pytest.raises(RequestProblem, match="it is no request"):
        operator_request.read(content)


def test_only_the_root_keys_answer_is_one() -> None:
    asked = request()
    answer = issue(asked.replaces, asked.wish, NOW, ROOT)
    assert answer.issued_at > asked.replaces.issued_at
    assert faults(answer.text.encode(), asked, NOW) == []
    by_another = issue(asked.replaces, asked.wish, NOW, HELD)
    assert faults(by_another.text.encode(), asked, NOW) == [
        f"it is signed by {HELD.public_key}, expected the identity key {ROOT.public_key}"
    ]
    assert faults(answer.text.encode(), request(tags=["x"]), NOW) == [
        'what is wanted now differs from it: tags adds "x"'
    ]
