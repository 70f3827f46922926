# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to issue and why: pure, from what is there, what is wanted and the time."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Optional

from . import chain, facts, pointers
from .facts import CertificateFacts, stamp
from .issue import Validity, validity
from .names import Names
from .store import Authority, Leaf
from .wanted import Wanted


@dataclass(frozen=True)
class Decision:
    """What happens to one certificate: issued when there are reasons; ``seal_key``: only its key is sealed."""

    wanted: Wanted
    leaf: Leaf
    valid: Validity
    clamped: bool
    reasons: tuple[str, ...] = ()
    seal_key: bool = False

    @property
    def sentences(self) -> tuple[str, ...]:
        said = self.reasons or (("its key becomes sealed",) if self.seal_key else ())
        return tuple(f"{self.wanted.name}: {reason}" for reason in said)


def decide(
    wanted: Wanted,
    leaf: Leaf,
    authority: Optional[Authority],
    now: datetime,
    seal: bool,
    *,
    revoked: Mapping[str, str] = MappingProxyType({}),
    rotated: Container[str] = (),
    external: bool = False,
) -> Decision:
    """The decision on one certificate. No authority: it is still to be made, so nothing there is signed by it.

    revoked: serial -> reason. rotated: the serials that a rotation replaces. external: somebody else issues it, and has
    a say in subject, further uses and chain.
    """
    valid, clamped = _valid(wanted, authority, now)
    if leaf.facts is None:
        reasons = leaf.faults or ("issued for the first time",)
    else:
        different = _differences(wanted, leaf.facts, external)
        reasons = (*leaf.faults, *different, *_of_time(wanted, leaf.facts, valid, now))
        if authority is None or not _signed_below(leaf, authority, external):
            reasons = (*reasons, "another authority signed it")
        elif not external and leaf.chain != authority.chain:
            reasons = (*reasons, "the chain above it has changed")
        if leaf.facts.serial in rotated:
            reasons = (*reasons, "its rotation is under way")
        if leaf.facts.serial in revoked:
            reasons = (*reasons, f"its certificate is revoked ({revoked[leaf.facts.serial]})")
    sealing = seal and leaf.key_unsealed and not reasons
    return Decision(wanted, leaf, valid, clamped, tuple(reasons), sealing)


def _signed_below(leaf: Leaf, authority: Authority, external: bool) -> bool:
    if not external:
        return facts.signed_by(leaf.certificate, authority.certificate)
    between = chain.load_all(leaf.chain, "chain") if leaf.chain else []
    return authority.certificate in chain.climb(leaf.certificate, [*between, *authority.path])


def _valid(wanted: Wanted, authority: Optional[Authority], now: datetime) -> tuple[Validity, bool]:
    """A certificate lies within the life of its authority."""
    valid = validity(wanted.days, now)
    return authority.within(valid) if authority else (valid, False)


def _differences(wanted: Wanted, found: CertificateFacts, external: bool) -> tuple[str, ...]:
    said = [*name_differences(wanted.names, found.names)]
    enough = external and found.usages is not None and found.usages >= wanted.profile.usages
    if found.usages != wanted.profile.usages and not enough:
        was = " and ".join(sorted(found.usages)) if found.usages else "any use"
        said.append(f"profile {wanted.profile.value} needs {' and '.join(sorted(wanted.profile.usages))}, it has {was}")
    if wanted.request is not None:
        if wanted.request.spki_sha256 != found.spki_sha256:
            said.append("its request carries another key")
    elif found.key_type != wanted.key_type.name:
        said.append(f"key type {found.key_type} becomes {wanted.key_type.name}")
    if external:
        return tuple(said)
    if found.common_name != wanted.common_name:
        said.append(f"common name {found.common_name} becomes {wanted.common_name}")
    if found.organization != wanted.organization:
        said.append(f"organization {found.organization or 'none'} becomes {wanted.organization or 'none'}")
    return (*said, *pointers.differences(wanted.pointers, found.pointers))


def name_differences(wanted: Names, found: Names) -> Sequence[str]:
    """How the names that are there come to be those that are wanted, a sentence a kind."""
    said: list[str] = []
    for kind, names in wanted.kinds():
        there = getattr(found, kind)
        steps = [
            f"{word} {', '.join(some)}"
            for word, some in (
                ("adds", [name for name in names if name not in there]),
                ("drops", [name for name in there if name not in names]),
            )
            if some
        ]
        if steps:
            said.append(f"{kind} {' and '.join(steps)}")
    return said


def _of_time(wanted: Wanted, found: CertificateFacts, valid: Validity, now: datetime) -> tuple[str, ...]:
    """Re-issued within the renewal window, unless its authority lets it live no longer than it does."""
    before = wanted.renew_before
    if before is None or before >= found.lifetime:
        # Also where its authority gave it less time than was asked for: a window of all its life is always open.
        before = found.lifetime / 3
    opens = found.not_after - before
    if now < opens or valid.not_after <= found.not_after:
        return ()
    if now >= found.not_after:
        return (f"it expired on {stamp(found.not_after)}",)
    return (f"its renewal window opened on {stamp(opens)}, it ends on {stamp(found.not_after)}",)


def authority_warning(
    found: CertificateFacts, name: str, renew_before: Optional[timedelta], now: datetime
) -> list[str]:
    """A sentence when the authority is within its renewal window (a fifth of its lifetime unless told)."""
    opens = found.not_after - (renew_before if renew_before is not None else found.lifetime / 5)
    if now < opens:
        return []
    return [
        f"authority {name} ends on {stamp(found.not_after)}, in {found.days_left(now)} days: plan its rotation; "
        "it is never re-made by itself"
    ]


def picture(found: Optional[CertificateFacts]) -> Optional[dict[str, Any]]:
    """A certificate as a diff shows it."""
    if found is None:
        return None
    return {
        "subject": found.subject,
        "names": found.names.shown(),
        "usages": sorted(found.usages or ()),
        "key_type": found.key_type,
        "not_after": stamp(found.not_after),
        **found.pointers.shown(),
    }
