# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What fires each alert, and what is close to that and must not: as promtool is told it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jinja2
import yaml
from ansible_collections.aegis.nats.tests.meta.repository import ROOT

ROLE = ROOT / "roles" / "nats_monitoring"
DAY = 86400
N1 = 'host="n1",nats_cluster="c"'
N2 = 'host="n2",nats_cluster="c"'
N3 = 'host="n3",nats_cluster="c"'


@dataclass(frozen=True)
class Case:
    """series: name to values in promtool's notation, a minute between two; hosts: whose alert fires at ``at``."""

    alert: str
    why: str
    series: Mapping[str, str] = field(repr=False)
    hosts: tuple[str, ...] = ()
    at: str = "10m"


def rules_text(**more: Any) -> str:
    """The rules as the role writes them, with its defaults."""
    tasks = yaml.safe_load((ROLE / "tasks/rules.yml").read_text(encoding="utf-8"))
    task = next(each["ansible.builtin.template"] for each in tasks if "ansible.builtin.template" in each)
    marks = {name: value for name, value in task.items() if name.endswith("_string")}
    environment = jinja2.Environment(**marks, trim_blocks=True, keep_trailing_newline=True, autoescape=False)
    environment.filters.update(to_json=json.dumps, bool=bool)
    template = environment.from_string((ROLE / "templates" / task["src"]).read_text(encoding="utf-8"))
    defaults = yaml.safe_load((ROLE / "defaults/main/main.yml").read_text(encoding="utf-8"))
    return template.render(**{**defaults, **more})


@cache
def rules() -> tuple[Mapping[str, Any], ...]:
    groups = yaml.safe_load(rules_text())["groups"]
    return tuple(rule for group in groups for rule in group["rules"])


def up(*hosts: str, **values: str) -> dict[str, str]:
    return {f'up{{job="nats",{host}}}': values.get(f"n{number}", "1x20") for number, host in enumerate(hosts, 1)}


def healthy(*hosts: str) -> dict[str, str]:
    return {f"gnatsd_healthz_status{{{host}}}": "0x20" for host in hosts}


LOST = {f'gnatsd_healthz_status_value{{{N1},value="unreachable"}}': "0x20"}


def event(name: str, values: str) -> dict[str, str]:
    return {f'nats_security_events_total{{{N1},event="{name}"}}': values}


def events(alert: str, name: str, most: int) -> list[Case]:
    """Too many at once, too many in the very first value, few, and as many an hour ago."""
    return [
        Case(alert, "they come", event(name, f"0x5 {most + 2}x15"), ("n1",), "7m"),
        Case(alert, "the first value", event(name, f"_x8 {most + 1}x15"), ("n1",), "10m"),
        Case(alert, "no more come", event(name, f"0x5 {most + 2}x25"), (), "20m"),
        Case(alert, "another event", event(f"{name}_else", f"0x5 {most + 2}x15"), (), "7m"),
        *([Case(alert, "few", event(name, f"0x5 {most // 2}x15"), (), "7m")] if most else []),
    ]


def ends(name: str, metric: str, labels: str, host: str = "n1") -> list[Case]:
    """Ends in some days from the evaluation on, at 600 seconds."""

    def series(days: float) -> dict[str, str]:
        return {f"{metric}{{{N1},{labels}}}": f"{600 + int(days * DAY)}x20"}

    return [
        Case(f"Nats{name}Ends", "29 days", series(29), (host,)),
        Case(f"Nats{name}Ends", "31 days", series(31)),
        Case(f"Nats{name}Ends", "6 days, which is the other alert's", series(6)),
        Case(f"Nats{name}EndsNow", "6 days", series(6), (host,)),
        Case(f"Nats{name}EndsNow", "ended", series(-1), (host,)),
        Case(f"Nats{name}EndsNow", "8 days", series(8)),
    ]


def stream(n1: int, n2: int) -> dict[str, str]:
    labels = 'account_name="A",stream_name="S"'
    return {
        f'jetstream_stream_last_seq{{{N1},{labels},is_stream_leader="true"}}': f"{n1}x20",
        f'jetstream_stream_last_seq{{{N2},{labels},is_stream_leader="false"}}': f"{n2}x20",
    }


