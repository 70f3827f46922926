# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of trust: which key signed which account, who is known in it, and what flows between accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from .markup import Markup, element
from .picture import arrow, box, figure, fixed, picture, sign, words
from .printable import shortened
from .telling import counted
from .tree import Account, Operator, Share, accounts, operator, shares, short_key

#: Of more accounts than that, some are drawn and the rest as one.
MOST_ACCOUNTS = 12
_DRAWN_OF_MANY = 7
_MOST_ARROWS = 9
_TOP = 44
_OPERATOR_WIDTH = 196
_X, _ACCOUNT_WIDTH = 286, 426
_EDGE = _X + _ACCOUNT_WIDTH
_HEAD, _USER, _GAP = 52, 56, 14
_USERS = 14


@dataclass(frozen=True)
class _Card:
    """An account and where it is drawn. at: its place in the report."""

    at: int
    account: Account
    y: float
    height: float
    users: int

    @property
    def middle(self) -> float:
        return self.y + min(self.height, _HEAD) / 2


def trust_figure(trust: Mapping[str, Any]) -> Markup:
    """The picture and what is to be said of it; a sentence where nothing is known."""
    root, known, given = operator(trust), accounts(trust), shares(trust)
    if root is None and not known:
        return element("p", "Neither an operator nor an account was seen, so there is nothing to draw.", class_="none")
    cards = _cards(known, given)
    rest = len(known) - len(cards)
    places = {card.at: card for card in cards}
    flows = [each for each in given if each.source in places and each.target in places and each.source != each.target]
    bottom = cards[-1].y + cards[-1].height if cards else _TOP
    parts = [
        words(0, 20, "Operator", "head"),
        words(_X, 20, "Accounts and their users", "head"),
        words(_EDGE + 14, 20, "What they share", "head") if flows else Markup(),
        *_operator(root, cards),
        *(part for card in cards for part in _account(card)),
        *_flows(flows[:_MOST_ARROWS], places),
    ]
    if rest:
        parts += _rest(known, cards, bottom + _GAP)
        bottom += _GAP + 40
    height = max(bottom, _TOP + 60 + 38 * len(root.keys) if root else 0) + 12
    users = sum(len(each.users) for each in known)
    name = f"Operator {root.name}" if root else "No operator"
    description = (
        f"{name}; {counted(len(known), 'account')} with {counted(users, 'user')}; {counted(len(given), 'import')}."
    )
    drawing = picture("trust-picture", height, "Operator, accounts and users", description, parts)
    return figure(drawing, "Picture of the operator, accounts and users", _left_out(known, cards, given, flows))


