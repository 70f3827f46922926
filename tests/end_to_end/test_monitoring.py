# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster that is watched from end to end: what happens on a host fires the right alert, and nothing else does."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate, deployed_estate, good, wait_until
from ansible_collections.aegis.nats.tests.end_to_end.watched import Watched, needs_prometheus, program

pytestmark = needs_prometheus
AUDIT = "aegis.nats.audit"
#: In which an alert has to fire.
SECONDS = 30.0


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, binary: str) -> Iterator[Watched]:
    with deployed_estate(tmp_path_factory.mktemp("monitoring") / "estate", binary) as estate:
        made = Watched(estate)
        try:
            yield made
        finally:
            made.close()


def fires(watched: Watched, alert: str, host: str, cause: Callable[[], object]) -> float:
    """Seconds from the cause until the alert fires with the host's label."""
    assert (alert, host) not in watched.firing()
    cause()
    started = time.monotonic()
    assert wait_until(lambda: (alert, host) in watched.firing(), SECONDS), (watched.firing(), watched.logs())
    seconds = time.monotonic() - started
    for each in watched.ask("alerts")["alerts"]:
        assert not re.search(r"<no value>|<error|%!| host {2}", " ".join(each["annotations"].values())), each
    return seconds


def reissued(watched: Watched, node: str, days: int) -> None:
    """A deploy that makes the certificates of one host anew, which then end after some days. The role does not run."""
    for place in (watched.estate.root / "nats/pki/issued" / node).glob("*.crt"):
        place.unlink()
    watched.estate.settings["nats_pki_leaf_days"] = days
    good(watched.estate.deploy())


def quiet(watched: Watched, seconds: float = 45.0) -> None:
    """Nothing fires any more."""
    assert wait_until(lambda: not watched.firing(), seconds), watched.firing()


def test_a_check_says_what_a_run_does_and_changes_nothing(watched: Watched) -> None:
    before = watched.estate.snapshot("nodes", "nats")
    said = good(watched.run("--check"))
    assert watched.estate.snapshot("nodes", "nats") == before and watched.processes() == []
    done = good(watched.run())
    assert sorted(set(said.changes)) == sorted(set(done.changes))
    running = watched.processes()
    assert len(running) == 2 * len(watched.estate.nodes)
    again = good(watched.run())
    assert again.changes == [] and watched.processes() == running


def test_what_was_changed_is_brought_and_started_anew(watched: Watched) -> None:
    before = watched.processes()
    watched.estate.hosts["n2"]["nats_monitoring_exporter_jetstream"] = "streams"
    try:
        run = good(watched.run())
    finally:
        del watched.estate.hosts["n2"]["nats_monitoring_exporter_jetstream"]
    assert run.changes == [("n2", "Have the exporter run without a service manager")]
    assert len(set(before) - set(watched.processes())) == 1
    good(watched.run())


def test_nothing_fires_in_a_healthy_cluster(watched: Watched) -> None:
    # Before the first audit there is one alert, which is right.
    watched.watch()
    assert wait_until(lambda: watched.firing() == {("NatsAuditOld", "")}, SECONDS), watched.firing()
    good(watched.estate.deploy(playbook=AUDIT))
    good(watched.run())
    quiet(watched)
    end = time.monotonic() + 12
    while time.monotonic() < end:
        assert watched.firing() == set()
        time.sleep(1)
    assert {each["metric"]["why"] for each in watched.query("nats_config_drift")} == {
        "changed_on_disk",
        "not_loaded",
        "not_deployed",
    }