def meta(leader: str, size: int) -> dict[str, str]:
    return {
        f'jetstream_server_jetstream_disabled{{{N1},meta_leader="{leader}"}}': "0x20",
        f"gnatsd_varz_jetstream_meta_cluster_size{{{N1}}}": f"{size}x20",
    }


def full(kind: str, used: int, most: int) -> dict[str, str]:
    config = {"storage": "max_storage", "memory": "max_memory"}
    # Both are always told.
    return {
        **{f"gnatsd_varz_jetstream_stats_{name}{{{N1}}}": "0x20" for name in config if name != kind},
        **{f"gnatsd_varz_jetstream_config_{name}{{{N1}}}": "100x20" for other, name in config.items() if other != kind},
        f"gnatsd_varz_jetstream_stats_{kind}{{{N1}}}": f"{used}x20",
        f"gnatsd_varz_jetstream_config_{config[kind]}{{{N1}}}": f"{most}x20",
    }


def connections(values: str, most: int = 65536) -> dict[str, str]:
    return {f"gnatsd_varz_connections{{{N1}}}": values, f"gnatsd_varz_max_connections{{{N1}}}": f"{most}x100"}


LONG = {f"gnatsd_healthz_status{{{N1}}}": "0x100"}
ALL = healthy(N1, N2, N3)
KNOWN = {f"nats_expiry_read_timestamp_seconds{{{N1}}}": "0+60x40"}
CASES = (
    Case("NatsServerLost", "it does not answer", LOST, ("n1",)),
    Case("NatsServerLost", "it is unhealthy", {f'gnatsd_healthz_status_value{{{N1},value="unavailable"}}': "0x20"}),
    Case("NatsServerLost", "for a moment", {next(iter(LOST)): "_x9 0 stale"}, (), "15m"),
    Case("NatsExporterLost", "no answer", up(N1, N2, n1="0x20"), ("n1",)),
    Case("NatsExporterLost", "another job", {f'up{{job="else",{N1}}}': "0x20"}),
    Case("NatsServerUnhealthy", "it says so", {f"gnatsd_healthz_status{{{N1}}}": "1x20"}, ("n1",)),
    Case("NatsServerUnhealthy", "it is well", healthy(N1)),
    Case("NatsQuorumLost", "one of three answers", {**up(N1, N2, N3), **healthy(N1)}, ("",)),
    Case("NatsQuorumLost", "none of three answers", up(N1, N2, N3, n1="0x20"), ("",)),
    Case("NatsQuorumLost", "two of three answer", {**up(N1, N2, N3), **healthy(N1, N2)}),
    Case("NatsQuorumLost", "one that is alone", {**up(N1), **healthy(N1)}),
    Case("NatsMetaLeaderLost", "none is known", meta("", 3), ("n1",)),
    Case("NatsMetaLeaderLost", "one is known", meta("n2", 3)),
    Case("NatsMetaLeaderLost", "a server that is alone", meta("", 0)),
    Case("NatsRouteLost", "one of two", {**ALL, f"gnatsd_varz_remotes{{{N1}}}": "1x20"}, ("n1",)),
    Case("NatsRouteLost", "both", {**ALL, f"gnatsd_varz_remotes{{{N1}}}": "2x20"}),
    Case("NatsRouteLost", "the other is down", {**healthy(N1, N2), f"gnatsd_varz_remotes{{{N1}}}": "1x20"}),
    Case("NatsRouteLost", "it is down itself", {**healthy(N2, N3), f"gnatsd_varz_remotes{{{N1}}}": "0x20"}),
    Case("NatsConnectionsNearLimit", "91 %", {**connections("91x20", 100), **healthy(N1)}, ("n1",)),
    Case("NatsConnectionsNearLimit", "89 %", {**connections("89x20", 100), **healthy(N1)}),
    Case("NatsConnectionsNearLimit", "the last number of a lost server", {**connections("99x20", 100), **LOST}),
    Case("NatsConnectionPeak", "four times", {**connections("50x70 200x20"), **LONG}, ("n1",), "75m"),
    Case("NatsConnectionPeak", "a half more", {**connections("150x70 220x20"), **LONG}, (), "75m"),
    Case("NatsConnectionPeak", "many times few", {**connections("2x70 90x20"), **LONG}, (), "75m"),
    Case(
        "NatsSlowConsumers",
        "one more",
        {f"gnatsd_varz_slow_consumers{{{N1}}}": "3x6 4x20", **healthy(N1)},
        ("n1",),
        "8m",
    ),
    Case(
        "NatsSlowConsumers",
        "those of long ago",
        {f"gnatsd_varz_slow_consumers{{{N1}}}": "3x6 4x30", **healthy(N1)},
        (),
        "20m",
    ),
    Case("NatsReplicaLags", "20 behind", stream(1000, 980), ("n2",)),
    Case("NatsReplicaLags", "5 behind", stream(1000, 995)),
    Case("NatsJetStreamFull", "disk", {**full("storage", 91, 100), **healthy(N1)}, ("n1",)),
    Case("NatsJetStreamFull", "memory", {**full("memory", 91, 100), **healthy(N1)}, ("n1",)),
    Case("NatsJetStreamFull", "89 %", {**full("storage", 89, 100), **healthy(N1)}),
    Case("NatsJetStreamFull", "no memory is to be used", {**full("memory", 0, 0), **healthy(N1)}),
    *events("NatsLoginsFailed", "login_failed", 10),
    *events("NatsHandshakeErrors", "handshake_error", 0),
    *events("NatsReloadRefused", "reload_refused", 0),
    *events("NatsPermissionViolations", "permission_violation", 10),
    *events("NatsLimitExceeded", "limit_exceeded", 0),
    Case("NatsConfigDrift", "not loaded", {f'nats_config_drift{{{N1},why="not_loaded"}}': "1x20"}, ("n1",)),
    Case("NatsConfigDrift", "none", {f'nats_config_drift{{{N1},why="not_loaded"}}': "0x20"}),
    Case(
        "NatsAuditOld",
        "46 days",
        {f"nats_last_audit_timestamp_seconds{{{host}}}": f"-{46 * DAY}x20" for host in (N1, N2)},
        ("",),
    ),
    Case("NatsAuditOld", "44 days", {f"nats_last_audit_timestamp_seconds{{{N1}}}": f"-{44 * DAY}x20"}),
    *ends("Certificate", "nats_certificate_not_after_seconds", 'path="/c.crt",purpose="client"'),
    *ends("Jwt", "nats_jwt_not_after_seconds", 'kind="user",account="A",name="u"', ""),
    *ends("Creds", "nats_creds_not_after_seconds", 'path="/u.creds",name="u"'),
    Case("NatsExpiryUnreadable", "a file", {f'nats_expiry_unreadable{{{N1},path="/x"}}': "1x20"}, ("n1",)),
    Case("NatsExpiryUnreadable", "none", KNOWN),
    Case(
        "NatsExpiryUnknown", "it looks no more", {f"nats_expiry_read_timestamp_seconds{{{N1}}}": "0x60"}, ("n1",), "40m"
    ),
    Case("NatsExpiryUnknown", "it never looked", up(N1), ("n1",)),
    Case("NatsExpiryUnknown", "it looks", {**up(N1), **KNOWN}),
)


def as_promtool(rule_file: str, alert: str = "") -> str:
    """The cases (of one alert) as a file of promtool test rules: by what fires, so that texts may change."""
    tests = [_test(each) for each in CASES if alert in ("", each.alert)]
    return yaml.safe_dump({"rule_files": [rule_file], "tests": tests}, sort_keys=False)


def _test(case: Case) -> dict[str, Any]:
    fired = f'count by (host) (ALERTS{{alertname="{case.alert}",alertstate="firing"}})'
    samples = [{"labels": f'{{host="{host}"}}' if host else "{}", "value": 1} for host in case.hosts]
    return {
        "name": f"{case.alert}: {case.why}",
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in case.series.items()],
        "promql_expr_test": [{"expr": fired, "eval_time": case.at, "exp_samples": samples}],
    }
