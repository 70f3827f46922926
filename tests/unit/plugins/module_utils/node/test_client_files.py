# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.client_files import (
    RECORD,
    Delivery,
    Step,
    carry_out,
    conclude,
    context,
    digest,
    environment,
    pictures,
    plan,
    wanted_files,
)
from ansible_collections.aegis.nats.plugins.module_utils.node.files import Ownership
from ansible_collections.aegis.nats.plugins.module_utils.node.private_folder import PrivateFolder
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import NatsError

CONTENTS = {"ca": b"ca", "certificate": b"crt", "key": b"the key", "creds": b"the creds"}


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    servers = ("tls://n1:4222", "tls://n2:4222")
    return Delivery("orders", PrivateFolder(tmp_path / "orders", Ownership()), True, servers, "words", CONTENTS)


def deliver(delivery: Delivery) -> Step:
    step = plan(delivery)
    carry_out(step)
    conclude(step)
    return step


def test_the_environment_is_read_by_a_shell(delivery: Delivery, tmp_path: Path) -> None:
    place = tmp_path / "env"
    place.write_bytes(environment(delivery))
    names = "$NATS_URL $NATS_CA $NATS_CERT $NATS_KEY $NATS_CREDS$NATS_NKEY"
    said = subprocess.run(["sh", "-c", f". {place}; echo {names}"], capture_output=True, text=True, check=True)
    root = delivery.folder.root
    files = [str(root / name) for name in ("ca.crt", "client.crt", "client.key", "user.creds")]
    assert said.stdout.split() == ["tls://n1:4222,tls://n2:4222", *files]


def test_the_context_names_the_files(delivery: Delivery) -> None:
    found = json.loads(context(replace(delivery, contents={"nkey": b"seed"})))
    nkey = str(delivery.folder.root / "user.nk")
    assert found == {"description": "words", "url": "tls://n1:4222,tls://n2:4222", "nkey": nkey}
    assert set(json.loads(context(delivery))) == {"description", "url", "ca", "cert", "key", "creds"}


def test_where_replies_are_heard_is_told_where_it_is_not_usual(delivery: Delivery) -> None:
    assert b"INBOX" not in environment(delivery)
    own = replace(delivery, inbox_prefix="_INBOX_orders")
    assert environment(own).endswith(b"\nNATS_INBOX_PREFIX=_INBOX_orders\n")
    assert json.loads(context(own))["inbox_prefix"] == "_INBOX_orders"


def test_first_again_and_changed(delivery: Delivery) -> None:
    first = deliver(delivery)
    assert first.changed and first.untold
    assert next(iter(first.files)) == "client.key"
    assert f"orders: {delivery.folder.root}: is not there" in first.reasons
    again = plan(delivery)
    assert not again.changed and not again.reasons
    changed = deliver(replace(delivery, contents={**CONTENTS, "creds": b"others"}))
    assert changed.reasons == ("orders: user.creds: content differs",)
    assert changed.untold
    described = deliver(replace(delivery, contents={**CONTENTS, "creds": b"others"}, description="new words"))
    assert list(described.files) == ["nats/context/orders.json"]
    assert not described.untold, "no service reads the context"


def test_a_run_that_ended_before_services_were_told(delivery: Delivery) -> None:
    carry_out(plan(delivery))
    step = plan(delivery)
    assert step.untold and not step.files
    conclude(step)
    assert not plan(delivery).changed


def test_another_way_to_log_in(delivery: Delivery) -> None:
    deliver(delivery)
    step = deliver(replace(delivery, contents={"nkey": b"seed"}))
    assert set(step.removed) == {"client.key", "client.crt", "ca.crt", "user.creds"}
    assert not (delivery.folder.root / "user.creds").exists()
    assert (delivery.folder.root / "user.nk").read_bytes() == b"seed"


def test_absent(delivery: Delivery) -> None:
    gone = replace(delivery, present=False)
    assert not plan(gone).changed
    deliver(delivery)
    step = deliver(gone)
    assert step.changed and "user.creds" in step.reasons[0]
    assert not delivery.folder.root.exists()


def test_absent_leaves_what_is_of_others(delivery: Delivery) -> None:
    deliver(delivery)
    (delivery.folder.root / "notes").write_text("mine")
    deliver(replace(delivery, present=False))
    assert [place.name for place in delivery.folder.root.iterdir()] == ["notes"]


def test_a_folder_of_others_is_not_taken(delivery: Delivery) -> None:
    delivery.folder.root.mkdir()
    (delivery.folder.root / "passwd").write_text("root")
    with pytest.raises(NatsError, match=r"has other files in it \(passwd\): give orders a folder of its own"):
        plan(delivery)
    (delivery.folder.root / "passwd").unlink()
    assert plan(delivery).changed


def test_a_first_run_that_was_killed_is_continued(delivery: Delivery) -> None:
    step = plan(delivery)
    carry_out(replace(step, files={"client.key": b"the key"}))
    assert delivery.folder.read(RECORD) == b""
    assert "client.key" not in plan(delivery).files
    deliver(delivery)
    assert not plan(delivery).changed


def test_no_secret_is_pictured(delivery: Delivery) -> None:
    shown = str(pictures([plan(delivery)])) + repr(plan(delivery)) + repr(delivery)
    assert "the key" not in shown and "the creds" not in shown and "NATS_URL=tls://n1:4222" in shown
    deliver(delivery)
    before, after = pictures([plan(replace(delivery, contents={**CONTENTS, "creds": b"others"}))])
    place = f"{delivery.folder.root}/user.creds"
    assert (before, after) == ({place: "other content"}, {place: "new content"})


def test_the_digest_is_of_what_is_read(delivery: Delivery) -> None:
    files = wanted_files(delivery)
    assert digest(files) == digest({**files, "nats/context/orders.json": b"other"})
    assert digest(files) != digest({**files, "ca.crt": b"other"})
    assert digest({"a": b"bc"}) != digest({"ab": b"c"})