def _cards(known: Sequence[Account], given: Sequence[Share]) -> list[_Card]:
    """The accounts that are drawn: of many, the system account and those that share the most."""
    chosen = list(range(len(known)))
    if len(known) > MOST_ACCOUNTS:
        ends = [end for share in given for end in (share.source, share.target)]
        chosen.sort(key=lambda at: (not known[at].system, -ends.count(at), at))
        chosen = sorted(chosen[:_DRAWN_OF_MANY])
    each_has = max(1, min(4, _USERS // max(1, len(chosen))))
    found, y = [], float(_TOP)
    for at in chosen:
        users = min(len(known[at].users), each_has)
        more = 20 if len(known[at].users) > users else 0
        height = _HEAD + users * _USER + more
        found.append(_Card(at, known[at], y, height, users))
        y += height + _GAP
    return found


def _operator(root: Optional[Operator], cards: Sequence[_Card]) -> list[Markup]:
    """The box with the keys, and from each key lines to what it signed."""
    if root is None:
        return [
            box(0, _TOP, _OPERATOR_WIDTH, 62, "box absent"),
            words(14, _TOP + 26, "No operator", "strong"),
            words(14, _TOP + 46, "accounts are the servers' own", "quiet"),
        ]
    shown = root.keys[:6]
    parts = [_signed(card, shown) for card in cards]
    parts.append(box(0, _TOP, _OPERATOR_WIDTH, 48 + 38 * len(shown)))
    parts.append(fixed(14, _TOP + 26, root.name or "operator", _OPERATOR_WIDTH - 28, "strong"))
    for at, (what, key) in enumerate(shown):
        y = _TOP + 48.0 + 38 * at
        parts.append(words(14, y + 4, what, "quiet"))
        parts.append(fixed(14, y + 20, short_key(key) or "unknown", _OPERATOR_WIDTH - 28))
    return parts


def _signed(card: _Card, keys: Sequence[tuple[str, str]]) -> Markup:
    """Dashed from the box's head where none of the keys signed the account."""
    at = next((at for at, (_what, key) in enumerate(keys) if key and key == card.account.signed_by), None)
    start = _TOP + 22.0 if at is None else _TOP + 60.0 + 38 * at
    bend = (_OPERATOR_WIDTH + _X) / 2
    path = f"M{_OPERATOR_WIDTH} {start:g}C{bend:g} {start:g} {bend:g} {card.middle:g} {_X} {card.middle:g}"
    return element("path", d=path, class_="branch dim" if at is None else "branch")


def _account(card: _Card) -> list[Markup]:
    account, y = card.account, card.y
    parts = [box(_X, y, _ACCOUNT_WIDTH, card.height)]
    parts.append(fixed(_X + 14, y + 22, account.name, _ACCOUNT_WIDTH - 150, "strong"))
    word = "system account" if account.system else "account"
    parts.append(words(_EDGE - 14, y + 22, word, "quiet", "end"))
    parts.append(fixed(_X + 14, y + 40, short_key(account.key) or "without a key", 160, "quiet"))
    y += _HEAD
    if not account.users:
        parts.append(words(_EDGE - 14, y - 12, "no user was seen", "quiet", "end"))
    for user in account.users[: card.users]:
        parts += [element("circle", cx=_X + 22, cy=y + 7, r=4, class_="person")]
        parts.append(element("path", d=f"M{_X + 14} {y + 20:g}a8 8 0 0 1 16 0z", class_="person"))
        parts.append(fixed(_X + 40, y + 14, user.name, _ACCOUNT_WIDTH - (170 if user.bearer else 54), "strong"))
        if user.bearer:
            parts += [sign("warn", _EDGE - 116, y + 3), words(_EDGE - 14, y + 14, "bearer token", "warn", "end")]
        for line, (verb, subjects) in enumerate((("publish", user.publish), ("hear", user.subscribe))):
            parts.append(words(_X + 40, y + 30 + 16 * line, verb, "quiet"))
            class_ = "no" if subjects == "everything" else ""
            parts.append(fixed(_X + 94, y + 30 + 16 * line, subjects, _ACCOUNT_WIDTH - 106, class_))
        y += _USER
    if len(account.users) > card.users:
        more = f"and {counted(len(account.users) - card.users, 'more user')}"
        parts.append(words(_X + 40, y + 10, more, "quiet"))
    return parts


def _flows(flows: Sequence[Share], places: Mapping[int, _Card]) -> list[Markup]:
    """Arrows in lanes beside the accounts, the short ones inside, each with its number."""
    order = sorted(range(len(flows)), key=lambda at: _span(flows[at], places))
    used: dict[int, int] = {}
    lanes: list[list[tuple[float, float]]] = []
    parts = []
    for at in order:
        ends = []
        for place in (flows[at].source, flows[at].target):
            card = places[place if place is not None else 0]
            used[card.at] = used.get(card.at, 0) + 1
            ends.append(card.y + min(card.height - 8, 4 + 13.0 * used[card.at]))
        start, end = ends
        x = _EDGE + 30 + 24.0 * _lane(lanes, min(ends), max(ends))
        turn = 8 if end > start else -8
        path = (
            f"M{_EDGE} {start:g}H{x - 8:g}Q{x:g} {start:g} {x:g} {start + turn:g}V{end - turn:g}"
            f"Q{x:g} {end:g} {x - 8:g} {end:g}H{_EDGE + 2}"
        )
        middle = (start + end) / 2
        parts += [arrow(path), element("circle", cx=x, cy=middle, r=10, class_="box")]
        parts.append(words(x, middle + 4, str(at + 1), "small", "middle"))
    return parts


def _lane(lanes: list[list[tuple[float, float]]], top: float, bottom: float) -> int:
    """The first lane where that stretch is free; it is taken."""
    for at, lane in enumerate(lanes):
        if all(bottom + 12 < first or last + 12 < top for first, last in lane):
            lane.append((top, bottom))
            return at
    lanes.append([(top, bottom)])
    return len(lanes) - 1


def _span(flow: Share, places: Mapping[int, _Card]) -> float:
    source = places[flow.source if flow.source is not None else 0]
    return abs(source.y - places[flow.target].y)


def _rest(known: Sequence[Account], cards: Sequence[_Card], y: float) -> list[Markup]:
    drawn = {card.at for card in cards}
    users = sum(len(each.users) for at, each in enumerate(known) if at not in drawn)
    label = f"{counted(len(known) - len(drawn), 'more account')} with {counted(users, 'user')}"
    return [
        box(_X, y, _ACCOUNT_WIDTH, 40, "box absent"),
        words(_X + _ACCOUNT_WIDTH / 2, y + 25, label, "", "middle"),
    ]


def _left_out(known: list[Account], cards: list[_Card], given: list[Share], flows: list[Share]) -> list[str]:
    """What the arrows mean, and what was not drawn."""
    sentences = []
    for number, flow in enumerate(flows[:_MOST_ARROWS], 1):
        source = known[flow.source if flow.source is not None else 0]
        user, kind, subject, owner = (
            shortened(each, 60) for each in (known[flow.target].name, flow.kind, flow.subject, source.name)
        )
        sentences.append(f"{number}: {user} uses the {kind} {subject} of {owner}.")
    if len(known) > len(cards):
        sentences.append(
            f"Of {len(known):,} accounts {len(cards)} are drawn: the system account, and those that share the most."
        )
    if len(given) > len(flows[:_MOST_ARROWS]):
        sentences.append(f"{len(flows[:_MOST_ARROWS])} of {counted(len(given), 'import')} are drawn as arrows.")
    return sentences
