# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One token: whether what is there will do, why not, and the one that replaces it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

from ..plan import units
from . import claims, kinds, tokens
from .accounts import settled
from .differences import differences
from .fields import to_words
from .keys import KeyPair
from .tokens import Token
from .tree import ScopedKey

_DAY = 86_400


@dataclass(frozen=True)
class Wish:
    """What a token has to say.

    of: the dataclass of the tree whose words name what differs.
    names: public keys that reasons call by a name.
    lifetime, renew_before: seconds; None is for ever, and a third of the lifetime.
    issuers: the keys that may sign it.
    accepted: keys that are fine on the one that is there, but sign no new one.
    instead: what to say where none of them signed the one that is there.
    not_before: Unix seconds; 0 is from issue.
    """

    of: type[Any]
    subject: str
    name: str
    nats: Mapping[str, Any]
    issuers: tuple[str, ...]
    lifetime: Optional[int] = None
    renew_before: Optional[int] = None
    names: Optional[Mapping[str, str]] = None
    accepted: tuple[str, ...] = ()
    instead: str = ""
    not_before: int = 0


def why(old: Token, wish: Wish, now: int) -> list[str]:
    """The reasons to issue a token again; none when the one that is there will do."""
    reasons: list[str] = []
    if old.issuer not in (*wish.issuers, *wish.accepted):
        reasons.append(wish.instead or f"was signed by {old.issuer}, which may not sign it any more")
    if old.subject != wish.subject:
        reasons.append(f"its key: {old.subject} becomes {wish.subject}")
    if old.name != wish.name:
        reasons.append(f'name: "{old.name}" becomes "{wish.name}"')
    before, after = _arranged(old.nats), _arranged(wish.nats)
    if before != after:
        reasons += differences(picture(wish, before), picture(wish, after)) or ["its claims are written anew"]
    if old.not_before != wish.not_before:
        reasons.append(f"not_before: {_moment(old.not_before)} becomes {_moment(wish.not_before)}")
    return reasons + due(old, wish.lifetime, wish.renew_before, now)


def issue(old: Optional[Token], wish: Wish, now: int, signer: KeyPair, after: int = 0) -> Token:
    """The new token: issued later than the one it replaces, for servers treat an equal ``iat`` as the same.

    after: it is issued later than that, too; revocations refuse what was issued until their time.
    """
    issued = max(now, after + 1, old.issued_at + 1 if old else 0)
    wanted: dict[str, Any] = {"iat": issued, "name": wish.name, "sub": wish.subject, "nats": wish.nats}
    if wish.lifetime is not None:
        wanted["exp"] = issued + wish.lifetime
    if wish.not_before:
        wanted["nbf"] = wish.not_before
    return tokens.sign(wanted, signer)


def picture(wish: Wish, nats: Mapping[str, Any], full: bool = True) -> dict[str, Any]:
    """Claims in the words of the tree, and those that the tree has no words for under their own names."""
    words = to_words(wish.of, nats, full)
    for name in ("system_account", "issuer_account"):
        if name in nats or name in words:
            words[name] = nats.get(name)
    if "signing_keys" in nats:
        words["signing_keys"] = [_signing_key(item, full) for item in nats["signing_keys"]]
    for item in words.get("imports") or []:
        if item.get("token"):
            # Long, and by itself of no use to a reader: its end tells one from the other.
            item["token"] = f"...{item['token'][-8:]}"
    shown: dict[str, Any] = _named(words, wish.names or {})
    return shown


def _signing_key(item: Any, full: bool) -> Any:
    return {**to_words(ScopedKey, item, full), "key": item.get("key")} if isinstance(item, Mapping) else item


def _named(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _named(content, names) for name, content in value.items()}
    if isinstance(value, (list, tuple)):
        return [_named(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


def _arranged(nats: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = claims.arrange({"nats": settled(nats)})["nats"]
    return found


def due(old: Token, lifetime: Optional[int], renew_before: Optional[int], now: int) -> list[str]:
    """The reasons that time gives to issue a token again. lifetime, renew_before: seconds, as in a wish."""
    had = old.expires - old.issued_at if old.expires else None
    if had != lifetime:
        return [f"expires: {_lifetime(had)} becomes {_lifetime(lifetime)}"]
    if lifetime is None:
        return []
    before = lifetime // 3 if renew_before is None else renew_before
    left = old.expires - now
    if left <= 0:
        return ["had expired, is renewed"]
    return [f"is renewed, {_left(left)} before its end"] if left <= before else []


def _moment(seconds: int) -> str:
    return str(kinds.MOMENT.show(seconds)) if seconds else "nothing"


def _lifetime(seconds: Optional[int]) -> str:
    if seconds is None:
        return "never"
    if seconds % _DAY == 0:
        return f"{seconds // _DAY}d"
    return units.duration(seconds * 1_000_000_000)


def _left(seconds: int) -> str:
    return f"{seconds // _DAY} days" if seconds >= 2 * _DAY else f"{seconds // 3600} hours"