def test_what_prometheus_has_is_what_the_certificates_say(watched: Watched) -> None:
    for each in watched.query("nats_certificate_not_after_seconds"):
        path, host = each["metric"]["path"], each["metric"]["host"]
        assert f"/nodes/{host}/" in path
        said = subprocess.run(
            ["openssl", "x509", "-enddate", "-noout", "-dateopt", "iso_8601", "-in", path],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        told = time.strftime("notAfter=%Y-%m-%d %H:%M:%SZ", time.gmtime(float(each["value"][1])))
        assert said == told


def test_what_anybody_may_read_has_no_secret(watched: Watched) -> None:
    for place in watched.estate.root.glob("nodes/*/textfile/*"):
        assert place.stat().st_mode & 0o777 == 0o644
        assert not re.search(r"\bS[OAUNCX][A-Z2-7]{40}|eyJ|PRIVATE|\$2a\$", place.read_text())


def test_a_certificate_with_five_days_left(watched: Watched) -> None:
    seconds = fires(watched, "NatsCertificateEndsNow", "n2", lambda: reissued(watched, "n2", 5))
    assert {host for name, host in watched.firing() if name.startswith("NatsCertificate")} == {"n2"}
    print(f"a certificate with five days left: {seconds:.1f} s")
    reissued(watched, "n2", 365)
    quiet(watched)


def test_a_file_that_somebody_changed(watched: Watched) -> None:
    place = (watched.estate.root / "nodes/n1/etc/current/nats-server.conf").resolve()
    content = place.read_bytes()
    fires(watched, "NatsConfigDrift", "n1", lambda: place.write_bytes(content + b"# by hand\n"))
    assert watched.firing() == {("NatsConfigDrift", "n1")}
    good(watched.estate.deploy())
    quiet(watched)


def test_a_server_that_is_stopped_and_a_cluster_without_its_majority(watched: Watched) -> None:
    def stop(node: str) -> None:
        pid = next(pid for pid, words in watched.estate.processes().items() if f"/{node}/" in words)
        os.kill(pid, signal.SIGKILL)

    seconds = fires(watched, "NatsServerLost", "n3", lambda: stop("n3"))
    print(f"a stopped server: {seconds:.1f} s")
    time.sleep(5)
    assert watched.firing() == {("NatsServerLost", "n3")}
    fires(watched, "NatsQuorumLost", "", lambda: stop("n2"))
    wanted = {("NatsServerLost", "n2"), ("NatsMetaLeaderLost", "n1"), ("NatsServerUnhealthy", "n1")}
    assert wait_until(lambda: wanted <= watched.firing(), SECONDS), watched.firing()
    good(watched.estate.deploy())
    quiet(watched)


def test_an_exporter_that_is_lost(watched: Watched) -> None:
    record = watched.estate.root / "nodes/n1/run/nats-exporter.json"
    pid = json.loads(record.read_text())["pid"]
    fires(watched, "NatsExporterLost", "n1", lambda: os.kill(pid, signal.SIGKILL))
    assert good(watched.run()).changes == [("n1", "Have the exporter run without a service manager")]
    quiet(watched)


def test_targets_of_a_host_that_left_are_asked_no_more(watched: Watched) -> None:
    estate, targets = watched.estate, watched.estate.root / "nats/monitoring/targets"
    kept = estate.hosts.pop("n3")
    try:
        good(watched.run())
        assert sorted(place.name for place in targets.iterdir()) == [
            f"{job}-{host}.json" for job in ("exporter", "host") for host in ("n1", "n2")
        ]
    finally:
        estate.hosts["n3"] = kept
    good(watched.run("--limit", "n3"))
    assert len(list(targets.iterdir())) == 6


def test_a_prometheus_beside_each_server_has_its_own_targets(watched: Watched) -> None:
    estate = watched.estate
    beside = {"nats_monitoring_prometheus": "hosts", "nats_monitoring_prometheus_dir": "{{ quickstart_node_dir }}/prom"}
    before = dict(estate.settings)
    estate.settings.update(beside)
    try:
        good(watched.run())
    finally:
        estate.settings = before
    for node in estate.nodes:
        place = estate.root / "nodes" / node / "prom"
        assert sorted(each.name for each in (place / "targets").iterdir()) == [
            f"exporter-{node}.json",
            f"host-{node}.json",
        ]
        said = subprocess.run(
            [program("PROMTOOL"), "check", "config", str(place / "prometheus.yml")],
            capture_output=True,
            text=True,
            check=False,
        )
        assert said.returncode == 0, said.stdout + said.stderr
        assert "scrape_configs" in (place / "scrape.yml").read_text()


def test_a_host_of_applications_tells_what_its_creds_say(watched: Watched) -> None:
    estate = watched.estate
    place = estate.root / "nodes/app-1"
    user = estate.settings["nats_trust_accounts"][1]["users"][0]
    user["expires"] = "20d"
    application = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "nats_client_folder": f"{place}/clients",
        "nats_client_become": False,
        "nats_client_applications": [{"name": "partner", "account": "ExternalPartner", "user": "gateway"}],
        "nats_monitoring_service_manager": "process",
        "nats_monitoring_run_dir": f"{place}/run",
        "nats_monitoring_log_dir": f"{place}/log",
        "nats_monitoring_library_dir": f"{place}/lib",
        "nats_monitoring_config_dir": f"{place}/monitoring",
        "nats_monitoring_textfile_dir": f"{place}/textfile",
        "nats_monitoring_python": sys.executable,
        "nats_monitoring_scrape_address": "127.0.0.1",
        "nats_monitoring_prometheus": "central",
        "nats_monitoring_scrape_host_metrics": False,
    }
    estate.groups = {"nats_clients": {"hosts": {"app-1": application}}}
    try:
        good(estate.deploy())
        good(estate.deploy(playbook="aegis.nats.clients"))
        fires(watched, "NatsJwtEnds", "", lambda: good(watched.run()))
        assert watched.firing() == {("NatsJwtEnds", "")}
        told = place / "textfile/nats.prom"
        assert wait_until(told.exists, SECONDS)
        creds = next(line for line in told.read_text().splitlines() if line.startswith("nats_creds_not_after_seconds"))
        assert f'name="gateway",path="{place}/clients/partner/user.creds"' in creds
        assert 19.9 < (float(creds.split()[-1]) - time.time()) / 86400 < 20.1
        purposes = re.findall(r'clients/partner/(\w+)\.crt",purpose="\1"', told.read_text())
        assert purposes == ["ca", "client"]
        assert len(watched.processes()) == 2 * len(estate.nodes) + 1
    finally:
        estate.groups = {}
        del user["expires"]


