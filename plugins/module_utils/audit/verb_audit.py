# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb ``audit``: what hosts told and what knocking finds, judged and reported."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Optional
from urllib.parse import urlsplit

from ..client.access import Access, check_servers, read_pair, read_pem
from ..plan.folder import Folder
from ..plan.problems import Problems
from ..plan.verb import Outcome, Surroundings, Verb
from ..plan.writing import make_folders, write_whole
from . import controller, run, store
from .as_html import as_html
from .as_json import as_dict, as_json
from .as_junit import as_junit
from .as_sarif import as_sarif
from .as_text import as_text
from .certificates import for_servers_alone, stranger
from .controls import BY_ID
from .knocking import Visitor
from .model import Report, Verdict, Waiver
from .seen import Door
from .telling import aware

_WAIVER: Mapping[str, Any] = {
    "control": {"type": "str", "required": True},
    "reason": {"type": "str", "required": True},
    "until": {"type": "str", "required": True},
    "subject": {"type": "str", "default": ""},
}
_SPEC: Mapping[str, Any] = {
    "cluster": {"type": "str", "default": "nats"},
    "hosts": {"type": "dict", "default": {}},
    "servers": {"type": "list", "elements": "str", "default": []},
    "ca": {"type": "path"},
    "certificate": {"type": "path"},
    "key": {"type": "path", "no_log": False},
    "tls_first": {"type": "bool", "default": False},
    "timeout": {"type": "float", "default": 4.0},
    "trust_dir": {"type": "path"},
    "pki_dir": {"type": "path"},
    "secrets_dir": {"type": "path", "no_log": False},
    "inventory": {"type": "list", "elements": "str", "default": []},
    "waivers": {"type": "list", "elements": "dict", "options": _WAIVER, "default": []},
    "report_dir": {"type": "path"},
    "fail_on": {"type": "str", "choices": ["warn", "fail", "never"], "default": "fail"},
    "collection_version": {"type": "str", "default": ""},
}
#: The files of a report, by what writes each.
FILES = {"audit.html": as_html, "audit.json": as_json, "audit.xml": as_junit, "audit.sarif": as_sarif}
_MODE = 0o600
_LOCAL = ("ca", "certificate", "key", "trust_dir", "pki_dir", "secrets_dir", "report_dir")


def _run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    started = time.monotonic()
    problems = Problems()
    if params["timeout"] <= 0:
        problems.add("timeout", f"is {params['timeout']:g}: write seconds above 0")
    visitor = _visitor(params, surroundings, problems)
    waivers = _waivers(params["waivers"], problems)
    hosts = _hosts(params["hosts"], problems)
    doors = _doors(check_servers(params["servers"], problems) if params["servers"] else (), params["tls_first"])
    if not hosts and not doors:
        problems.add("hosts", "is empty, and so is servers: give what aegis.nats.node_audit returned, or URLs")
    problems.raise_if_any()
    last = _last(params["report_dir"])
    stored = store.read(params["trust_dir"], surroundings.seal) if params["trust_dir"] else None
    seen = run.audit(hosts, doors, visitor, surroundings.now, last, stored=stored, kept=_kept(params))
    report = run.report(seen, waivers, params["cluster"], params["collection_version"])
    report = run.timed(report, time.monotonic() - started)
    for line in as_text(report).splitlines():
        surroundings.progress(line)
    written = [] if surroundings.check_mode else _written(params["report_dir"], report)
    return Outcome(values={**_verdict(report, params["fail_on"]), "report": as_dict(report), "files": written})


def _visitor(params: Mapping[str, Any], surroundings: Surroundings, problems: Problems) -> Visitor:
    access = Access(
        (),
        ca=read_pem(params["ca"], "ca", surroundings.seal, problems) if params["ca"] else None,
        pair=read_pair(params["certificate"], params["key"], surroundings.seal, problems),
        timeout=params["timeout"],
    )
    if not params["pki_dir"]:
        return Visitor(access, stranger(surroundings.now))
    folder = Folder(params["pki_dir"], surroundings.seal)
    return Visitor(access, stranger(surroundings.now), *for_servers_alone(folder, access.ca, surroundings.now))


def _kept(params: Mapping[str, Any]) -> controller.Kept:
    """The secrets on this machine; a folder that is not there is told."""
    folders = {"trust_dir": "trust store", "pki_dir": "certificates", "secrets_dir": "secrets"}
    named = {params[name]: what for name, what in folders.items() if params[name]}
    return controller.look(named, [params["secrets_dir"]] if params["secrets_dir"] else [], params["inventory"])


def _waivers(entries: Sequence[Mapping[str, Any]], problems: Problems) -> list[Waiver]:
    found = []
    for number, entry in enumerate(entries):
        where = f"waivers[{number}]"
        if entry["control"] not in BY_ID:
            problems.add(f"{where}.control", f"{entry['control']!r} is no control: the controls are {', '.join(BY_ID)}")
        if not entry["reason"].strip():
            problems.add(f"{where}.reason", "is empty: say why this is accepted")
        try:
            until = date.fromisoformat(entry["until"])
        except ValueError:
            problems.add(f"{where}.until", f"{entry['until']!r} is no day: write it as 2027-06-30")
            continue
        found.append(Waiver(entry["control"], entry["reason"], until, entry["subject"]))
    return found


def _hosts(hosts: Mapping[str, Any], problems: Problems) -> dict[str, Mapping[str, Any]]:
    """By name, each with the address where it is reached, and what it told (or why it told nothing)."""
    found = {}
    for name, entry in hosts.items():
        if not isinstance(entry, Mapping) or not isinstance(entry.get("facts"), Mapping) or not entry.get("address"):
            problems.add(f"hosts.{name}", "needs address, and in facts what aegis.nats.node_audit returned")
            continue
        found[str(name)] = entry
    return found


def _doors(urls: Sequence[str], tls_first: bool) -> list[Door]:
    places = [urlsplit(url) for url in urls]
    return [
        Door("", f"{place.hostname}:{place.port}", "client", str(place.hostname), int(place.port or 0), tls_first)
        for place in places
    ]


def _last(folder: Optional[str]) -> Optional[datetime]:
    """When the report was made that lies there."""
    try:
        made = json.loads((Path(folder or "") / "audit.json").read_text(encoding="utf-8"))["made"]
        return aware(datetime.fromisoformat(str(made).replace("Z", "+00:00")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _written(folder: Optional[str], report: Report) -> list[str]:
    if not folder:
        return []
    place = Path(folder)
    make_folders(place)
    for name, text in FILES.items():
        write_whole(place / name, text(report).encode(), _MODE)
    return [str(place / name) for name in FILES]


def _verdict(report: Report, fail_on: str) -> dict[str, Any]:
    """failed where there is more wrong than is taken; what could not be looked at is not taken for right."""
    bad = {"fail": (Verdict.FAIL,), "warn": (Verdict.FAIL, Verdict.WARN, Verdict.COULD_NOT_LOOK), "never": ()}[fail_on]
    wrong = [result.control.id for result in report.results if result.verdict in bad]
    if not wrong:
        return {}
    count = "1 control does not hold" if len(wrong) == 1 else f"{len(wrong)} controls do not hold"
    return {"failed": True, "msg": f"{count}: {', '.join(wrong)}"}


VERB = Verb(name="audit", argument_spec=_SPEC, run=_run, local_paths=_LOCAL)
