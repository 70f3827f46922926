# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb ``authority``: a CA, made or taken in once, and kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Optional

from ..plan.changes import FileChange, Plan
from ..plan.errors import StoreError
from ..plan.folder import Folder
from ..plan.problems import Problems
from ..plan.verb import Outcome, Surroundings, Verb
from . import facts, hierarchy, keys, store
from .constraints import parse_constraints, shown
from .facts import CertificateFacts, stamp
from .hierarchy import Asked
from .issue import Subject
from .libraries import need_cryptography
from .plan import authority_warning, picture
from .pointers import URLS, parse_pointers
from .profiles import KEY_TYPES
from .requests import parse_request
from .rotation import waits_for_new_authority
from .store import Authority
from .wanted import choose, parse_lifetime, parse_text, safe_name

_TAKEN_OVER = ("passphrase", "parent", "parent_passphrase", "certificate_file", "key_file")
ARGUMENTS: Mapping[str, Any] = {
    "path": {"type": "path", "default": "nats/pki"},
    "name": {"type": "str", "default": "ca"},
    "common_name": {"type": "str"},
    "organization": {"type": "str"},
    "key_type": {"type": "str", "choices": list(KEY_TYPES)},
    "days": {"type": "int", "default": 3650},
    "renew_before": {"type": "str"},
    "passphrase": {"type": "str", "no_log": True},
    "parent": {"type": "str"},
    "parent_passphrase": {"type": "str", "no_log": True},
    "path_length": {"type": "int"},
    "permitted": {"type": "dict"},
    "excluded": {"type": "dict"},
    **{kind: {"type": "list", "elements": "str"} for kind in URLS},
    "csr": {"type": "str"},
    "certificate_file": {"type": "path"},
    "key_file": {"type": "path", "no_log": False},
    "key_kept": {"type": "str", "choices": ["here", "elsewhere"], "default": "here", "no_log": False},
    "seal": {"type": "bool"},
}


