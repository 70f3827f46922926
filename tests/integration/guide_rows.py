# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the audit has to say of the guide's clusters, row by row of the fact sheet: the one source of that table.

test_audit_guide.py holds it to what is measured, tests/meta/test_audit.py docs/audit_guide.md to it. Places in the
evidence are written with an ellipsis, as ``measured`` in test_audit_guide.py writes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

#: What is audited: by its name in the table, what it is.
PLACES = {
    "as written": "three servers of the production configuration that start and form no cluster",
    "formed": "the same, mended until they form one, with three applications connected",
    "ecdsa": "`formed`, one server of which has an ECDSA certificate",
    "tls": "the server of the TLS section",
    "nkeys": "the server of the NKey section",
    "permissions": "the server of the section on permissions",
    "jwt": "the server of the JWT section",
    "url": "the same with the resolver that its comment offers",
}


@dataclass(frozen=True)
class Told:
    """One finding that must be there, as often as ``times`` says. row: of the fact sheet's table; 0: of none."""

    row: int
    weakness: str
    place: str
    control: str
    verdict: str
    evidence: str
    times: int = 1


_STRICT = (
    "a strict verifier refuses its chain: its certificate is not accepted here: CA cert does not include key usage "
    "extension"
)
_REPLIES = "hears the replies of all other users of its account (_INBOX.>)"
_SERVERS_ONLY = "its certificate is good for servers only (no clientAuth): those that it dials refuse it"
ROWS = (
    Told(1, "An authority without keyUsage", "formed", "expiry", "warn", _STRICT, 6),
    Told(1, "The recipe's only certificate is a server's", "as written", "peers-mutual-tls", "fail", _SERVERS_ONLY, 3),
    Told(
        2,
        "none: the default, written out",
        "formed",
        "tls-version",
        "pass",
        "refuses TLS 1.0 and 1.1, shakes hands by TLSv1.3",
        6,
    ),
    Told(
        4,
        "Suites for RSA, whatever the certificate",
        "ecdsa",
        "tls-suites",
        "warn",
        "none of its suites goes with its certificate: TLS 1.2, which it allows, is refused to everybody",
    ),
    Told(
        6,
        "none: `verify_and_map: false` leaves `verify: true` alone",
        "tls",
        "tls-client-certificate",
        "pass",
        "refuses one without a certificate and one with a certificate that nobody signed",
    ),
    Told(
        7,
        "`verify_and_map` beside an operator",
        "formed",
        "tls-client-certificate",
        "warn",
        "verify_and_map maps nobody to a user beside an operator: whoever has creds shows any certificate",
        3,
    ),
    Told(
        8,
        "none: `ca_file` is always there",
        "formed",
        "verify-with-authority",
        "pass",
        "verifies against …/certs/ca-cert.pem",
        6,
    ),
    Told(
        9,
        "An administrator without permissions",
        "nkeys",
        "permissions-limited",
        "fail",
        "may publish and subscribe to everything in its account",
    ),
    Told(9, "Services that hear every reply", "nkeys", "permissions-limited", "fail", _REPLIES, 2),
    Told(
        9,
        "Users in the configuration",
        "nkeys",
        "trust-hierarchy",
        "warn",
        "has no operator: users are those of its configuration",
    ),
    Told(
        12,
        "Routes that ask for a name and no password",
        "formed",
        "peers-mutual-tls",
        "fail",
        "asks for a name without a password: whoever has read it and has a certificate is a peer",
        3,
    ),
    Told(13, "A route's certificate for servers only", "as written", "peers-mutual-tls", "fail", _SERVERS_ONLY, 3),
    Told(
        13,
        "Routes by names that the certificate does not have",
        "as written",
        "peers-mutual-tls",
        "fail",
        "has no route, and dials nats-prod-1.internal, nats-prod-2.internal, nats-prod-3.internal, which no "
        "certificate of a route is for",
        3,
    ),
    Told(
        15,
        "`TeamAlpha.jwt`, a name that no server looks for",
        "as written",
        "resolver-contents",
        "fail",
        "is no JWT that a server takes: it is that of A…",
        6,
    ),
    Told(
        16,
        "A system account that is not there",
        "formed",
        "system-users",
        "fail",
        "its system account AASYSTEMACCOUNTPUBLICKEY123456789ABCDEFGHIJ is in no resolver: nobody can be in it, push "
        "accounts or see to servers",
        3,
    ),
    Told(
        18,
        "Accounts that the identity key signs",
        "formed",
        "trust-hierarchy",
        "fail",
        "is signed by the operator's identity key",
        2,
    ),
    Told(
        18,
        "An operator that takes that",
        "formed",
        "trust-hierarchy",
        "warn",
        "does not insist on signing keys (strict_signing_key_usage)",
    ),
    Told(
        19,
        "Accounts written into the folder by their names",
        "formed",
        "resolver-contents",
        "fail",
        "is no JWT that a server takes: it is that of A…",
        6,
    ),
    Told(
        21,
        "A service imported as a stream",
        "formed",
        "resolver-contents",
        "warn",
        "imports orders.public.> as a stream, which TeamAlpha exports as a service: nothing gets across",
    ),
    Told(22, "A monitoring user that hears every reply", "formed", "permissions-limited", "fail", _REPLIES, 3),
    Told(
        23,
        "Accounts fetched over http",
        "url",
        "resolver-contents",
        "warn",
        "gets accounts over http: whoever is in between may hold back a revocation",
    ),
    Told(
        25,
        "A file's name as the key of JetStream",
        "formed",
        "data-encrypted",
        "fail",
        "the key is the name of a file, which the server takes for the passphrase itself",
        3,
    ),
    Told(28, "Logs turned over and kept for ever", "formed", "logs", "fail", "…/nats-server.log grows without end", 3),
    Told(
        29,
        "Monitoring for everybody",
        "formed",
        "monitoring-closed",
        "fail",
        "answers whoever asks: GET /varz answers 200",
        3,
    ),
    Told(
        34,
        "A deny rule that leaves the root open",
        "permissions",
        "deny-rules",
        "warn",
        "publish: deny payments.admin.* leaves payments.admin itself open",
    ),
    Told(
        34,
        "The same rule, which closes nothing",
        "permissions",
        "deny-rules",
        "warn",
        "publish: deny payments.admin.* closes nothing that was allowed",
    ),
    Told(
        35,
        "A placeholder in place of a hash",
        "permissions",
        "secrets-stored",
        "warn",
        "its password begins like a hash of bcrypt and is none: nobody can log in with it",
        2,
    ),
)
#: The rows that no running cluster can tell, each with why.
NOT_OF_A_CLUSTER = {
    3: "the timeout is fine, what is said of its default is not",
    5: "no server starts with `P-256`, so it is mended",
    10: "a statement about who begins",
    11: "a statement about what a server's NKey is good for",
    14: "line ends part the routes, nothing is wrong",
    17: "a statement; servers without TLS are told by `tls-authority`",
    20: "a size, which nsc reads as a power of ten",
    24: "a size, which the server reads as a power of ten",
    26: "tags work",
    27: "no server starts when nobody answers there, so it is mended",
    30: "the most that is taken without a warning",
    31: "durations as they have to be",
    32: "a duration as it has to be",
    33: "replies are limited as they should be, the comment is not right",
    36: "code of a client",
    37: "code of a client",
    38: "a statement, and right",
    39: "code of a client",
    40: "a statement",
}
_CLUSTERS = "as written, formed, ecdsa"
#: What else is red there, each with why that is right; ``place`` names several.
BESIDE = (
    Told(
        0,
        "the block of the cluster names no suites, and Go's own list has two of CBC",
        f"{_CLUSTERS}, nkeys, jwt, url",
        "tls-suites",
        "fail",
        "takes 2 weak suites: TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    ),
    Told(
        0,
        "configuration, and creds written by `>`: with an ordinary umask everybody reads them",
        f"{_CLUSTERS}, tls, nkeys, permissions, jwt, url",
        "secrets-stored",
        "fail",
        "0644: everybody on the host may read it",
    ),
    Told(
        0,
        "the folder of the accounts, made by `mkdir`; a server would make it 0700",
        f"{_CLUSTERS}, jwt",
        "secrets-stored",
        "fail",
        "0755: everybody on the host may read it",
    ),
    Told(
        0,
        "the section has no logins yet: whoever has a certificate is in",
        "tls",
        "login-required",
        "fail",
        "lets in a client without credentials",
    ),
    Told(
        0,
        "the section leaves out `verify`",
        "nkeys",
        "tls-client-certificate",
        "fail",
        "goes on without a certificate: TLSv1.3, serial …; with a certificate that nobody signed: TLSv1.3, serial …",
    ),
    Told(0, "the section leaves out TLS", "permissions", "tls-authority", "fail", "talks without TLS"),
    Told(
        0,
        "the same rule of the other side",
        "permissions",
        "deny-rules",
        "warn",
        "subscribe: deny payments.admin.* leaves payments.admin itself open",
    ),
    Told(
        0,
        "the same rule of the other side",
        "permissions",
        "deny-rules",
        "warn",
        "subscribe: deny payments.admin.* closes nothing that was allowed",
    ),
    Told(
        0,
        "the section leaves out JetStream's encryption",
        "jwt, url",
        "data-encrypted",
        "fail",
        "no key: what is written next lies there in clear text",
    ),
    Told(
        0,
        "the guide's accounts have no signing keys",
        "formed",
        "trust-hierarchy",
        "warn",
        "is signed by its account's identity key, which can't be taken back",
    ),
)


def table() -> Iterator[str]:
    """As docs/audit_guide.md shows the rows."""
    yield "| row | weakness | on | control | verdict | the audit's words |"
    yield "|---|---|---|---|---|---|"
    for told in ROWS:
        cells = (str(told.row), told.weakness, told.place, f"`{told.control}`", told.verdict, _cell(told.evidence))
        yield f"| {' | '.join(cells)} |"


def others() -> Iterator[str]:
    """The rows that no cluster can tell."""
    yield "| row | why no running cluster shows it |"
    yield "|---|---|"
    for row, why in sorted(NOT_OF_A_CLUSTER.items()):
        yield f"| {row} | {why} |"


def beside() -> Iterator[str]:
    """What else is red there."""
    yield "| on | control | verdict | the audit's words | why that is right |"
    yield "|---|---|---|---|---|"
    for told in BESIDE:
        yield f"| {told.place} | `{told.control}` | {told.verdict} | {_cell(told.evidence)} | {told.weakness} |"


def places() -> Iterator[str]:
    yield "| on | |"
    yield "|---|---|"
    for name, what in PLACES.items():
        yield f"| {name} | {what} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("_", "\\_").replace(">", "\\>")
