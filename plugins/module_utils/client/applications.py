# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The applications of a host as an operator writes them: read, checked, and made into what they need."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from ..plan.problems import Problems
from ..trust.inbox import PREFIX
from .access import check_servers

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*\Z")
#: Also written without quotes into a file that a shell and systemd read.
_PATH = re.compile(r"(/[A-Za-z0-9_@+-][A-Za-z0-9._@+-]*)+\Z")
_PAIR = ("ca", "certificate", "key")
_LOGIN = ("account", "user", "creds", "nkey", "inbox_prefix")
_TEXTS = ("state", *_LOGIN, "owner", "group", "path", "service_action", "description")
_LISTS = ("servers", "services")
_DICTS = ("certificate", "tls_files")
#: What an application may say of its own certificate; the rest is the role's.
CERTIFICATE_FIELDS = ("common_name", "email", "dns", "days", "key_type", "organization", "renew_before")
#: Keys of an application that name files on the controller.
FILES = ("creds", "nkey")
_CHOICES = {"state": ("present", "absent"), "service_action": ("restart", "reload")}


@dataclass(frozen=True)
class Defaults:
    """What holds for every application that says nothing else. certificate: fields of a leaf certificate."""

    servers: tuple[str, ...]
    folder: str = "/etc/nats-clients"
    owner: str = ""
    group: str = ""
    tls: bool = True
    certificate: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Application:
    """One application of a host. Exactly one way to log in: a user of the tree, creds, or an nkey.

    creds, nkey, tls_files: files on the controller that the operator named. where: its place in the input.
    """

    where: str
    name: str
    path: str
    present: bool = True
    account: Optional[str] = None
    user: Optional[str] = None
    creds: Optional[str] = None
    nkey: Optional[str] = None
    owner: Optional[str] = None
    group: Optional[str] = None
    servers: tuple[str, ...] = ()
    certificate: Mapping[str, Any] = field(default_factory=dict)
    tls_files: Mapping[str, str] = field(default_factory=dict)
    services: tuple[str, ...] = ()
    service_action: str = "restart"
    description: str = ""
    inbox_prefix: Optional[str] = None

    def certificate_name(self, host: str) -> str:
        """Of the certificate that is issued for it: one for each host, so that no key is on two."""
        return f"clients/{host}/{self.name}"


def parse_applications(raw: object, defaults: Defaults, problems: Problems, prefix: str = "") -> list[Application]:
    """The applications; everything wrong goes to ``problems`` with its path; prefix: of the variables that hold it."""
    variable = f"{prefix}applications"
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        problems.add(variable, "must be a list of applications, each with name, account and owner")
        return []
    found: list[Application] = []
    for number, entry in enumerate(raw):
        where = f"{variable}[{number}]"
        if not isinstance(entry, Mapping):
            problems.add(where, "must be a dict with name, account and owner")
            continue
        before = len(problems)
        application = _parse(entry, defaults, problems, where)
        if application.present:
            _check_login(application, problems)
            _check_servers(application, defaults, problems, prefix)
        for other in found:
            _compare(application, other, problems)
        if len(problems) == before:
            found.append(application)
    return found


def with_absolute_files(raw: Sequence[Any], absolute: Callable[[str], str]) -> list[Any]:
    """The entries with every file on the controller that they name as ``absolute`` has it; the rest as it is."""

    def place(value: Any) -> Any:
        return absolute(str(value)) if value and isinstance(value, str) else value

    found: list[Any] = []
    for entry in raw:
        if not isinstance(entry, Mapping):
            found.append(entry)
            continue
        found.append({key: place(value) if key in FILES else value for key, value in entry.items()})
        if isinstance(entry.get("tls_files"), Mapping):
            found[-1]["tls_files"] = {key: place(value) for key, value in entry["tls_files"].items()}
    return found


def _compare(one: Application, other: Application, problems: Problems) -> None:
    if one.name == other.name:
        problems.add(f"{one.where}.name", f"{one.name!r} is also {other.where}: names are unique on a host")
    elif one.path == other.path:
        problems.add(f"{one.where}.path", f"{one.path} is also that of {other.where}: give each its own folder")