def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Bring the authority here where there is none; check the one that is there."""
    need_cryptography("to make certificates")
    store.check_seal(params.get("seal"), surroundings.seal)
    asked = _check(params)
    folder = Folder(params["path"], surroundings.seal)
    with folder.locked(surroundings.check_mode):
        found = None
        if not store.waits(folder, asked.name):
            found = store.read_authority(folder, asked.name, asked.passphrase, with_key=asked.key_here)
        if found is None:
            return _bring(asked, folder, surroundings)
        succeeded = waits_for_new_authority(folder)
        _check_kept(asked, found, surroundings, succeeded)
        plan = _protect(asked, found, surroundings)
        if not surroundings.check_mode:
            folder.commit(plan.changes)
    warnings = authority_warning(found.facts, asked.name, asked.renew_before, surroundings.now)
    warnings += [] if succeeded else hierarchy.differences(asked, found, _wished(params, asked))
    return Outcome(plan, _values(folder, found, surroundings), tuple(warnings + _elsewhere(asked, folder)))


def _check(params: Mapping[str, Any]) -> Asked:
    """Everything that is asked for, read; all problems at once."""
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
    request = parse_request(params.get("csr"), problems, "csr")
    _check_together(params, problems)
    asked = Asked(
        name=name or "ca",
        subject=Subject(
            params.get("common_name") or "NATS CA",
            params.get("organization"),
            _path_length(params.get("path_length"), problems),
            parse_constraints(params.get("permitted"), params.get("excluded"), problems),
            parse_pointers({kind: params.get(kind) for kind in URLS}, problems, ""),
        ),
        key_type=params.get("key_type") or "ecdsa-p256",
        days=params["days"],
        renew_before=renew_before,
        request=request,
        key_here=params.get("key_kept") != "elsewhere" and request is None,
        **{key: params.get(key) or None for key in _TAKEN_OVER},
    )
    problems.raise_if_any()
    return asked


def _check_together(params: Mapping[str, Any], problems: Problems) -> None:
    """What does not go together."""
    parent = params.get("parent")
    if parent is not None:
        safe_name(parent, problems, "parent", parts=False)
        if parent == params["name"]:
            problems.add("parent", "is the authority itself: leave it out for a root")
        if not params.get("common_name") and not params.get("certificate_file"):
            problems.add("common_name", f"is needed: it tells this authority from {parent}")
    for kind in URLS:
        if params.get(kind) and (not parent or params.get("certificate_file")):
            problems.add(kind, "is for the authority above to say, and for a root nobody: leave it out")
    if params.get("csr") and not parent:
        problems.add("csr", "is a request to an authority that is here: name that one as parent")
    if params.get("key_file") and not params.get("certificate_file"):
        problems.add("key_file", "comes with the certificate that belongs to it: write certificate_file too")
    if params.get("key_file") and params.get("key_kept") == "elsewhere":
        problems.add("key_file", "takes the key in, and key_kept is elsewhere: write one of the two")


def _path_length(raw: Optional[int], problems: Problems) -> Optional[int]:
    if raw is not None and raw < -1:
        problems.add("path_length", f"{raw} is not a number of authorities: write 0 or more, or -1 for any")
    return 0 if raw is None else raw if raw >= 0 else None


def _bring(asked: Asked, folder: Folder, surroundings: Surroundings) -> Outcome:
    brought = hierarchy.bring(asked, folder, surroundings)
    made = brought.authority
    plan = Plan(
        changes=brought.changes,
        reasons=brought.reasons,
        before={asked.name: None} if brought.changes else {},
        after={asked.name: picture(made.facts) if made else "waits for its certificate"} if brought.changes else {},
    )
    if not surroundings.check_mode:
        folder.commit(plan.changes)
    if made is not None:
        return Outcome(plan, _values(folder, made, surroundings), brought.warnings)
    place = folder.root / store.request_file(asked.name)
    values = {"waiting": True, "request": brought.request, "request_path": str(place)}
    said = (
        f"authority {asked.name} waits: have {place} signed by {asked.parent}, and give the answer as certificate_file"
    )
    return Outcome(plan, {**values, **describe(folder, asked.name, None, surroundings)}, (said,))


def _check_kept(asked: Asked, found: Authority, surroundings: Surroundings, succeeded: bool) -> None:
    """succeeded: what is asked for is the authority that follows, which a rotation has begun to bring in."""
    store.check_authority(found, surroundings.now)
    source = asked.certificate_file
    if source and not succeeded and Path(source).is_file():
        given = facts.read(facts.load(Path(source).read_bytes(), source))
        if given.fingerprint_sha256 != found.facts.fingerprint_sha256:
            raise StoreError(
                f"{source}: is another certificate than that of authority {asked.name}, which is here already: a run "
                "does not replace an authority; to change over to this one, run the playbook rotate_ca"
            )
    if asked.request is not None and asked.request.spki_sha256 != found.facts.spki_sha256:
        raise StoreError(
            f"authority {asked.name} was certified for another key than that of this csr: a run does not replace it; "
            "give it another name, or move the present certificate away"
        )


def _elsewhere(asked: Asked, folder: Folder) -> list[str]:
    key_file = store.authority_files(asked.name)[1]
    if asked.key_here or folder.read_raw(key_file) is None:
        return []
    return [
        f"{folder.root / key_file} lies here, although the key of {asked.name} is said to be elsewhere: move it away"
    ]


def _wished(params: Mapping[str, Any], asked: Asked) -> dict[str, Any]:
    """What the operator said himself of an authority's certificate."""
    if asked.certificate_file:
        return {}
    constrained = params.get("permitted") or params.get("excluded")
    pointing = any(params.get(kind) for kind in URLS)
    return {
        "common name": params.get("common_name") or None,
        "organization": params.get("organization") or None,
        "key type": (params.get("key_type") or None) if asked.key_here else None,
        "path length": asked.subject.path_length if (params.get("path_length") or -1) >= 0 else None,
        "name constraints": shown(asked.subject.constraints) if constrained else None,
        "URLs": asked.subject.pointers.shown() if pointing else None,
    }


def _protect(asked: Asked, found: Authority, surroundings: Surroundings) -> Plan:
    """A key that lies more openly than asked for is written anew; never the other way."""
    if found.key is None:
        return Plan()
    encrypt = bool(asked.passphrase) and found.key_open
    seal = surroundings.seal.active and found.key_unsealed
    if not encrypt and not seal:
        return Plan()
    said = [f"authority {found.name}: its key becomes encrypted with the passphrase"] if encrypt else []
    said += [f"authority {found.name}: its key becomes sealed"] if seal else []
    content = keys.write(found.key, asked.passphrase)
    key_file = store.authority_files(found.name)[1]
    return Plan(
        changes=(FileChange(key_file, content, secret=True),),
        reasons=tuple(said),
        before={found.name: {"key_encrypted": not found.key_open, "key_sealed": not found.key_unsealed}},
        after={
            found.name: {"key_encrypted": encrypt or not found.key_open, "key_sealed": seal or not found.key_unsealed}
        },
    )


def _values(folder: Folder, found: Authority, surroundings: Surroundings) -> dict[str, Any]:
    return {"certificate": found.pem, "waiting": False, **describe(folder, found.name, found.facts, surroundings)}


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


VERB = Verb(
    name="authority",
    argument_spec=ARGUMENTS,
    run=run,
    local_paths=("path", "certificate_file", "key_file"),
)
