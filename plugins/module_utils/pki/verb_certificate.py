# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb ``certificate``: any number of leaf certificates in one call."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Optional

from ..plan.changes import FileChange, Plan
from ..plan.errors import StoreError
from ..plan.folder import Folder
from ..plan.problems import Problems
from ..plan.verb import Outcome, Surroundings, Verb
from . import chain, elsewhere, external, facts, issue, keys, revocation, revocation_list, rotation, serials, store
from .constraints import breaches, constraints_of
from .facts import CertificateFacts, stamp
from .libraries import need_cryptography
from .pins import keys_before, pins_of
from .plan import Decision, authority_warning, decide, picture
from .revocation import Entry, Ledger
from .store import Authority
from .verb_authority import describe
from .wanted import Wanted, parse_certificates, safe_name

ARGUMENTS: Mapping[str, Any] = {
    "path": {"type": "path", "default": "nats/pki"},
    "authority": {"type": "str", "default": "ca"},
    "passphrase": {"type": "str", "no_log": True},
    "certificates": {"type": "list", "elements": "raw", "required": True},
    "above": {"type": "list", "elements": "str", "default": []},
    "forget_keys": {"type": "bool", "default": False, "no_log": False},
    "revoked": {"type": "list", "elements": "raw", "default": []},
    "external": {"type": "bool", "default": False},
    "sign_command": {"type": "list", "elements": "str", "default": []},
    "seal": {"type": "bool"},
}


