# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificates that are asked for, read from the raw list of an operator with all its problems at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Optional

from ..plan import units
from ..plan.problems import Problems, join
from .names import KINDS, Names, parse_names
from .pointers import KEYS as POINTERS
from .pointers import NOWHERE, Pointers, check_profile, parse_pointers
from .profiles import KEY_TYPES, KeyType, Profile
from .requests import Request, check_names, parse_request, pending_request

MOST_DAYS = 36500
_PART = re.compile(r"^[A-Za-z0-9_][A-Za-z0-9_.:@+-]{0,120}\Z")
_KEYS = ("name", "profile", "common_name", "organization", *KINDS, "key_type", "days", "renew_before", "key", "csr")
_ALL_KEYS = (*_KEYS, *POINTERS)
_PLACES = ("controller", "host")


@dataclass(frozen=True)
class Wanted:
    """One leaf certificate.

    name: its place below ``issued/``; days: lifetime; renew_before: how long before its end it is re-issued (None:
    a third of its lifetime); request: whose key is certified, so that no key is made here; at_host: the key lives on
    its host; pointers: where to ask about it.
    """

    name: str
    profile: Profile
    common_name: str
    names: Names
    key_type: KeyType
    days: int = 365
    organization: Optional[str] = None
    renew_before: Optional[timedelta] = None
    request: Optional[Request] = None
    at_host: bool = False
    pointers: Pointers = NOWHERE

    @property
    def key_here(self) -> bool:
        """Whether its private key is made and kept beside it."""
        return self.request is None and not self.at_host


def parse_certificates(raw: object, problems: Problems, path: str = "certificates") -> list[Wanted]:
    """The wanted certificates of a list of dicts; what is wrong goes to ``problems``."""
    found: list[Wanted] = []
    seen: dict[str, str] = {}
    for here, entry in entries(raw, "name, profile and names such as dns and ip", problems, path):
        before = len(problems)
        wanted = _parse_entry(entry, problems, here)
        if wanted is None:
            continue
        if wanted.name in seen:
            problems.add(f"{here}.name", f"{wanted.name!r} is also {seen[wanted.name]}: names are unique")
        seen.setdefault(wanted.name, here)
        if len(problems) == before:
            found.append(wanted)
    return found


