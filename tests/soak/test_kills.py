# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 of a deploy at random moments: the next run ends well, no key is lost or made twice, nothing is in clear."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate, good, put, wait_until
from ansible_collections.aegis.nats.tests.soak.killing import (
    keys_of,
    kill_after,
    left_over,
    moments,
    orphans,
)
from ansible_collections.aegis.nats.tests.soak.plaintext import Knocking
from cryptography import x509

KILLS = 20


def client_ports(estate: Estate) -> list[int]:
    return [*estate.ports["client"], *estate.ports["cluster"]]


def assert_ends_well(estate: Estate, name: str = "") -> None:
    """The run after a killed one ends as if nothing had been, with the keys that were there.

    name: is to be in the servers' certificates; those that lack it yet are due, and get new keys.
    """
    due = {path for path in keys_of(estate) if path.endswith("/server.key") and name not in names_of(estate, path)}
    kept = {path: content for path, content in keys_of(estate).items() if path not in due}
    run = estate.deploy()
    good(run)
    now = keys_of(estate)
    lost = [path for path, content in kept.items() if now.get(path) != content]
    assert not lost, f"another key now, or none: {lost}"
    assert not orphans(estate)
    assert not left_over(estate)
    assert len(estate.processes()) == len(estate.nodes)


def names_of(estate: Estate, key: str) -> str:
    """The names in the certificate beside a key."""
    place = (estate.root / "nats" / key).with_suffix(".crt")
    if not place.exists():
        return ""
    found = x509.load_pem_x509_certificate(place.read_bytes()).extensions
    names = found.get_extension_for_class(x509.SubjectAlternativeName).value
    return " ".join(names.get_values_for_type(x509.DNSName))


@pytest.fixture(scope="module")
def fresh_seconds(tmp_path_factory: pytest.TempPathFactory, binary: str) -> float:
    """How long a whole deploy takes on this machine."""
    estate = Estate(tmp_path_factory.mktemp("measure") / "estate", binary)
    try:
        run = estate.deploy()
        good(run)
        return run.seconds
    finally:
        estate.close()


@pytest.mark.parametrize("number", range(KILLS))
def test_killed_at_first(tmp_path: Path, binary: str, fresh_seconds: float, number: int) -> None:
    seconds = moments("at first", fresh_seconds, KILLS)[number]
    estate = Estate(tmp_path / "estate", binary)
    try:
        with Knocking(client_ports(estate)) as knocking:
            killed = kill_after(estate, seconds, whole_tree=number % 2 == 0)
            print(f"killed after {seconds:.1f} s of {fresh_seconds:.1f} s: {killed}, {len(keys_of(estate))} keys")
            assert_ends_well(estate)
        assert knocking.heard > 0
        assert not knocking.found
    finally:
        estate.close()


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory, binary: str) -> Iterator[tuple[Estate, float]]:
    """A cluster that runs, and how long a run takes that changes tree, certificates and what needs a restart."""
    estate = Estate(tmp_path_factory.mktemp("changing") / "estate", binary)
    try:
        assert estate.deploy().code == 0
        change(estate, KILLS)
        run = estate.deploy()
        good(run)
        yield estate, run.seconds
    finally:
        estate.close()


def change(estate: Estate, number: int) -> None:
    """Another user, other limits, another name in the certificates, a setting that needs restarts."""
    put(estate.settings, "nats_trust_accounts[1].users[+]", {"name": f"user-{number}"})
    put(estate.settings, "nats_trust_accounts[1].limits.connections", 100 + number)
    estate.settings["nats_pki_names"] = ["localhost", f"nats-{number}.example.com"]
    estate.settings["nats_server_max_pending"] = f"{64 + number}MiB"


@pytest.mark.parametrize("number", range(KILLS))
def test_killed_while_changing(changing: tuple[Estate, float], number: int) -> None:
    estate, duration = changing
    seconds = moments("while changing", duration, KILLS)[number]
    change(estate, number)
    with Knocking(client_ports(estate)) as knocking:
        killed = kill_after(estate, seconds, whole_tree=number % 2 == 0)
        alive = len(estate.processes())
        print(f"killed after {seconds:.1f} s of {duration:.1f} s: {killed}, {alive} servers run")
        assert alive >= len(estate.nodes) - 1
        assert_ends_well(estate, f"nats-{number}.example.com")
    assert knocking.heard > 0
    assert not knocking.found


def test_the_knocking_hears_who_serves_in_clear(tmp_path: Path, binary: str) -> None:
    """The control: a server without TLS is found."""
    estate = Estate(tmp_path / "estate", binary, nodes=("n1",))
    estate.settings.update(nats_server_tls=False, nats_server_cluster=False)
    try:
        run = estate.deploy()
        good(run)
        with Knocking(estate.ports["client"]) as knocking:
            assert wait_until(lambda: knocking.heard > 2, 10)
        assert knocking.found == {f"port {estate.ports['client'][0]} does not ask for TLS"}
    finally:
        estate.close()