def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Issue what is missing, changed or near its end; leave everything else byte for byte as it is."""
    need_cryptography("to make certificates")
    store.check_seal(params.get("seal"), surroundings.seal)
    problems = Problems()
    name = safe_name(params["authority"], problems, "authority", parts=False) or ""
    wanted = parse_certificates(params["certificates"], problems)
    if not params["forget_keys"]:
        elsewhere.check_requests(wanted, surroundings.check_mode, problems)
    if _external(params):
        external.check_pointers(wanted, problems)
    entries = revocation.parse_revoked(params["revoked"], problems)
    problems.raise_if_any()
    folder = Folder(params["path"], surroundings.seal)
    if params["forget_keys"]:
        return _forget_keys(folder, wanted, surroundings)
    if not surroundings.check_mode and not store.has_authority(folder, name):
        raise StoreError(f"{folder.root}: there is no authority {name}: make it first with aegis.nats.authority")
    with folder.locked(surroundings.check_mode):
        authority = _authority(folder, name, params, surroundings)
        _check_constraints(wanted, authority.path if authority else _coming(params["above"]))
        record = serials.read(folder, name)
        serials.check_clock(record, name, surroundings.now)
        revoked = _revoked(entries, record, revocation.read(folder, name), surroundings)
        rotated = serials.issued_before(record, rotation.reissue_before(folder))
        decide_one = partial(_decide, folder, authority, surroundings, (revoked, rotated), external=_external(params))
        decisions = [decide_one(one) for one in wanted]
        _check_clock(decisions, surroundings)
        elsewhere.check_shared(folder, decisions, problems)
        problems.raise_if_any()
        _check_compromised(decisions, revoked)
        if _external(params):
            return _by_others(folder, decisions, (name, authority), params["sign_command"], surroundings)
        told = partial(_describe, folder, surroundings, keys_before(folder, revoked, surroundings.now))
        changes, made = _changes(folder, decisions, authority, record, surroundings)
        if not surroundings.check_mode:
            folder.commit(changes)
    values = {
        "certificates": {one.wanted.name: told(made, one) for one in decisions},
        "authority": describe(folder, name, authority.facts if authority else None, surroundings),
        "waiting": [],
        "missing": [],
    }
    return Outcome(_plan(changes, decisions), values, tuple(_warnings(decisions, authority, name, surroundings)))


def _by_others(
    folder: Folder,
    decisions: Sequence[Decision],
    authority: tuple[str, Optional[Authority]],
    command: Sequence[str],
    surroundings: Surroundings,
) -> Outcome:
    """What somebody else signs: requests out, certificates in."""
    step = external.step(folder, decisions, authority[1], command, surroundings)
    changes = [*(_sealed(folder, one.wanted.name) for one in decisions if one.seal_key), *step.changes]
    if not surroundings.check_mode:
        folder.commit(changes)
    if step.failure:
        raise StoreError(f"{step.failure}. {len(step.made)} others were taken in before it")
    sealed = tuple(sentence for one in decisions if one.seal_key for sentence in one.sentences)
    plan = Plan(tuple(changes), (*sealed, *step.reasons), step.before, step.after)
    now = surroundings.now
    missing = [
        one.wanted.name
        for one in decisions
        if one.wanted.name in step.waiting
        and (one.leaf.facts is None or one.leaf.faults or one.leaf.facts.not_after <= now)
    ]
    kept = [replace(one, reasons=()) if one.wanted.name in step.waiting else one for one in decisions]
    told = partial(_describe, folder, surroundings, keys_before(folder, (), now))
    values = {
        "certificates": {one.wanted.name: told(step.made, one) for one in kept},
        "authority": describe(folder, authority[0], authority[1].facts if authority[1] else None, surroundings),
        "waiting": step.waiting,
        "missing": missing,
    }
    said = [
        f"{name} waits: have {folder.root / external.request_files(name)[0]} signed, put the answer beside it as .crt"
        for name in step.waiting
    ]
    return Outcome(plan, values, tuple(said))


def _forget_keys(folder: Folder, wanted: Sequence[Wanted], surroundings: Surroundings) -> Outcome:
    with folder.locked(surroundings.check_mode):
        plan = elsewhere.forget_keys(folder, wanted)
        if not surroundings.check_mode:
            folder.commit(plan.changes)
    return Outcome(plan, {"certificates": {}, "authority": {}, "waiting": [], "missing": []})


def _external(params: Mapping[str, Any]) -> bool:
    return bool(params["external"] or params["sign_command"])


def _authority(folder: Folder, name: str, params: Mapping[str, Any], surroundings: Surroundings) -> Optional[Authority]:
    found = store.read_authority(folder, name, params.get("passphrase"), with_key=not _external(params))
    if found is not None:
        store.check_authority(found, surroundings.now)
    return found


def _coming(texts: Sequence[str]) -> tuple[Any, ...]:
    """The authorities that the run after a check makes or takes in first, as the check told of them."""
    found = [chain.load_all(text.encode(), f"above[{number}]") for number, text in enumerate(texts) if text.strip()]
    return tuple(one for some in found for one in some)


def _check_constraints(wanted: Sequence[Wanted], path: Sequence[Any]) -> None:
    """Names that an authority of the chain must not certify: peers would refuse the certificate."""
    problems = Problems()
    for above in path:
        limits = constraints_of(above)
        if not limits:
            continue
        whose = facts.read(above).subject
        for number, one in enumerate(wanted):
            for breach in breaches(limits, one.names, one.common_name):
                at = "common_name" if breach.kind == "common_name" else f"{breach.kind}[{breach.number}]"
                words = f"{breach.sentence} by the authority {whose} (certificate {one.name})"
                problems.add(f"certificates[{number}].{at}", words)
    problems.raise_if_any()


def _revoked(
    entries: Sequence[Entry], record: Mapping[str, Mapping[str, str]], ledger: Ledger, surroundings: Surroundings
) -> dict[str, str]:
    """Serial -> reason; in check mode with what revocation_list would have recorded by now."""
    if surroundings.check_mode:
        ledger = revocation.resolve(entries, record, ledger, surroundings.now).ledger
    return {serial: found.reason for serial, found in ledger.revoked.items()}


def _check_compromised(decisions: Sequence[Decision], revoked: Mapping[str, str]) -> None:
    """A compromised key is not certified again."""
    problems = Problems()
    for number, one in enumerate(decisions):
        request, found = one.wanted.request, one.leaf.facts
        again = request is not None and found is not None and request.spki_sha256 == found.spki_sha256
        if again and found is not None and revoked.get(found.serial) == "key_compromise":
            problems.add(
                f"certificates[{number}].csr",
                "carries the key of a certificate that was revoked for key_compromise: make a new key on its host",
            )
    problems.raise_if_any()


def _decide(
    folder: Folder,
    authority: Optional[Authority],
    surroundings: Surroundings,
    out: tuple[Mapping[str, str], Container[str]],
    wanted: Wanted,
    *,
    external: bool,
) -> Decision:
    """out: the serials that are revoked, with why, and those that a rotation replaces."""
    leaf = store.read_leaf(folder, wanted.name, with_key=wanted.key_here)
    sealing = surroundings.seal.active
    return decide(wanted, leaf, authority, surroundings.now, sealing, revoked=out[0], rotated=out[1], external=external)


def _check_clock(decisions: Sequence[Decision], surroundings: Surroundings) -> None:
    """A certificate from the future means that a clock is wrong: here, or where it was made."""
    early = [one for one in decisions if one.leaf.facts is not None and one.leaf.facts.not_before > surroundings.now]
    if early and early[0].leaf.facts is not None:
        names = ", ".join(one.wanted.name for one in early[:5])
        begins = stamp(early[0].leaf.facts.not_before)
        raise StoreError(
            f"{names}: issued for the time from {begins} on, and the clock here says {stamp(surroundings.now)}: "
            "set the clock right; nothing was changed"
        )


def _changes(
    folder: Folder,
    decisions: Sequence[Decision],
    authority: Optional[Authority],
    record: dict[str, dict[str, str]],
    surroundings: Surroundings,
) -> tuple[tuple[FileChange, ...], dict[str, CertificateFacts]]:
    """The files to write, and what is issued with them; ``record`` gains it.

    In check mode no key is made and the files are empty.
    """
    due = [one for one in decisions if one.reasons]
    changes: list[FileChange] = [_sealed(folder, one.wanted.name) for one in decisions if one.seal_key]
    if surroundings.check_mode or authority is None:
        return (*changes, *(FileChange(store.leaf_files(one.wanted.name)[0], b"") for one in due)), {}
    made: dict[str, CertificateFacts] = {}
    for number, one in enumerate(due):
        serial = serials.unused(record, surroundings.random)
        certificate, files = _issue(folder, one, authority, serial)
        found = facts.read(certificate)
        made[one.wanted.name] = found
        record[found.serial] = serials.entry(one.wanted.name, found, surroundings.now)
        changes += files
        if number % 25 == 24:
            surroundings.progress(f"{number + 1} of {len(due)} certificates issued")
    if due:
        changes.append(serials.change(authority.name, record, surroundings.now))
        if folder.read_raw(revocation_list.files(authority.name)[1]) is not None:
            changes.append(revocation_list.index(authority.name, record, revocation.read(folder, authority.name)))
    return tuple(changes), made


def _issue(folder: Folder, one: Decision, authority: Authority, serial: int) -> tuple[Any, list[FileChange]]:
    certificate_file, key_file = store.leaf_files(one.wanted.name)
    files: list[FileChange] = []
    if one.wanted.request is not None:
        public = one.wanted.request.public
        if not one.wanted.at_host and folder.read_raw(key_file) is not None:
            files.append(FileChange(key_file, None))
    else:
        key = keys.generate(one.wanted.key_type)
        public = key.public_key()
        files.append(FileChange(key_file, keys.write(key), secret=True))
    certificate = issue.leaf(
        public, one.wanted, one.valid, serial, issuer=authority.certificate, issuer_key=authority.key
    )
    return certificate, [*files, FileChange(certificate_file, issue.pem(certificate) + authority.chain, mode=0o644)]


def _sealed(folder: Folder, name: str) -> FileChange:
    key_file = store.leaf_files(name)[1]
    return FileChange(key_file, folder.read(key_file) or b"", secret=True)


def _plan(changes: tuple[FileChange, ...], decisions: Sequence[Decision]) -> Plan:
    due = [one for one in decisions if one.reasons]
    return Plan(
        changes=changes,
        reasons=tuple(sentence for one in decisions for sentence in one.sentences),
        before={one.wanted.name: picture(one.leaf.facts) for one in due},
        after={one.wanted.name: _wanted_picture(one) for one in due},
    )


def _wanted_picture(one: Decision) -> dict[str, Any]:
    wanted = one.wanted
    organization = f",O={wanted.organization}" if wanted.organization else ""
    return {
        "subject": f"CN={wanted.common_name}{organization}",
        "names": wanted.names.shown(),
        "usages": sorted(wanted.profile.usages),
        "key_type": (wanted.request.key_type if wanted.request else "") or wanted.key_type.name,
        "not_after": stamp(one.valid.not_after),
        **wanted.pointers.shown(),
    }


def _describe(
    folder: Folder,
    surroundings: Surroundings,
    past: Mapping[str, list[str]],
    made: Mapping[str, CertificateFacts],
    one: Decision,
) -> dict[str, Any]:
    """One certificate in results. In check mode what is still to be issued has no serial and no digest."""
    certificate_file, key_file = store.leaf_files(one.wanted.name)
    found = made.get(one.wanted.name) or (None if one.reasons else one.leaf.facts)
    until = found.not_after if found else one.valid.not_after
    return {
        "certificate_path": str(folder.root / certificate_file),
        "key_path": str(folder.root / key_file) if one.wanted.key_here else None,
        "key_left": elsewhere.has_key_here(folder, one.wanted),
        "profile": one.wanted.profile.value,
        "subject": found.subject if found else _wanted_picture(one)["subject"],
        "names": one.wanted.names.as_dict(),
        "serial": found.serial if found else None,
        "not_after": stamp(until),
        "days_left": (until - surroundings.now).days,
        "fingerprint_sha256": found.fingerprint_sha256 if found else None,
        "spki_sha256": found.spki_sha256 if found else _requested(one.wanted),
        "pins": pins_of([found.spki_sha256 if found else _requested(one.wanted) or ""], past, one.wanted.name),
        "present_spki_sha256": one.leaf.facts.spki_sha256 if one.leaf.facts else None,
        "issued": bool(one.reasons),
    }


def _requested(wanted: Wanted) -> Optional[str]:
    """The digest of the key that is going to be certified, where its host has made it."""
    return (wanted.request.spki_sha256 or None) if wanted.request is not None else None


def _warnings(
    decisions: Sequence[Decision], authority: Optional[Authority], name: str, surroundings: Surroundings
) -> list[str]:
    if authority is None:
        # In check mode only, where the run that follows makes it first: nothing to warn about.
        return []
    short = [one.wanted.name for one in decisions if one.clamped and (one.reasons or _ends_with(one, authority))]
    said = authority_warning(authority.facts, name, None, surroundings.now)
    if short:
        more = f" and {len(short) - 5} more" if len(short) > 5 else ""
        said.append(
            f"{', '.join(short[:5])}{more}: ends with its authority {name} on {stamp(authority.facts.not_after)}, "
            "earlier than asked for"
        )
    return said


def _ends_with(one: Decision, authority: Authority) -> bool:
    return one.leaf.facts is not None and one.leaf.facts.not_after == authority.facts.not_after


VERB = Verb(name="certificate", argument_spec=ARGUMENTS, run=run)