def entries(raw: object, of: str, problems: Problems, path: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The dicts of a list, each with its place; what is none goes to ``problems``. of: what they hold, in words."""
    for number, entry in enumerate(raw if isinstance(raw, Sequence) and not isinstance(raw, str) else []):
        if isinstance(entry, Mapping):
            yield f"{path}[{number}]", entry
        else:
            problems.add(f"{path}[{number}]", f"must be a dict with {of}")


def check_keys(entry: Mapping[str, object], known: Sequence[str], problems: Problems, path: str) -> None:
    """A problem for each key that is not known."""
    for key in entry:
        if key not in known:
            choose(str(key), known, problems, f"{path}.{key}")


def safe_name(raw: object, problems: Problems, path: str, parts: bool = True) -> Optional[str]:
    """A name that is also a place below a folder: ``n1/server``. None, and a problem, when it is not."""
    if not isinstance(raw, str) or not raw:
        problems.add(path, "is needed: write a name such as n1/server" if parts else "is needed: write a name")
        return None
    wrong = [part for part in raw.split("/") if not _PART.match(part)]
    if wrong or (not parts and "/" in raw):
        allowed = "letters, digits and _ . : @ + -, beginning with a letter, digit or _"
        more = ", parts joined by /" if parts else ""
        problems.add(path, f"{raw!r} can't be a file name here: write {allowed}{more}")
        return None
    return raw


def parse_lifetime(days: object, renew: object, problems: Problems, path: str) -> tuple[int, Optional[timedelta]]:
    """``days`` and ``renew_before`` of an entry, or of the parameters when ``path`` is empty."""
    lifetime = whole_number(days)
    valid = lifetime is not None and 1 <= lifetime <= MOST_DAYS
    if lifetime is None or not valid:
        lifetime = 1
        problems.add(join(path, "days"), f"{days!r} is not a lifetime: write a whole number from 1 to {MOST_DAYS}")
    if renew is None:
        return lifetime, None
    try:
        before = timedelta(seconds=units.seconds(renew))
    except ValueError as error:
        problems.add(join(path, "renew_before"), str(error))
        return lifetime, None
    if valid and before >= timedelta(days=lifetime):
        problems.add(
            join(path, "renew_before"),
            f"{renew} is not less than the lifetime of {lifetime} days: it would be re-issued at every run",
        )
    return lifetime, before


def whole_number(raw: object) -> Optional[int]:
    """The number, also of the text that a template made of it; None when it is none."""
    if isinstance(raw, str) and raw.isascii() and raw.isdigit():
        return int(raw)
    return raw if isinstance(raw, int) and not isinstance(raw, bool) else None


def choose(raw: object, choices: Sequence[str], problems: Problems, path: str) -> Optional[str]:
    """One of a closed set; a problem names the set and the nearest."""
    if isinstance(raw, str) and raw in choices:
        return raw
    near = difflib.get_close_matches(str(raw), choices, 1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    what = "is needed" if raw is None else f"{raw!r} is not known"
    problems.add(path, f"{what}: {hint}write one of {', '.join(choices)}")
    return None


def parse_text(raw: object, problems: Problems, path: str) -> Optional[str]:
    """A text of a subject: 1 to 64 characters (RFC 5280 upper bounds), or None when it is not given."""
    if raw is None or raw == "":
        return None
    if not isinstance(raw, str) or len(raw) > 64 or not raw.isprintable():
        problems.add(path, f"{raw!r} can't stand in a subject: write a text of at most 64 printable characters")
        return None
    return raw


def _parse_entry(entry: Mapping[str, object], problems: Problems, path: str) -> Optional[Wanted]:
    check_keys(entry, _ALL_KEYS, problems, path)
    name = safe_name(entry.get("name"), problems, f"{path}.name")
    profile_name = choose(entry.get("profile"), [known.value for known in Profile], problems, f"{path}.profile")
    key_type = choose(entry.get("key_type") or "ecdsa-p256", list(KEY_TYPES), problems, f"{path}.key_type")
    before = len(problems)
    names = parse_names(entry, problems, path)
    common_name = parse_text(entry.get("common_name"), problems, f"{path}.common_name")
    organization = parse_text(entry.get("organization"), problems, f"{path}.organization")
    days = entry.get("days")
    days, renew_before = parse_lifetime(365 if days is None else days, entry.get("renew_before"), problems, path)
    pointers = parse_pointers(entry, problems, path)
    place = choose(entry.get("key") or "controller", _PLACES, problems, f"{path}.key")
    raw = entry.get("csr")
    request = pending_request(raw) or parse_request(raw, problems, f"{path}.csr")
    if request is not None:
        check_names(request, names, problems, f"{path}.csr")
    if name is None or profile_name is None or key_type is None:
        return None
    profile = Profile(profile_name)
    check_profile(pointers, profile, problems, path)
    if profile.listens and not (names.dns or names.ip) and len(problems) == before:
        problems.add(path, f"a {profile_name} certificate names what peers dial: write dns or ip")
    return Wanted(
        name=name,
        profile=profile,
        common_name=common_name or _default_common_name(name, names),
        names=names,
        key_type=KEY_TYPES[key_type],
        days=days,
        organization=organization,
        renew_before=renew_before,
        request=request,
        at_host=place == "host",
        pointers=pointers,
    )


def _default_common_name(name: str, names: Names) -> str:
    """The first name that fits; peers look at the alternative names, people at this one."""
    candidates = (*names.dns, *names.ip, *names.email, name, name.rsplit("/", 1)[-1])
    return next((text for text in candidates if len(text) <= 64), name[-64:])
