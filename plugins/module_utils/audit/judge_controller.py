# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges how keys, creds and passwords lie on the controller, a part of the control secrets-stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .controller import Place
from .model import Finding, Verdict
from .seen import Seen

_MOST_NAMED = 3
_SEAL = "run aegis.nats.deploy with --vault-password-file, which seals them"


def secrets(seen: Seen) -> Iterator[Finding]:
    """Of secrets-stored."""
    for place in seen.kept.places:
        yield from _of(place)
    for path, line in seen.kept.open.items():
        words = f"a key or seed stands in clear text in line {line}"
        yield Finding(f"inventory {path}", Verdict.FAIL, words, "ansible-vault encrypt, and another key")
    if seen.kept.inventory and not seen.kept.open:
        words = f"{seen.kept.inventory} files hold no key or seed in clear text"
        yield Finding("inventory on the controller", Verdict.PASS, words)


def _of(place: Place) -> Iterator[Finding]:
    name = f"{place.what} {place.path}"
    if place.problem:
        yield Finding(name, Verdict.COULD_NOT_LOOK, place.problem)
        return
    wrong = list(_wrong(name, place))
    yield from wrong
    clear = sum(not secret.sealed for secret in place.secrets)
    if place.secrets and not wrong:
        sealed = f"{len(place.secrets) - clear} secrets are sealed" if len(place.secrets) > clear else ""
        told = f"{clear} lie in clear text, for their owner alone (a vault password would seal them)" if clear else ""
        yield Finding(name, Verdict.PASS, " and ".join(filter(None, (sealed, told))))


def _wrong(name: str, place: Place) -> Iterator[Finding]:
    if place.lies:
        yield Finding(name, Verdict.FAIL, place.lies, "chmod 0700, and an owner who runs this")
    by: dict[str, list[str]] = {}
    for secret in place.secrets:
        if secret.problem:
            by.setdefault(secret.problem, []).append(f"{secret.path} ({secret.mode})")
    for problem, paths in by.items():
        yield Finding(name, Verdict.FAIL, f"{_listed(paths)}: {problem}", "chmod 0600, for their owner alone")
    known = place.versioned
    if known.tracked:
        words = f"{known.by} has {_listed(known.tracked)} in clear text, and so has whoever may read the repository"
        change = f"git rm --cached, other keys, and {_SEAL}"
        yield Finding(name, Verdict.FAIL, words, change)
    if known.open:
        words = f"{known.by} would take {_listed(known.open)} in clear text with the next add: nothing ignores it"
        yield Finding(name, Verdict.WARN, words, f".gitignore, or {_SEAL}")
    if known.problem:
        yield Finding(name, Verdict.COULD_NOT_LOOK, known.problem, _SEAL)


def _listed(paths: Sequence[str]) -> str:
    first = ", ".join(paths[:_MOST_NAMED])
    return first if len(paths) <= _MOST_NAMED else f"{len(paths)} files ({first}, …)"
