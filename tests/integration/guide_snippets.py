# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide's snippets (tests/vectors/guide) with the repairs that a start takes, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SNIPPETS = Path(__file__).resolve().parents[1] / "vectors/guide"
NODES = ("nats-prod-1", "nats-prod-2", "nats-prod-3")


@dataclass(frozen=True)
class Repair:
    """Of ``snippets`` (words): ``written`` becomes ``instead``, with what the test fills in. row: of the fact sheet.

    forms: it is only needed for the cluster to form; the servers start without it.
    """

    snippets: str
    written: str
    instead: str
    why: str
    row: int = 0
    forms: bool = False


_OWN_FOLDER = "the test has folders of its own"
_ONE_MACHINE = "all servers of the tests are on one machine"
REPAIRS = (
    Repair("certificates", "IP.2 = 10.0.0.1", "IP.2 = {address}", "the guide has its reader list the addresses in use"),
    Repair(
        "certificates",
        "extendedKeyUsage = serverAuth",
        "extendedKeyUsage = serverAuth, clientAuth",
        "of the cluster's certificate, which the guide uses and never makes: who dials is a client there",
        13,
        forms=True,
    ),
    Repair("operator", "go install github.com/nats-io/nsc/v2@latest", "true", "nsc is built from its pinned source"),
    Repair("operator accounts users", "/etc/nats/", "{etc}/", _OWN_FOLDER),
    Repair("production tls nkeys jwt url", "/etc/nats/certs/", "{etc}/certs/", _OWN_FOLDER),
    Repair("production jwt url", "/etc/nats/jwt/", "{etc}/jwt/", _OWN_FOLDER),
    Repair("production jwt url", "/var/nats/", "{var}/", _OWN_FOLDER),
    Repair("production tls jwt url", "/var/log/nats/", "{var}/", _OWN_FOLDER),
    Repair("production", '"nats-prod-1"', '"{name}"', "one snippet, three servers"),
    Repair("production", '"0.0.0.0"', '"{address}"', "an address that nobody else reaches"),
    Repair("production", "port: 4222", "port: {client}", _ONE_MACHINE),
    Repair("production", "port: 6222", "port: {route}", _ONE_MACHINE),
    Repair("production", "http_port: 8222", "http_port: {monitoring}", _ONE_MACHINE),
    Repair(
        "production", "ocsp {{\n    mode: always", "ocsp {{\n    mode: never", "no server starts without an answer", 27
    ),
    *(
        Repair(
            "production",
            f"tls://{name}.internal:6222",
            f"tls://NCLUSTERPUBLICNKEY123456789ABCDEFGHIJKLMNO@{{address}}:{{{name}}}",
            "a route has to say the name that is asked for, and dial what certificate and DNS know",
            12,
            forms=True,
        )
        for name in NODES
    ),
    Repair("tls nkeys jwt url", "port: 4222", 'host: "127.0.0.1"\nport: {client}', _ONE_MACHINE),
    Repair("permissions", "authorization {{", 'listen: "127.0.0.1:{client}"\nauthorization {{', _ONE_MACHINE),
    Repair("tls", '"P-256"', '"CurveP256"', "no server starts with a curve that it does not know", 5),
    Repair("nkeys", "UAHJZB6POOHSHCE7XHWW4INJHZK4X5H2ACJMQVQGVZDFM2LRMW6AJTJU", "{order}", "is no key", 9),
    Repair("nkeys", "UBXYZ123ABCDEF456789GHIJKLMNOPQRSTUVWXYZ123456789", "{inventory}", "is no key", 9),
    Repair("nkeys", "UADMIN123FULLACCESS456789OPERATIONS123456789ABC", "{admin}", "is no key", 9),
    Repair(
        "url",
        "# resolver: URL(http://account-server.internal:9090/jwt/v1/accounts/)",
        "resolver: URL(http://127.0.0.1:{accounts}/)",
        "taken out of its comment; of two resolvers the last one counts",
        23,
    ),
)
_FILES = {"url": "jwt"}


def snippet(name: str, forms: bool, /, **given: object) -> str:
    """The guide's own text, repaired. given: what the repairs fill in."""
    (place,) = SNIPPETS.glob(f"{_FILES.get(name, name)}.*")
    text = place.read_text(encoding="ascii")
    for repair in REPAIRS:
        if name in repair.snippets.split() and (forms or not repair.forms):
            written = repair.written.format(**given)
            assert written in text, f"{name} has no {written!r}"
            text = text.replace(written, repair.instead.format(**given))
    return text


def repairs() -> Iterator[str]:
    """As docs/audit_guide.md shows them."""
    yield "| snippet | written | instead | why | row |"
    yield "|---|---|---|---|---|"
    for repair in REPAIRS:
        written, instead = (_code(text) for text in (repair.written, repair.instead))
        why = f"{repair.why}; only to form a cluster" if repair.forms else repair.why
        yield f"| {repair.snippets.replace(' ', ', ')} | {written} | {instead} | {why} | {repair.row or ''} |"


def _code(text: str) -> str:
    return f"`{text.replace('{{', '{').replace(chr(10), ' ')}`"
