# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb ``account_push``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..client import libraries
from ..client.access import Access, check_servers, read_login, read_pair, read_pem
from ..plan.problems import Problems
from ..plan.verb import Outcome, Surroundings, Verb
from .plan import read_wanted
from .push import Expected, foresee, run_push

_ACCOUNT = {
    "name": {"type": "str", "required": True},
    "public_key": {"type": "str", "required": True, "no_log": False},
    "jwt": {"type": "str", "required": True},
    "system": {"type": "bool", "default": False},
}
_SPEC: Mapping[str, Any] = {
    "servers": {"type": "list", "elements": "str", "required": True},
    "expect": {"type": "list", "elements": "str"},
    "expect_count": {"type": "int"},
    "coming": {"type": "list", "elements": "str", "default": []},
    "creds": {"type": "path", "required": True},
    "ca": {"type": "path"},
    "certificate": {"type": "path"},
    "key": {"type": "path", "no_log": False},
    "tls_hostname": {"type": "str"},
    "accounts": {"type": "list", "elements": "dict", "required": True, "options": _ACCOUNT},
    "operator_keys": {"type": "list", "elements": "str", "required": True, "no_log": False},
    "timeout": {"type": "float", "default": 10.0},
}


def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Compare, push and confirm; see the module's documentation."""
    libraries.require()
    problems = Problems()
    asked = not surroundings.check_mode or bool(params.get("expect") or params.get("expect_count"))
    # While nobody can be asked, the creds and certificates may still have to be made.
    access = _access(params, surroundings, problems) if asked else None
    expected = _expected(params, surroundings.check_mode, problems)
    wanted = read_wanted(params["accounts"], params["operator_keys"], surroundings.now, problems)
    problems.raise_if_any()
    done = run_push(access, expected, wanted, surroundings.check_mode) if access else foresee(expected, wanted)
    values = {
        "pushed": list(done.accounts),
        "servers": list(done.servers),
        "confirmed": {name: list(servers) for name, servers in done.confirmed.items()},
    }
    return Outcome(plan=done.plan, values=values)


def _access(params: Mapping[str, Any], surroundings: Surroundings, problems: Problems) -> Access:
    seal = surroundings.seal
    if params["timeout"] <= 0:
        problems.add("timeout", f"is {params['timeout']:g}: write seconds above 0")
    return Access(
        servers=check_servers(params["servers"], problems),
        ca=read_pem(params["ca"], "ca", seal, problems) if params.get("ca") else None,
        pair=read_pair(params.get("certificate"), params.get("key"), seal, problems),
        login=read_login(params["creds"], "creds", seal, problems),
        tls_hostname=params.get("tls_hostname"),
        timeout=params["timeout"],
    )


def _expected(params: Mapping[str, Any], check_mode: bool, problems: Problems) -> Expected:
    names = tuple(dict.fromkeys(params.get("expect") or ()))
    count = params.get("expect_count") or 0
    coming = tuple(dict.fromkeys(params.get("coming") or ()))
    if not names and count < 1 and not (check_mode and coming):
        where = "expect" if params.get("expect") is not None else "expect_count"
        problems.add(where, "says that no server must answer: name the servers, or give a number above 0")
    return Expected(names, count, coming)


VERB = Verb(
    name="account_push",
    argument_spec=_SPEC,
    run=run,
    constraints={"mutually_exclusive": [["expect", "expect_count"]], "required_one_of": [["expect", "expect_count"]]},
    local_paths=("creds", "ca", "certificate", "key"),
)
