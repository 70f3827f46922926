# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb of aegis.nats.node_keys: a host's own private keys, and the requests to have them certified."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..plan.changes import Plan
from ..plan.problems import Problems
from ..plan.verb import Outcome, Surroundings, Verb
from .files import Ownership
from .keys import openssl
from .keys.choose import Choice, HostKey, WantedKey, choose, wanted_key
from .keys.make import Maker
from .keys.records import keys_folder, read_keys

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}\Z")
_KEY: Mapping[str, Any] = {
    "name": {"type": "str", "required": True},
    "key_type": {"type": "str", "choices": list(openssl.KEY_TYPES), "default": "ecdsa-p256", "no_log": False},
    "common_name": {"type": "str"},
    "dns": {"type": "list", "elements": "str", "default": []},
    "ip": {"type": "list", "elements": "str", "default": []},
    "digest": {"type": "str"},
    "renew": {"type": "bool", "default": False},
}
_SPEC: Mapping[str, Any] = {
    "config_dir": {"type": "path", "default": "/etc/nats"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "keys": {"type": "list", "elements": "dict", "options": _KEY, "required": True, "no_log": False},
}


def _run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    wanted = _wanted(params["keys"])
    folder = keys_folder(params["config_dir"])
    ownership = Ownership(params["owner"] or None, params["group"] or None)
    choices = _choices(wanted, read_keys(folder, ownership))
    if any(one.key is None or one.request_due for one in choices):
        openssl.need_openssl()
    if any(one.reasons for one in choices) and not surroundings.check_mode:
        maker = Maker(folder, ownership)
        with maker.locked():
            choices = _choices(wanted, read_keys(folder, ownership))
            for one in choices:
                _carry_out(maker, one)
    found = read_keys(folder, ownership)
    reasons = tuple(reason for one in choices for reason in one.reasons)
    plan = Plan(
        reasons=reasons,
        before={one.wanted.name: _picture(one.key) for one in choices if one.reasons},
        after={one.wanted.name: one.wanted.key_type for one in choices if one.reasons},
        touched=bool(reasons),
    )
    return Outcome(plan, {"tls_keys": [key.as_dict() for key in found]})


def _wanted(raw: Sequence[Mapping[str, Any]]) -> list[WantedKey]:
    problems = Problems()
    seen: set[str] = set()
    for number, entry in enumerate(raw):
        name = entry["name"]
        if not _NAME.match(name):
            problems.add(f"keys[{number}].name", f"{name!r} can't be a file name here: write letters, digits, _ . -")
        if name in seen:
            problems.add(f"keys[{number}].name", f"{name!r} is there twice: names are unique")
        seen.add(name)
    problems.raise_if_any()
    return [wanted_key(entry) for entry in raw]


def _choices(wanted: Sequence[WantedKey], found: Sequence[HostKey]) -> list[Choice]:
    return [choose(one, found) for one in wanted]


def _carry_out(maker: Maker, one: Choice) -> None:
    if one.key is None:
        maker.make(one.wanted)
    elif one.reasons:
        maker.put_right(one.key, one.wanted, one.request_due)


def _picture(key: Any) -> str:
    return "" if key is None else f"{key.folder}, {key.key_type}"


KEYS = Verb(name="node_keys", argument_spec=_SPEC, run=_run, local_paths=())
