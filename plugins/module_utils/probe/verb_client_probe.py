# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb ``client_probe``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..client import libraries
from ..client.access import REACHING, Access, read_access, read_login, read_pair
from ..client.connect import run as run_quietly
from ..plan.changes import FileChange, Plan
from ..plan.problems import Problems
from ..plan.verb import Outcome, Surroundings, Verb
from .checks import Check, read_checks
from .run import Verdict, run_checks
from .session import Sessions

CLIENT_PATHS = ("creds", "certificate", "key")
_CLIENT = {
    "name": {"type": "str", "required": True},
    "creds": {"type": "path"},
    "certificate": {"type": "path"},
    "key": {"type": "path", "no_log": False},
    "inbox_prefix": {"type": "str"},
}
_SPEC: Mapping[str, Any] = {
    **REACHING,
    "timeout": {"type": "float", "default": 5.0},
    "clients": {"type": "list", "elements": "dict", "default": [], "options": _CLIENT},
    "checks": {"type": "list", "elements": "dict", "required": True},
}


def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Check what is expected of running servers; see the module's documentation."""
    libraries.require()
    problems = Problems()
    nobody = read_access(params, surroundings.seal, problems)
    accesses = _clients(params["clients"], nobody, surroundings, problems)
    checks = read_checks(params["checks"], list(accesses), problems)
    problems.raise_if_any()
    verdicts = run_quietly(run_checks(checks, Sessions(accesses, nobody), surroundings.check_mode))
    return _outcome(checks, verdicts)


def _clients(
    clients: Sequence[Mapping[str, Any]], nobody: Access, surroundings: Surroundings, problems: Problems
) -> dict[str, Access]:
    found: dict[str, Access] = {}
    for number, client in enumerate(clients):
        where = f"clients[{number}]"
        if client["name"] in found:
            problems.add(f"{where}.name", f"{client['name']!r} is named twice: give each client a name of its own")
        creds = client.get("creds")
        pair = read_pair(client.get("certificate"), client.get("key"), surroundings.seal, problems, f"{where}.")
        login = read_login(creds, f"{where}.creds", surroundings.seal, problems) if creds else None
        inbox = client.get("inbox_prefix")
        found[client["name"]] = replace(nobody, pair=pair or nobody.pair, login=login, inbox=inbox)
    return found


def _outcome(checks: Sequence[Check], verdicts: Sequence[Verdict]) -> Outcome:
    shown = [
        {"name": one.name, "kind": check.kind, "ok": one.ok, "skipped": one.skipped, "detail": one.detail}
        for check, one in zip(checks, verdicts)
    ]
    kept = [check.stream for check, one in zip(checks, verdicts) if check.keep and one.ok and not one.skipped]
    # The stream that is kept on request is the only thing that a probe leaves behind, and it says so.
    plan = Plan(
        tuple(FileChange(f"streams/{name}", b"") for name in kept), tuple(f"stream {name}: kept" for name in kept)
    )
    values: dict[str, Any] = {"checks": shown}
    wrong = [one for one in verdicts if not one.ok]
    if wrong:
        lines = "".join(f"\n  - {one.name}: {one.detail}" for one in wrong)
        values.update(failed=True, msg=f"{len(wrong)} of {len(verdicts)} checks are not as expected:{lines}")
    return Outcome(plan=plan, values=values)


VERB = Verb(name="client_probe", argument_spec=_SPEC, run=run, local_paths=("ca", "certificate", "key"))
