# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb handshake: what is expected of each, and what is told when it is not so."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.aegis.nats.plugins.module_utils.node.verb_handshake import VERB
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.tls_server import Pki, listening


def call(pki: Pki, *listeners: dict[str, Any], check: bool = False, **params: Any) -> dict[str, Any]:
    """As the module is called: with the certificate of the host itself, unless it is told otherwise."""
    values = {
        "listeners": list(listeners),
        "ca": str(pki.folder / "ca.crt"),
        "certificate": pki.file("app"),
        "key": pki.file("app", "key"),
        "timeout": 5,
        **params,
    }
    checked = ArgumentSpecValidator(dict(VERB.argument_spec)).validate(values)
    assert not checked.error_messages, checked.error_messages
    return perform(VERB, checked.validated_parameters, Surroundings(check, datetime.now(timezone.utc), NoSeal()))


def at(port: int, **more: Any) -> dict[str, Any]:
    return {"name": f"the port {port}", "address": "127.0.0.1", "port": port, **more}


def client(pki: Pki, **more: Any) -> dict[str, Any]:
    """As the action delivers it."""
    contents = {what: Path(pki.file("app", what)).read_text() for what in ("crt", "key")}
    named = {"certificate": "only/on/the/controller", "key": "there/too"}
    return {"contents": {"certificate": contents["crt"], "key": contents["key"]}, **named, **more}


@pytest.mark.parametrize("check", [True, False])
def test_all_is_as_expected(ours: tuple[Pki, str], theirs: Pki, check: bool) -> None:
    pki, serial = ours
    everybody = [
        client(pki, name="the controller"),
        client(theirs, name="a stranger", allowed=False),
    ]
    with listening(pki) as one, listening(pki, greeting=b"") as two:
        # A serial in hexadecimal is a number: neither case nor leading zeros matter.
        listeners = [at(one, serial="00" + serial.lower()), at(two, kind="route")]
        result = call(pki, *listeners, clients=everybody, check=check)
    assert (result.get("failed"), result["changed"]) == (None, False)
    told = [(each["client"], each["ok"]) for each in result["handshakes"]]
    assert told == [("this host", True), ("the controller", True), ("a stranger", True)] * 2
    assert int(result["handshakes"][0]["serial"], 16) == int(serial, 16)
    assert result["handshakes"][2]["detail"].startswith("refused (")
    assert "PRIVATE" not in repr(result)


def test_everything_that_is_not_as_expected_is_told(ours: tuple[Pki, str], theirs: Pki) -> None:
    pki, serial = ours
    everybody = [client(pki, name="a friend", allowed=False), client(theirs, name="a stranger")]
    with listening(pki) as port:
        result = call(pki, at(port, serial="0A"), clients=everybody)
    assert result["failed"] and [each["ok"] for each in result["handshakes"]] == [False] * 3
    lines = result["msg"].splitlines()
    assert lines[0] == "3 of 3 handshakes are not as expected:"
    shown = result["handshakes"][0]["serial"]
    assert lines[1] == (
        f"  - the port {port}, as this host: it shows serial {shown}, and 0A was issued: it was not reloaded"
    )
    assert lines[2].startswith(f"  - the port {port}, as a friend: not refused: accepted: TLSv1.3, serial ")
    assert lines[3].startswith(f"  - the port {port}, as a stranger: ") and int(shown, 16) == int(serial, 16)


def test_who_must_be_refused_is_tried_where_certificates_are_wanted(ours: tuple[Pki, str], theirs: Pki) -> None:
    everybody = [client(ours[0], name="a friend"), client(theirs, name="a stranger", allowed=False)]
    with listening(ours[0]) as one, listening(ours[0]) as two:
        result = call(ours[0], at(one, verify=False), at(two), clients=everybody)
    assert [each["client"] for each in result["handshakes"]] == ["this host", "a friend"] * 2 + ["a stranger"]
    assert all(each["ok"] for each in result["handshakes"])


def test_nobody_at_home_proves_no_refusal(ours: tuple[Pki, str], theirs: Pki) -> None:
    with listening(ours[0]) as port:
        pass
    result = call(ours[0], at(port), clients=[client(theirs, name="a stranger", allowed=False)])
    assert [each["detail"] for each in result["handshakes"]] == [
        "nothing: Connection refused",
        "not refused: nothing: Connection refused",
    ]


def test_a_server_that_is_not_trusted_proves_no_refusal(ours: tuple[Pki, str], theirs: Pki) -> None:
    with listening(ours[0]) as port:
        result = call(theirs, at(port), clients=[client(theirs, name="a stranger", allowed=False)])
    assert [each["ok"] for each in result["handshakes"]] == [False, False]
    assert all("distrust: its certificate is not accepted" in each["detail"] for each in result["handshakes"])


def test_a_listener_that_pins_keys(ours: tuple[Pki, str], theirs: Pki) -> None:
    everybody = [
        client(ours[0], name="pinned", pinned=True),
        client(ours[0], name="not pinned"),
        client(theirs, name="a stranger", allowed=False),
    ]
    with listening(ours[0]) as one, listening(ours[0], greeting=b"") as two:
        listeners = [at(one, name="clients", pinned=True), at(two, name="routes", kind="route", pinned=True)]
        result = call(ours[0], *listeners, clients=everybody)
    assert [(each["listener"], each["client"]) for each in result["handshakes"]] == [
        ("clients", "pinned"),
        ("clients", "a stranger"),
        ("routes", "this host"),
        ("routes", "a stranger"),
    ]
    assert not result.get("failed")


def test_without_any_certificate(ours: tuple[Pki, str]) -> None:
    with listening(ours[0]) as port:
        result = call(ours[0], at(port), certificate=None, key=None)
    assert [each["client"] for each in result["handshakes"]] == ["a client without a certificate"]
    assert result["failed"]


def test_all_problems_at_once(ours: tuple[Pki, str], tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff")
    result = call(
        ours[0],
        at(0, serial="xyz"),
        ca=str(tmp_path / "absent"),
        key=str(tmp_path / "binary"),
        timeout=0,
        clients=[{"name": "a", "certificate": str(tmp_path / "gone"), "key": ours[0].file("app", "key")}],
    )
    assert [problem["path"] for problem in result["problems"]] == [
        "timeout",
        "listeners[0].serial",
        "listeners[0].port",
        "ca",
        "key",
        "clients[0].certificate",
    ]


def test_what_openssl_can_t_use_is_told_before_anything_is_tried(ours: tuple[Pki, str], theirs: Pki) -> None:
    result = call(ours[0], at(1), key=theirs.file("app", "key"))
    assert result["problems"] == [{"path": "certificate", "message": "of this host: key values mismatch"}]
    odd = client(ours[0], name="odd")
    odd["contents"]["key"] = "nonsense"
    assert call(ours[0], at(1), clients=[odd])["problems"][0]["path"] == "clients"
