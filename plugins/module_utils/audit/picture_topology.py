# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of a cluster: who reaches which listener, what each asks for, and which servers are connected."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from .markup import Markup, element
from .picture import WIDTH, arrow, box, figure, fixed, picture, sign, words
from .printable import shortened
from .telling import counted
from .topology import NO, UNKNOWN, YES, Group, Server, groups, of_routes, routes, servers

#: More servers than that are drawn as one, more kinds of listeners are not drawn.
MOST_SERVERS = 12
_MOST_GROUPS, _MOST_ORIGINS = 14, 10
_TOP = 44
_ORIGIN_WIDTH, _ORIGIN_HEIGHT = 186, 36
_DOOR_X, _DOOR_WIDTH, _DOOR_HEIGHT, _DOOR_STEP = 270, 390, 88, 102
_RING_X, _RING_WIDTH, _RADIUS = 700, WIDTH - 700, 92


def topology_figure(topology: Mapping[str, Any]) -> Markup:
    """The picture and what is to be said of it; a sentence where nothing was seen."""
    found, doors = servers(topology), groups(topology)
    if not found:
        return element("p", "No server was looked at, so there is nothing to draw.", class_="none")
    drawn = _worth_drawing(doors)
    origins = list(dict.fromkeys(origin for door in drawn for origin in door.listener.origins if origin))
    shown = origins[:_MOST_ORIGINS]
    right, bottom = _servers(found)
    height = max(_TOP + len(drawn) * _DOOR_STEP, _TOP + len(shown) * (_ORIGIN_HEIGHT + 12), bottom) + 12
    heads = [
        words(0, 20, "Who reaches them", "head"),
        words(_DOOR_X, 20, "Listeners, and what they ask for", "head"),
        words(_RING_X, 20, "Servers, and their routes", "head"),
    ]
    parts = [*heads, *_origins(shown, drawn), *_doors(drawn, len(found)), *right]
    open_ones = [door for door in doors if _bare(door)]
    description = (
        f"{counted(len(found), 'server')} with {counted(len(doors), 'kind')} of listeners, "
        f"{len(open_ones)} of them without TLS and open to others. {of_routes(found)}"
    )
    bare = "A dashed line goes to a listener without TLS." if any(map(_bare, drawn)) else ""
    local = "A listener that only its own host reaches is drawn in grey." if any(d.local for d in drawn) else ""
    sentences = [bare, local, of_routes(found), *_left_out(found, doors, drawn, origins)]
    drawing = picture("topology-picture", height, "Servers and listeners", description, parts)
    return figure(drawing, "Picture of the servers and listeners", [each for each in sentences if each])


def _worth_drawing(doors: Sequence[Group]) -> list[Group]:
    """All of them, or those that ask for the least."""
    if len(doors) <= _MOST_GROUPS:
        return list(doors)
    weakest = sorted(range(len(doors)), key=lambda at: -doors[at].weakness)[:_MOST_GROUPS]
    return [doors[at] for at in sorted(weakest)]


def _left_out(found: Sequence[Server], doors: Sequence[Group], drawn: Sequence[Group], origins: list[str]) -> list[str]:
    sentences = []
    if len(found) > MOST_SERVERS:
        sentences.append(f"{counted(len(found), 'server')} are drawn as one: lines between them would hide each other.")
    if len(doors) > len(drawn):
        more = counted(len(doors) - len(drawn), "more kind")
        sentences.append(f"{more} of listeners ask for as much or more and are in the table only.")
    if len(origins) > _MOST_ORIGINS:
        sentences.append(f"{counted(len(origins) - _MOST_ORIGINS, 'more origin')} are in the table only.")
    return sentences


def _origins(shown: Sequence[str], drawn: Sequence[Group]) -> list[Markup]:
    """Boxes of those who reached a listener, each at the height of what it reached, with arrows to it."""
    middles = {
        origin: [_middle(at) for at, door in enumerate(drawn) if origin in door.listener.origins] for origin in shown
    }
    order = sorted(shown, key=lambda origin: sum(middles[origin]) / len(middles[origin]))
    parts, free = [], float(_TOP)
    for origin in order:
        y = max(free, sum(middles[origin]) / len(middles[origin]) - _ORIGIN_HEIGHT / 2)
        free = y + _ORIGIN_HEIGHT + 12
        start = y + _ORIGIN_HEIGHT / 2
        parts += [_reach(start, drawn[at], at) for at in range(len(drawn)) if origin in drawn[at].listener.origins]
        parts.append(box(0, y, _ORIGIN_WIDTH, _ORIGIN_HEIGHT, "box"))
        parts.append(fixed(_ORIGIN_WIDTH / 2, start + 4, origin, _ORIGIN_WIDTH - 16, anchor="middle"))
    return parts


def _reach(start: float, door: Group, at: int) -> Markup:
    """Dashed where what goes there is in clear text, or may be."""
    end, bend = _middle(at), (_ORIGIN_WIDTH + _DOOR_X) / 2
    path = f"M{_ORIGIN_WIDTH} {start:g}C{bend:g} {start:g} {bend:g} {end:g} {_DOOR_X - 2} {end:g}"
    return arrow(path, "bare" if _bare(door) else "dim" if door.listener.encrypted == UNKNOWN else "")


def _middle(at: int) -> float:
    return _TOP + at * _DOOR_STEP + _DOOR_HEIGHT / 2


