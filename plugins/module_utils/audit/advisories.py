# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Known security flaws of nats-server, as of a date; what came later is not known here.

Source: the NATS project's advisories (advisories.nats.io, repository nats-io/advisories).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

#: The day of the youngest advisory when the list was made.
AS_OF = date(2026, 6, 29)
Version = tuple[int, int, int]


@dataclass(frozen=True)
class Advisory:
    """fixed: the first version of each release line that is free of it; later lines are too, earlier ones never.

    concerns: the kind of listener that it takes, or an empty text where every server is concerned. worst: it takes no
    login.
    """

    id: str
    summary: str
    fixed: tuple[Version, ...]
    since: Version = (2, 0, 0)
    concerns: str = ""
    worst: bool = False


def _of_march(name: str, summary: str, concerns: str = "", worst: bool = False) -> Advisory:
    return Advisory(name, summary, ((2, 11, 15), (2, 12, 6)), concerns=concerns, worst=worst)


def _of_june(name: str, summary: str, concerns: str = "", worst: bool = False) -> Advisory:
    return Advisory(name, summary, ((2, 12, 12), (2, 14, 3)), concerns=concerns, worst=worst)


_OCTOBER_2023 = ((2, 9, 23), (2, 10, 2))
_WINTER = ((2, 11, 12), (2, 12, 3))
_EARLY_MARCH = ((2, 11, 14), (2, 12, 5))
_APRIL = ((2, 11, 17), (2, 12, 8))
_SPRING = ((2, 11, 16), (2, 12, 7), (2, 14, 0))
ADVISORIES: tuple[Advisory, ...] = (
    Advisory("CVE-2020-26521", "a malformed JWT crashes the server", ((2, 1, 9),), worst=True),
    Advisory("CVE-2020-26892", "expired credentials are accepted", ((2, 1, 9),)),
    Advisory("CVE-2020-28466", "imports in a circle crash the server", ((2, 2, 0),)),
    Advisory("CVE-2021-3127", "an import token serves any account and subject", ((2, 2, 0),)),
    Advisory("CVE-2021-32026", "weak cipher suites with TLS options on the command line", ((2, 2, 3),)),
    Advisory("CVE-2022-24450", "a user may choose another account, the system account too", ((2, 7, 2),)),
    Advisory("CVE-2022-26652", "a user of JetStream writes files anywhere", ((2, 7, 4),), (2, 2, 0)),
    Advisory("CVE-2022-28357", "the system account writes files anywhere", ((2, 8, 0),), (2, 2, 0)),
    Advisory("CVE-2022-29946", "deny rules do not hold for queue subscriptions", ((2, 8, 2),)),
    Advisory("CVE-2022-42708", "a user crashes the server", ((2, 9, 3),), (2, 2, 0)),
    Advisory("CVE-2022-42709", "imports in a circle crash the server", ((2, 9, 3),)),
    Advisory("CVE-2023-47090", "a system account alone lets strangers in", _OCTOBER_2023, (2, 2, 0), worst=True),
    Advisory("CVE-2023-46129", "xkey encryption uses one fixed key", ((2, 10, 4),), (2, 10, 0)),
    Advisory("CVE-2025-30215", "JetStream's API works across accounts", ((2, 10, 27), (2, 11, 1)), (2, 2, 0)),
    Advisory("CVE-2026-27571", "a compression bomb takes the memory", _WINTER, (2, 2, 0), "websocket", True),
    Advisory("CVE-2026-27889", "a frame crashes the server", _EARLY_MARCH, (2, 2, 0), "websocket", True),
    Advisory("CVE-2026-29785", "a leaf node crashes the server", _EARLY_MARCH, concerns="leafnode", worst=True),
    _of_march("CVE-2026-33216", "monitoring shows MQTT passwords", "mqtt", True),
    _of_march("CVE-2026-33215", "a session is taken over by its client ID", "mqtt"),
    _of_march("CVE-2026-33217", "permissions do not hold for MQTT", "mqtt"),
    _of_march("CVE-2026-33246", "a leaf node forges who asks (Nats-Request-Info)", "leafnode"),
    _of_march("CVE-2026-33223", "a client forges who asks (Nats-Request-Info)"),
    _of_march("CVE-2026-33218", "a leaf node crashes the server", "leafnode", True),
    _of_march("CVE-2026-33219", "a client takes the memory", "websocket", True),
    _of_march("CVE-2026-33222", "restore writes into another stream than permitted"),
    _of_march("CVE-2026-33248", "some names in certificates match another user (verify_and_map)"),
    _of_march("CVE-2026-33247", "monitoring shows passwords of the command line"),
    _of_march("CVE-2026-33249", "message tracing publishes anywhere"),
    Advisory("GHSA-38x3-76xf-cq45", "no_auth_user lets strangers act as a route", _SPRING, worst=True),
    Advisory("GHSA-wh7g-5m82-pmhr", "overlapping wildcards pass a deny rule", _SPRING),
    Advisory("GHSA-jx8g-9g95-6322", "a queue subscription passes a deny rule", _SPRING),
    Advisory("GHSA-3g5q-cfh2-cq67", "a second INFO crashes the server", _APRIL, concerns="leafnode", worst=True),
    Advisory("GHSA-qrcv-3558-gj4f", "an MQTT subject holds commands", ((2, 12, 9), (2, 14, 1)), concerns="mqtt"),
    Advisory("GHSA-g33f-6538-grxh", "a JWT with a short issuer crashes it", ((2, 12, 10), (2, 14, 2)), worst=True),
    _of_june("GHSA-p3j5-5hrq-p75h", "message tracing publishes anywhere, over a leaf node", "leafnode"),
    _of_june("GHSA-4g68-3pwx-5vfj", "an MQTT subscription passes its permissions", "mqtt"),
    _of_june("GHSA-hmmp-q8cx-v964", "no_auth_user passes the limits of its connections", worst=True),
    _of_june("GHSA-r72h-j7qq-v6qg", "halves of packets take the memory", "mqtt", True),
    _of_june("GHSA-7qmq-8cc4-hxwg", "replayed messages pass a deny rule", "mqtt"),
    _of_june("GHSA-p957-7v2w-g93g", "a path crashes the server", "websocket", True),
    _of_june("GHSA-q59r-vq66-pxc2", "a number in /connz crashes the server"),
)  # fmt: skip


def of_version(version: str, kinds: Iterable[str]) -> list[Advisory]:
    """Those that a server of this version has, whose listeners are of these kinds. Raises ValueError for no version."""
    match = re.match(r"v?(\d+)\.(\d+)\.(\d+)", version)
    if not match:
        raise ValueError(f"{version!r} is not a version")
    number: Version = (int(match[1]), int(match[2]), int(match[3]))
    listening = frozenset(kinds)
    return [each for each in ADVISORIES if (not each.concerns or each.concerns in listening) and _has(each, number)]


def _has(advisory: Advisory, version: Version) -> bool:
    if version < advisory.since or version[:2] > max(fixed[:2] for fixed in advisory.fixed):
        return False
    return not any(fixed[:2] == version[:2] and version >= fixed for fixed in advisory.fixed)