def _parse(entry: Mapping[str, Any], defaults: Defaults, problems: Problems, where: str) -> Application:
    known = ("name", *_TEXTS, *_LISTS, *_DICTS)
    for other in entry:
        if other not in known:
            problems.add(f"{where}.{other}", f"is not known: write one of {', '.join(sorted(known))}")
    name: Any = entry.get("name")
    if not isinstance(name, str) or not _NAME.match(name):
        problems.add(f"{where}.name", "is needed: write letters, digits, _ and -, with dots between them")
        name = "unnamed"
    texts = {key: _text(entry, key, problems, where) for key in _TEXTS}
    lists = {key: _list(entry, key, problems, where) for key in _LISTS}
    path = texts["path"] or f"{defaults.folder.rstrip('/')}/{name}"
    if not _PATH.match(path):
        problems.add(f"{where}.path", f"{path!r} must be absolute, of letters, digits and _ . @ + -, without .. in it")
    inbox = texts["inbox_prefix"]
    if inbox and not PREFIX.match(inbox):
        problems.add(
            f"{where}.inbox_prefix", f"{inbox!r} must be as _INBOX_{name}: without wildcards, and no dot at its end"
        )
    return Application(
        where=where,
        name=name,
        path=path,
        present=texts["state"] != "absent",
        owner=texts["owner"] or defaults.owner or None,
        group=texts["group"] or (defaults.group if not texts["owner"] else "") or None,
        servers=lists["servers"] or defaults.servers,
        certificate={**defaults.certificate, **_certificate(entry, problems, where)},
        tls_files=_tls_files(entry, problems, where),
        services=lists["services"],
        service_action=texts["service_action"] or "restart",
        description=texts["description"] or "",
        inbox_prefix=inbox,
        account=texts["account"],
        creds=texts["creds"],
        nkey=texts["nkey"],
        user=texts["user"] or (name if texts["account"] else None),
    )


def _text(entry: Mapping[str, Any], key: str, problems: Problems, where: str) -> Optional[str]:
    value = entry.get(key)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        problems.add(f"{where}.{key}", f"{value!r} is no text: write it in quotes")
        return None
    choices = _CHOICES.get(key)
    if choices and value not in choices:
        problems.add(f"{where}.{key}", f"{value!r} is not one of {', '.join(choices)}")
        return None
    if "\n" in value or "\0" in value:
        problems.add(f"{where}.{key}", "must be one line")
        return None
    # Ansible marks what it templates; what goes on is plain text.
    return str(value)


def _list(entry: Mapping[str, Any], key: str, problems: Problems, where: str) -> tuple[str, ...]:
    value = entry.get(key) or []
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(each, str) for each in value):
        problems.add(f"{where}.{key}", "must be a list of texts")
        return ()
    return tuple(str(each) for each in value)


def _certificate(entry: Mapping[str, Any], problems: Problems, where: str) -> dict[str, Any]:
    value = entry.get("certificate") or {}
    if not isinstance(value, Mapping):
        problems.add(f"{where}.certificate", f"must be a dict with some of {', '.join(CERTIFICATE_FIELDS)}")
        return {}
    for key in value:
        if key not in CERTIFICATE_FIELDS:
            known = ", ".join(CERTIFICATE_FIELDS)
            problems.add(f"{where}.certificate.{key}", f"is not known: write one of {known}")
    return dict(value)


def _tls_files(entry: Mapping[str, Any], problems: Problems, where: str) -> dict[str, str]:
    value = entry.get("tls_files") or {}
    if not isinstance(value, Mapping) or (value and sorted(value) != sorted(_PAIR)):
        problems.add(f"{where}.tls_files", "must be a dict with the three files ca, certificate and key")
        return {}
    return {key: str(value[key]) for key in _PAIR if value}


def _check_login(application: Application, problems: Problems) -> None:
    where = application.where
    ways = [key for key in ("account", "creds", "nkey") if getattr(application, key)]
    if application.user and not application.account and not ways:
        problems.add(f"{where}.account", f"is needed: which account is the user {application.user} of?")
    elif not ways:
        problems.add(where, "has no way to log in: write account (and user), creds, or nkey")
    elif len(ways) > 1:
        problems.add(where, f"has {' and '.join(ways)}: leave only one of them, a client logs in one way")


def _check_servers(application: Application, defaults: Defaults, problems: Problems, prefix: str) -> None:
    where = f"{prefix}servers" if application.servers == defaults.servers else f"{application.where}.servers"
    if not application.servers:
        problems.add(where, "is empty: write the URLs of the servers, such as tls://nats.example.com:4222")
        return
    found = Problems()
    check_servers(application.servers, found)
    for problem in found:
        problems.add(where + problem.path.removeprefix("servers"), problem.message)
    if defaults.tls and any(url.startswith("nats://") for url in application.servers):
        problems.add(where, f"must be tls:// URLs: no client talks in clear text, unless {prefix}tls is false")