def _doors(drawn: Sequence[Group], number: int) -> list[Markup]:
    parts: list[Markup] = []
    for at, door in enumerate(drawn):
        y, listener = _TOP + at * _DOOR_STEP, door.listener
        parts.append(box(_DOOR_X, y, _DOOR_WIDTH, _DOOR_HEIGHT, "box bare" if _bare(door) else "box"))
        name = f"{listener.kind} :{listener.port}" if listener.port else listener.kind
        parts.append(fixed(_DOOR_X + 12, y + 22, name, 190, "strong"))
        parts.append(words(_DOOR_X + _DOOR_WIDTH - 12, y + 22, _on(door, number), "quiet", "end"))
        asked = (
            (listener.encrypted, {YES: listener.tls}.get(listener.encrypted, _asks("TLS", listener.encrypted)), 106),
            (listener.certificate, _asks("certificate", listener.certificate), 148),
            (listener.login, _asks("login", listener.login), 112),
        )
        x = _DOOR_X + 8.0
        for state, word, width in asked:
            tone = _tone(door, word, state)
            parts += [box(x, y + 33, width, 22, f"pill {tone}"), sign(state, x + 6, y + 38, tone=tone)]
            parts.append(words(x + 21, y + 48, shortened(word, 11 if word == listener.tls else 30), f"asked {tone}"))
            x += width + 4
        place = door.addresses[0] if len(door.addresses) == 1 else f"{len(door.addresses):,} addresses"
        nobody = "" if any(listener.origins) else " - nobody here reached it"
        parts.append(fixed(_DOOR_X + 12, y + 75, (place if door.addresses else "") + nobody, _DOOR_WIDTH - 24, "quiet"))
    return parts


def _asks(word: str, state: str) -> str:
    return {NO: f"no {word}", UNKNOWN: f"{word} unknown"}.get(state, word)


def _bare(door: Group) -> bool:
    """Whether what goes there can be read on the way."""
    return door.listener.encrypted == NO and not door.local


def _tone(door: Group, word: str, state: str) -> str:
    """The colour of what is asked for: grey where only the host can ask, a warning where more protects it."""
    if state != NO:
        return state
    return "local" if door.local else "some" if word == "no certificate" else NO


def _on(door: Group, number: int) -> str:
    """On which servers, by the numbers that they have in the picture."""
    if len(door.at) == number:
        return "on the server" if number == 1 else f"on all {number:,} servers"
    if number > MOST_SERVERS or len(door.at) > 5:
        return f"on {len(door.at):,} of {number:,} servers"
    numbers = ", ".join(str(at + 1) for at in door.at)
    return f"on server {numbers}" if len(door.at) == 1 else f"on servers {numbers}"


def _servers(found: Sequence[Server]) -> tuple[list[Markup], float]:
    """The ring with its legend, or one box for many; and where it ends."""
    if len(found) > MOST_SERVERS:
        return _many(found)
    places = _ring(len(found))
    there, none = routes(found)
    parts = [
        element("path", d=f"M{places[a][0]:g} {places[a][1]:g}L{places[b][0]:g} {places[b][1]:g}", class_=class_)
        for pairs, class_ in ((none, "route missing"), (there, "route"))
        for a, b in pairs
    ]
    for at, (x, y) in enumerate(places):
        parts += [element("circle", cx=x, cy=y, r=16, class_="box"), words(x, y + 5, str(at + 1), "strong", "middle")]
    y = max(y for _x, y in places) + 48
    for at, server in enumerate(found):
        parts.append(words(_RING_X + 18, y, str(at + 1), "strong", "end"))
        parts.append(fixed(_RING_X + 28, y, server.name, _RING_WIDTH - 120, ""))
        parts.append(fixed(WIDTH, y, server.version or "version unknown", 84, "quiet", anchor="end"))
        y += 22
    return parts, y


def _ring(number: int) -> list[tuple[float, float]]:
    middle = (_RING_X + _RING_WIDTH / 2, _TOP + _RADIUS + 18.0)
    if number == 1:
        return [(middle[0], _TOP + 20.0)]
    if number == 2:
        return [(middle[0] - 70, _TOP + 20.0), (middle[0] + 70, _TOP + 20.0)]
    turns = [2 * math.pi * at / number - math.pi / 2 for at in range(number)]
    return [(middle[0] + _RADIUS * math.cos(turn), middle[1] + _RADIUS * math.sin(turn)) for turn in turns]


def _many(found: Sequence[Server]) -> tuple[list[Markup], float]:
    """One box, with the releases that run."""
    parts = [box(_RING_X + 12 - shift, _TOP + 12 - shift, _RING_WIDTH - 12, 74) for shift in (0, 6, 12)]
    there, _none = routes(found)
    parts.append(words(_RING_X + 16, _TOP + 32, counted(len(found), "server"), "strong"))
    parts.append(words(_RING_X + 16, _TOP + 54, counted(len(there), "route"), "quiet"))
    y = _TOP + 118.0
    releases = Counter(server.version or "version unknown" for server in found).most_common()
    for release, number in releases[:8]:
        parts.append(fixed(_RING_X, y, release, _RING_WIDTH - 110))
        parts.append(words(WIDTH, y, f"on {counted(number, 'server')}", "quiet", "end"))
        y += 22
    if len(releases) > 8:
        parts.append(words(_RING_X, y, f"and {counted(len(releases) - 8, 'more release')}", "quiet"))
        y += 22
    return parts, y