def test_the_dashboard_asks_for_what_there_is(watched: Watched) -> None:
    """Each question is answered with data by the healthy cluster, but for what only an agent tells, or only trouble."""
    board = json.loads((watched.estate.root / "nats/monitoring/nats_dashboard.json").read_text())
    expressions = [(panel["title"], target["expr"]) for panel in board["panels"] for target in panel.get("targets", [])]
    assert len(expressions) > 12
    silent = []
    for title, expression in expressions:
        asked = expression.replace("$cluster", "quickstart").replace("$host", ".+").replace("$__rate_interval", "15s")
        if not watched.query(asked):
            silent.append(title)
    assert silent == ["Security events"]


@pytest.mark.parametrize("name", ["alertmanager.yml"])
def test_the_example_for_alertmanager(watched: Watched, name: str) -> None:
    place = watched.estate.root / "nats/monitoring" / name
    subprocess.run([program("AMTOOL"), "check-config", str(place)], check=True, capture_output=True)


def test_everything_wrong_is_said_before_a_host_is_touched(tmp_path: Path, binary: str) -> None:
    estate = Estate(tmp_path / "estate", binary)
    watched = Watched(estate)
    estate.settings.update(
        nats_monitoring_exporter_host="0.0.0.0",
        nats_monitoring_exporter_key="/k",
        nats_monitoring_exporter_password_hash="secret",
        nats_monitoring_scrape_interval="often",
    )
    before = estate.snapshot()
    run = watched.run()
    assert run.code != 0 and estate.snapshot() == before
    for words in (
        "nats_monitoring_exporter_certificate: is empty, and there is a key",
        "nats_monitoring_exporter_password_hash: is no bcrypt hash",
        "nats_monitoring_exporter_host: '0.0.0.0' is no loopback address",
        "nats_monitoring_scrape_interval: 'often' is no duration",
        "nats_monitoring_scrape_password_file: is empty",
    ):
        assert words in run.text, run.told
