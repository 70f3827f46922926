# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb ``client_applications``: what the applications of a host need, looked for on the controller."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Callable, Optional, TypeVar

from ..plan.errors import NatsError, StoreError
from ..plan.folder import Folder
from ..plan.problems import Problems
from ..plan.verb import Outcome, Surroundings, Verb
from ..trust import creds as creds_files
from ..trust import keys, tokens
from ..trust.accounts import scopes
from ..trust.inbox import inbox_of
from ..trust.store import Store, account_path, creds_path, user_path
from ..trust.tokens import Token
from ..trust.verb_trust_info import the_operator
from .access import read_file, read_pair, read_pem
from .applications import Application, Defaults, parse_applications

ARGUMENTS: Mapping[str, Any] = {
    "applications": {"type": "list", "elements": "raw", "required": True},
    "host": {"type": "str", "required": True},
    "servers": {"type": "list", "elements": "str", "default": []},
    "trust_dir": {"type": "path", "default": "nats/trust"},
    "operator": {"type": "str"},
    "pki_dir": {"type": "path", "default": "nats/pki"},
    "tls": {"type": "bool", "default": True},
    "certificate": {"type": "dict", "default": {}},
    "folder": {"type": "str", "default": "/etc/nats-clients"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "coming": {"type": "list", "elements": "dict", "default": []},
    "prefix": {"type": "str", "default": ""},
}

Read = TypeVar("Read")


@dataclass(frozen=True)
class _Place:
    """What is looked at. coming: account and user of those that the run that follows makes (check mode)."""

    params: Mapping[str, Any]
    surroundings: Surroundings
    problems: Problems
    coming: frozenset[tuple[str, str]]


def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Read and check everything; nothing is written."""
    problems = Problems()
    defaults = Defaults(
        servers=tuple(params["servers"]),
        folder=params["folder"],
        owner=params["owner"] or "",
        group=params["group"] or "",
        tls=params["tls"],
        certificate=params["certificate"],
    )
    found = parse_applications(params["applications"], defaults, problems, params["prefix"])
    coming = _users(params["coming"]) if surroundings.check_mode else frozenset()
    place = _Place(params, surroundings, problems, coming)
    present = [application for application in found if application.present]
    store = _store(place) if any(application.account for application in present) else None
    described = [_describe(application, store, place) for application in found]
    issued = [application for application in present if params["tls"] and not application.tls_files]
    if issued and not surroundings.check_mode and not os.path.exists(_authority(params)):
        problems.add(f"{params['prefix']}pki_dir", f"there is no {_authority(params)}: run aegis.nats.deploy first")
    problems.raise_if_any()
    certificates = [_certificate(application, params["host"]) for application in issued]
    return Outcome(values={"applications": described, "certificates": certificates})


def _authority(params: Mapping[str, Any]) -> str:
    return f"{params['pki_dir']}/ca.crt"


def _certificate(application: Application, host: str) -> dict[str, Any]:
    name = application.certificate_name(host)
    return {"common_name": application.name, **application.certificate, "name": name, "profile": "client"}


def _users(accounts: Sequence[Mapping[str, Any]]) -> frozenset[tuple[str, str]]:
    """Account and user of a tree that may hold anything: its own checks are others' business."""
    return frozenset(
        (str(account.get("name")), str(user.get("name")))
        for account in accounts
        for user in account.get("users") or []
        if isinstance(user, Mapping)
    )


def _store(place: _Place) -> Optional[tuple[Store, str]]:
    """The trust store and the operator that is meant; None where there is none."""
    params = place.params
    try:
        store = Store(Folder(params["trust_dir"], place.surroundings.seal))
        return store, the_operator(store, params["operator"])
    except StoreError as error:
        if not place.coming:
            place.problems.add(
                f"{params['prefix']}trust_dir", f"{error}: run aegis.nats.deploy first, or name its folder"
            )
    return None


def _describe(application: Application, store: Optional[tuple[Store, str]], place: _Place) -> dict[str, Any]:
    """An application as aegis.nats.client_files takes it."""
    found: dict[str, Any] = {"name": application.name, "path": application.path}
    if not application.present:
        return {**found, "state": "absent"}
    params = place.params
    login, token = _login(application, store, place)
    who = f"{application.account}/{application.user}" if application.account else application.name
    found |= {
        "servers": list(application.servers),
        "services": list(application.services),
        "service_action": application.service_action,
        "description": application.description or f"{who} on {params['host']}",
        **({"owner": application.owner} if application.owner else {}),
        **({"group": application.group} if application.group else {}),
        **login,
    }
    inbox = application.inbox_prefix or _inbox(application, token, store)
    if inbox:
        found["inbox_prefix"] = inbox
    if params["tls"]:
        found |= _tls(application, place)
    return found


def _tls(application: Application, place: _Place) -> dict[str, str]:
    given = application.tls_files
    if given:
        where = f"{application.where}.tls_files"
        read_pem(given["ca"], f"{where}.ca", place.surroundings.seal, place.problems)
        read_pair(given["certificate"], given["key"], place.surroundings.seal, place.problems, f"{where}.")
        return dict(given)
    issued = f"{place.params['pki_dir']}/issued/{application.certificate_name(place.params['host'])}"
    return {"ca": _authority(place.params), "certificate": f"{issued}.crt", "key": f"{issued}.key"}


def _login(
    application: Application, store: Optional[tuple[Store, str]], place: _Place
) -> tuple[dict[str, str], Optional[Token]]:
    """The file that proves who the application is, looked into; the token in it, where that is one."""
    where = application.where
    if application.nkey:
        content = read_file(application.nkey, f"{where}.nkey", place.surroundings.seal, place.problems)
        _check(content, _read_nkey, f"{where}.nkey", application.nkey, place)
        return {"nkey": application.nkey}, None
    if application.creds:
        content = read_file(application.creds, f"{where}.creds", place.surroundings.seal, place.problems)
        return {"creds": application.creds}, _check(content, _read_creds, f"{where}.creds", application.creds, place)
    account, user = str(application.account), str(application.user)
    known = (account, user) in place.coming
    if store is None:
        if place.coming and not known:
            place.problems.add(f"{where}.user", f"the tree that is to be made has no user {user} of {account}")
        return {"creds": f"{place.params['trust_dir']}/keys/creds/{account}/{user}.creds"}, None
    path = str(store[0].folder.root / creds_path(store[1], account, user))
    return {"creds": path}, _held(path, place) if known else _check_user(application, store, path, place)


def _inbox(application: Application, user: Optional[Token], store: Optional[tuple[Store, str]]) -> Optional[str]:
    """The prefix of its own that its user has, by its token or by the role that its account gives it."""
    if user is None:
        return None
    name = application.account
    held = store[0].folder.read_raw(account_path(store[1], name)) if store and name else None
    try:
        listed = scopes(tokens.recall(held.decode("ascii", "replace"))) if held else ()
    except (NatsError, IndexError):
        return None  # an account that is damaged gives nobody a role
    return inbox_of(user.claims, next((each["template"] for each in listed if each["key"] == user.issuer), None))


def _held(path: str, place: _Place) -> Optional[Token]:
    """The token in creds that the run that follows makes, or makes anew: nothing is wrong with those that are there."""
    content = read_file(path, "", place.surroundings.seal, Problems())
    try:
        return tokens.recall(creds_files.read(content).token) if content else None
    except (NatsError, IndexError):
        return None


def _check_user(application: Application, store: tuple[Store, str], path: str, place: _Place) -> Optional[Token]:
    folder, operator = store[0].folder, store[1]
    account, user, where = str(application.account), str(application.user), application.where
    if folder.read_raw(account_path(operator, account)) is None:
        known = ", ".join(_names(folder, f"stores/{operator}/accounts/", 1))
        place.problems.add(f"{where}.account", f"there is no account {account} in {folder.root}: it has {known}")
    elif folder.read_raw(user_path(operator, account, user)) is None:
        known = ", ".join(_names(folder, f"stores/{operator}/accounts/{account}/users/", 0)) or "no user"
        said = "" if user != application.name else " (the application's name, as it says no user)"
        place.problems.add(f"{where}.user", f"the account {account} has no user {user}{said}: it has {known}")
    elif folder.read_raw(creds_path(operator, account, user)) is None:
        place.problems.add(
            f"{where}.user", f"{account}/{user} has no creds in {folder.root}: it keeps its seed elsewhere"
        )
    else:
        content = read_file(path, f"{where}.user", place.surroundings.seal, place.problems)
        return _check(content, _read_creds, f"{where}.user", path, place)
    return None


def _names(folder: Folder, start: str, depth: int) -> list[str]:
    below = [name[len(start) :] for name in folder.names() if name.startswith(start)]
    return sorted({name.split("/")[0].removesuffix(".jwt") for name in below if name.count("/") >= depth})


def _check(
    content: Optional[bytes], read: Callable[[bytes, datetime], Read], where: str, path: str, place: _Place
) -> Optional[Read]:
    if content is None:
        return None
    try:
        return read(content, place.surroundings.now)
    except NatsError as error:
        place.problems.add(where, f"{path}: {error}")
    return None


def _read_nkey(content: bytes, now: datetime) -> None:
    keys.from_seed(content.decode("ascii", "replace").strip(), keys.Role.USER)


def _read_creds(content: bytes, now: datetime) -> Token:
    """Raises NatsError for what nobody can log in with."""
    found = creds_files.read(content)
    keys.from_seed(found.seed, keys.Role.USER)
    token = tokens.read(found.token)
    if token.expires and token.expires <= now.timestamp():
        day = datetime.fromtimestamp(token.expires, timezone.utc).date()
        raise NatsError(f"expired on {day}: run aegis.nats.deploy, which issues due tokens again")
    return token


VERB = Verb("client_applications", ARGUMENTS, run, local_paths=("trust_dir", "pki_dir"))
