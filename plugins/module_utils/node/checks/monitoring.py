# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the settings of the role nats_monitoring on one host."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ...plan.problems import Problems
from ..keys.der import read_certificate
from .limits import is_loopback

METRICS = (
    "varz",
    "healthz",
    "connz",
    "connz_detailed",
    "routez",
    "subz",
    "accstatz",
    "accountz",
    "gatewayz",
    "leafz",
)
_JETSTREAM = ("", "all", "streams", "accounts", "consumers")
#: The sorts of bcrypt that differ in nothing but their name; the exporter knows the first, and the role writes that.
_BCRYPT = re.compile(r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}\Z")
_DURATION = re.compile(r"(\d+(ms|[smhdwy]))+\Z|0\Z")


def monitoring_problems(values: Mapping[str, Any]) -> list[str]:
    """Every problem, with the variable's name."""
    found = Problems()
    _choice(found, values, "service_manager", ("systemd", "process"))
    _choice(found, values, "prometheus", ("central", "hosts", "none"))
    for name in ("scrape_interval", "alert_for"):
        if not _DURATION.match(str(values[name])):
            found.add(
                f"nats_monitoring_{name}", f"{values[name]!r} is no duration of Prometheus: write one such as 15s"
            )
    if not str(values["expiry_interval"]).isdigit() or int(values["expiry_interval"]) == 0:
        found.add("nats_monitoring_expiry_interval", f"{values['expiry_interval']!r} is no number of seconds")
    if values["exporter"]:
        _exporter(found, values)
        _way_in(found, values)
    return [str(problem) for problem in found]


def _choice(found: Problems, values: Mapping[str, Any], name: str, choices: Collection[str], below: str = "") -> None:
    if values[name] not in choices:
        told = ", ".join(choice or "''" for choice in choices)
        found.add(f"nats_monitoring_{below}{name}", f"{values[name]!r} is none of {told}")


def _exporter(found: Problems, values: Mapping[str, Any]) -> None:
    _choice(found, values, "install_method", ("archive", "local", "preinstalled"), "exporter_")
    _choice(found, values, "jetstream", _JETSTREAM, "exporter_")
    unknown = [str(each) for each in values["metrics"] if each not in METRICS]
    if unknown:
        found.add(
            "nats_monitoring_exporter_metrics", f"{', '.join(unknown)}: is none of {', '.join(METRICS)}: take it out"
        )
    if not {"varz", "healthz"}.issubset(values["metrics"]):
        found.add("nats_monitoring_exporter_metrics", "the alert rules need varz and healthz: add them")
    port = str(values["exporter_port"])
    if not port.isdigit() or not 0 < int(port) < 65536:
        found.add("nats_monitoring_exporter_port", f"{port!r} is no port")
    if not values["server_monitoring"]:
        found.add("nats_server_monitoring", "is false, and the exporter asks there: switch it on")
    if not re.match(r"http://", str(values["server_url"])):
        found.add("nats_monitoring_server_url", f"{values['server_url']!r} is no URL that begins with http://")
    source = str(values["binary_src"])
    if values["install_method"] == "local" and not os.path.isfile(os.path.expanduser(source)):
        where = f"{source} is not there" if source else "is empty"
        found.add("nats_monitoring_exporter_binary_src", f"{where}: name the program's file on the controller")


def _way_in(found: Problems, values: Mapping[str, Any]) -> None:
    """Who may ask the exporter, and whether Prometheus can."""
    certificate, key, hashed = (str(values[name]) for name in ("certificate", "key", "password_hash"))
    host = values["exporter_host"]
    if key and not certificate:
        found.add("nats_monitoring_exporter_certificate", "is empty, and there is a key: name the certificate of it")
    if hashed and not _BCRYPT.match(hashed):
        found.add(
            "nats_monitoring_exporter_password_hash",
            "is no bcrypt hash, so the exporter would take it for the password itself: make one with htpasswd -nbBC 11",
        )
    if not is_loopback(host):
        if not certificate:
            found.add(
                "nats_monitoring_exporter_host",
                f"{host!r} is no loopback address: give the exporter nats_monitoring_exporter_certificate",
            )
        if not hashed:
            # Measured with 0.20.1: -tlscacert asks nobody for a certificate.
            found.add(
                "nats_monitoring_exporter_host",
                f"{host!r} is no loopback address, and a password is the only thing that the exporter asks for: "
                "write nats_monitoring_exporter_password_hash",
            )
    if hashed and values["prometheus"] != "none" and not values["scrape_password_file"]:
        found.add(
            "nats_monitoring_scrape_password_file",
            "is empty: name the file on Prometheus' host that has the password",
        )
    if values["prometheus"] == "central" and is_loopback(host) and not is_loopback(values["scrape_address"]):
        found.add(
            "nats_monitoring_prometheus",
            f"is central, but the exporter listens on {host}, which no other host reaches: write hosts for a "
            "Prometheus, or one in agent mode, beside each server, or give nats_monitoring_exporter_host another "
            "address",
        )


def key_folder(certificate: str) -> str:
    """The folder, below ``keys``, of the key that a host has made for its server's certificate."""
    return f"server-{read_certificate(certificate).digest[:16]}"


def target_files(
    jobs: Mapping[str, Mapping[str, Any]], folder: str, host: str, labels: Mapping[str, Any]
) -> list[dict[str, str]]:
    """What Prometheus reads of a host's targets: a file for each job that asks it. jobs: whether, and where."""
    asked = {job: told["address"] for job, told in jobs.items() if told["scraped"]}
    return [
        {
            "path": f"{folder}/{job}-{host}.json",
            "content": json.dumps([{"targets": [address], "labels": dict(labels)}], indent=4, sort_keys=True) + "\n",
        }
        for job, address in asked.items()
    ]


def stale_targets(paths: Iterable[str], host: str, jobs: Collection[str], hosts: Collection[str]) -> list[str]:
    """The files of targets that ``host`` has no more, and those of hosts that are in no group any more."""
    found: list[str] = []
    for path in paths:
        job, _dash, owner = os.path.basename(path).removesuffix(".json").partition("-")
        if (owner == host and job not in jobs) or owner not in hosts:
            found.append(path)
    return found
