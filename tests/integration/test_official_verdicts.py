# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official library, asked live: the 64 stored verdicts are its own and ours; tokens are the same to the byte."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust import keys, tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.judge import judge
from ansible_collections.aegis.nats.tests.official.official import ask, needs_judge
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import vectors

pytestmark = needs_judge

VERDICTS = vectors("jwt_validation_vectors.json")
POSITIVE = vectors("jwt_positive_vectors.json")


def we_refuse(token: str) -> bool:
    try:
        return len(judge(tokens.read(token))) > 0
    except tokens.TokenProblem:
        return True


def test_the_library_stands_by_every_stored_verdict_and_so_do_we() -> None:
    assert len(VERDICTS) == 64
    answers = ask({"token": each["token"]} for each in VERDICTS)
    for vector, answer in zip(VERDICTS, answers):
        blocking = [issue["description"] for issue in vector["issues"] if issue["blocking"]]
        assert answer.get("error", "") == vector["decode_error"], vector["name"]
        assert sorted(answer.get("blocking", [])) == sorted(blocking), vector["name"]
        assert we_refuse(vector["token"]) == bool(answer.get("error") or blocking), vector["name"]


@pytest.mark.parametrize("vector", POSITIVE, ids=lambda vector: vector["name"])
def test_both_make_the_same_bytes(vector: dict[str, Any]) -> None:
    """The library would write the stored token again; what it signs anew from it, we sign byte for byte as well."""
    payload = json.loads(vector["payload_json"])
    kind = "token" if "type" in payload["nats"] else "generic"
    seen, anew = ask([{kind: vector["token"]}, {"payload": payload, "seed": vector["issuer_seed"]}])
    assert seen["same_bytes"] is True
    pair = keys.from_seed(vector["issuer_seed"])
    claims = {name: value for name, value in payload.items() if name not in ("iss", "jti")}
    assert tokens.sign(claims, pair).text == vector["token"]
    issued = tokens.read(anew["token"])
    assert issued.issued_at > vector["iat"]
    assert tokens.sign({**claims, "iat": issued.issued_at}, pair).text == anew["token"]
