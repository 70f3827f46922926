# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb ``authority``: a CA, made once and kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ..plan.changes import FileChange, Plan
from ..plan.folder import Folder
from ..plan.problems import Problems
from ..plan.verb import Outcome, Surroundings, Verb
from . import facts, issue, keys, store
from .facts import CertificateFacts, stamp
from .libraries import need_cryptography
from .plan import authority_warning, picture
from .profiles import KEY_TYPES
from .store import Authority
from .wanted import choose, parse_lifetime, parse_text, safe_name

ARGUMENTS: Mapping[str, Any] = {
    "path": {"type": "path", "default": "nats/pki"},
    "name": {"type": "str", "default": "ca"},
    "common_name": {"type": "str"},
    "organization": {"type": "str"},
    "key_type": {"type": "str", "choices": list(KEY_TYPES)},
    "days": {"type": "int", "default": 3650},
    "renew_before": {"type": "str"},
    "passphrase": {"type": "str", "no_log": True},
    "seal": {"type": "bool"},
}


def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Make the authority where there is none; check the one that is there."""
    need_cryptography("to make certificates")
    store.check_seal(params.get("seal"), surroundings.seal)
    name, renew_before = _check(params)
    folder = Folder(params["path"], surroundings.seal)
    with folder.locked(surroundings.check_mode):
        found = store.read_authority(folder, name, params.get("passphrase"))
        if found is None:
            return _make(params, name, folder, surroundings)
        store.check_authority(found.facts, name, surroundings.now)
        plan = _protect(params, found, surroundings)
        if not surroundings.check_mode:
            folder.commit(plan.changes)
    warnings = authority_warning(found.facts, name, renew_before, surroundings.now) + _differences(params, found)
    return Outcome(plan, _values(folder, found, surroundings), tuple(warnings))


def _check(params: Mapping[str, Any]) -> tuple[str, Any]:
    problems = Problems()
    name = safe_name(params["name"], problems, "name", parts=False)
    if name == "issued":
        problems.add("name", "'issued' is the folder of the certificates: write another name, such as ca")
    for key in ("common_name", "organization"):
        parse_text(params.get(key), problems, key)
    if params.get("key_type") is not None:
        choose(params["key_type"], list(KEY_TYPES), problems, "key_type")
    if params.get("passphrase") is not None and len(params["passphrase"]) < 8:
        problems.add("passphrase", "is shorter than 8 characters: take a longer one")
    renew_before = parse_lifetime(params["days"], params.get("renew_before"), problems, "")[1]
    problems.raise_if_any()
    return name or "ca", renew_before


def _make(params: Mapping[str, Any], name: str, folder: Folder, surroundings: Surroundings) -> Outcome:
    certificate_file, key_file = store.authority_files(name)
    key = keys.generate(KEY_TYPES[params.get("key_type") or "ecdsa-p256"])
    valid = issue.validity(params["days"], surroundings.now)
    serial = issue.new_serial(surroundings.random)
    common_name = params.get("common_name") or "NATS CA"
    certificate = issue.root(key, common_name, params.get("organization"), valid, serial)
    found = facts.read(certificate)
    made = Authority(name, certificate, key, issue.pem(certificate).decode(), found)
    plan = Plan(
        changes=(
            FileChange(key_file, keys.write(key, params.get("passphrase")), secret=True),
            FileChange(certificate_file, made.pem.encode(), mode=0o644),
        ),
        reasons=(f"authority {name}: made for the first time",),
        before={name: None},
        after={name: picture(found)},
    )
    if not surroundings.check_mode:
        folder.commit(plan.changes)
    return Outcome(plan, _values(folder, made, surroundings))


def _protect(params: Mapping[str, Any], found: Authority, surroundings: Surroundings) -> Plan:
    """A key that lies more openly than asked for is written anew; never the other way."""
    encrypt = bool(params.get("passphrase")) and found.key_open
    seal = surroundings.seal.active and found.key_unsealed
    if not encrypt and not seal:
        return Plan()
    said = [f"authority {found.name}: its key becomes encrypted with the passphrase"] if encrypt else []
    said += [f"authority {found.name}: its key becomes sealed"] if seal else []
    content = keys.write(found.key, params.get("passphrase"))
    key_file = store.authority_files(found.name)[1]
    return Plan(
        changes=(FileChange(key_file, content, secret=True),),
        reasons=tuple(said),
        before={found.name: {"key_encrypted": not found.key_open, "key_sealed": not found.key_unsealed}},
        after={
            found.name: {"key_encrypted": encrypt or not found.key_open, "key_sealed": seal or not found.key_unsealed}
        },
    )


def _differences(params: Mapping[str, Any], found: Authority) -> list[str]:
    """What was asked for and the authority is not; it stays as it is."""
    asked = {
        "common name": (params.get("common_name"), found.facts.common_name),
        "organization": (params.get("organization"), found.facts.organization),
        "key type": (params.get("key_type"), found.facts.key_type),
    }
    return [
        f"authority {found.name} keeps its {what} {there!r}, {wish!r} is asked for: a run does not re-make it"
        for what, (wish, there) in asked.items()
        if wish and wish != there
    ]


def _values(folder: Folder, found: Authority, surroundings: Surroundings) -> dict[str, Any]:
    return {"certificate": found.pem, **describe(folder, found.name, found.facts, surroundings)}


def describe(
    folder: Folder, name: str, found: Optional[CertificateFacts], surroundings: Surroundings
) -> dict[str, Any]:
    """An authority in results."""
    path = str(folder.root / store.authority_files(name)[0])
    if found is None:
        return {"name": name, "certificate_path": path}
    return {
        "name": name,
        "certificate_path": path,
        "subject": found.subject,
        "key_type": found.key_type,
        "serial": found.serial,
        "not_before": stamp(found.not_before),
        "not_after": stamp(found.not_after),
        "days_left": found.days_left(surroundings.now),
        "fingerprint_sha256": found.fingerprint_sha256,
    }


VERB = Verb(name="authority", argument_spec=ARGUMENTS, run=run)
