# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private keys that live on their hosts, later: kept, removed, touched by hand, killed while they are made, stolen.

The tests of this file run in their order, on a cluster that began with such keys.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate, wait_until
from ansible_collections.aegis.nats.tests.end_to_end.host_keys import (
    MAKE,
    current_key,
    deployed,
    in_use,
    issued,
    keys,
    kill_all,
)
from ansible_collections.aegis.nats.tests.end_to_end.staying import served
from ansible_collections.aegis.nats.tests.end_to_end.test_check_mode import check_then_run

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory, binary: str) -> Iterator[Estate]:
    """A cluster whose hosts make their keys from the first run on."""
    made = Estate(tmp_path_factory.mktemp("host-keys-later") / "estate", binary)
    made.settings["nats_pki_keys"] = "host"
    try:
        deployed(made)
        assert not list((made.root / "nats/pki/issued").glob("n*/*.key"))
        yield made
    finally:
        made.close()


def test_a_key_may_stay(later: Estate) -> None:
    """Another name in the certificates: their keys are those from before, check mode agrees."""
    later.settings.update(nats_pki_rotate_keys=False, nats_pki_names=["localhost", "nats.example.com"])
    was, serials = in_use(later), issued(later)
    changes = check_then_run(later)
    assert changes["n1", MAKE] == [["key server: its request is for other names"]]
    assert in_use(later) == was
    now = issued(later)
    assert {name for name in now if now[name] != serials[name]} == {"n1/server", "n2/server", "n3/server"}


def test_keys_that_no_release_names_any_more_go(later: Estate) -> None:
    later.settings.update(nats_server_keep_releases=0, nats_server_max_payload="2MiB")
    deployed(later)
    assert len(keys(later)) == 6
    assert [f"server-{digest}" for digest in in_use(later)] == [key.parent.name for key in keys(later, name="server")]


def test_a_mode_and_a_key_that_somebody_touched(later: Estate) -> None:
    route, server = keys(later, "n1", "route")[0], keys(later, "n2", "server")[0]
    route.chmod(0o644)
    server.unlink()
    changes = check_then_run(later)
    assert changes["n1", MAKE] == [["key route: mode 0644 becomes 0600"]]
    assert changes["n2", MAKE] == [["key server: none is on this host"]]
    assert ("n3", MAKE) not in changes
    assert [f"server-{digest}" for digest in in_use(later)] == [key.parent.name for key in keys(later, name="server")]


def test_killed_while_keys_are_made(later: Estate) -> None:
    """RSA keys take their time: the run dies when the first of them is on its way."""
    later.settings.update(nats_pki_leaf_key_type="rsa-4096")
    was = in_use(later)
    run = later.start()
    try:
        assert wait_until(lambda: bool(list(later.root.glob("nodes/*/etc/keys/.new-*"))), 120)
    finally:
        kill_all(run.pid)
        run.communicate()
    assert in_use(later) == was
    assert list(later.root.glob("nodes/*/etc/keys/.new-*")), "it was killed too late"
    deployed(later)
    assert not list(later.root.glob("nodes/*/etc/keys/.new-*"))
    assert not set(in_use(later)) & set(was)
    assert all(served(later, number).public_key().key_size == 4096 for number in range(3))
    assert deployed(later).changes == []


def test_another_host_s_request_is_refused(later: Estate) -> None:
    """A host that hands over the key of another: nothing is issued, and it is said whose it is."""
    later.settings.update(nats_pki_rotate_keys=True)
    own, other = current_key(later, "n1", "route").parent, current_key(later, "n2", "route").parent
    own.rename(own.parent.parent / "aside")
    copy = own.parent / other.name
    copy.mkdir(mode=0o700)
    for name in ("tls.key", "tls.csr"):
        (copy / name).write_bytes((other / name).read_bytes())
        (copy / name).chmod(0o600)
    before = issued(later)
    run = later.deploy()
    assert run.code != 0
    assert "n1/route: its request carries the key of n2/route" in run.text, run.output
    assert issued(later) == before
