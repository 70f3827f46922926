# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations of others that are meant to be secure, and all that is red on them: the one source of that table.

test_audit_examples.py holds it to what is measured, tests/meta/test_audit.py docs/audit_guide.md to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

#: The source that nats-server's examples are read from, as tests/official/nats_server pins it.
SOURCE = "github.com/nats-io/nats-server/v2"


@dataclass(frozen=True)
class Example:
    """Servers of one cluster, or one alone. meant: what it is there to secure, and so why it is among these.

    files: of nats-server's source, or of tests/vectors/config; ports: what stands in them for client, route and
    monitoring, one a server, in that order; '' where there is none, and it is given one for monitoring.
    also: files that go with them. ca, client: whose certificates the audit shows. holds: the controls that it is there
    for; red: all the others that are not green, each with why.
    """

    name: str
    meant: str
    files: tuple[str, ...]
    ports: tuple[tuple[str, str, str], ...]
    holds: tuple[str, ...]
    red: Mapping[str, str] = field(default_factory=dict)
    also: Mapping[str, str] = field(default_factory=dict)
    ca: str = "test/configs/certs/ca.pem"
    client: str = "test/configs/certs/client"


_CBC = {"tls-suites": "no suites are set, and Go's own list has two of CBC"}
_CONFIGURED = {"trust-hierarchy": "there is no operator"}
_CLEAR = {"tls-authority": "clients talk in clear text"}
_OPEN = {"login-required": "nobody is asked for a login"}
_ALL = {"permissions-limited": "a user may do everything"}
_HEARS = {"permissions-limited": "a user hears every reply"}
_PASSWORD = {"secrets-stored": "a password stands in the configuration"}
_CHAIN = {"expiry": "the authority's certificate is not as RFC 5280 has it"}
_TESTS, _SERVER, _OURS = "test/configs", "server/configs", "vectors"
_PAIR = {"ca": "vectors/ca.pem", "client": "vectors/app"}
EXAMPLES = (
    Example(
        "tlsverify.conf",
        "clients show a certificate of the authority",
        (f"{_TESTS}/tlsverify.conf",),
        (("127.0.0.1:5443", "", ""),),
        ("tls-authority", "tls-version", "tls-client-certificate", "verify-with-authority", "monitoring-closed"),
        {**_CBC, **_OPEN, **_CONFIGURED, **_CHAIN},
    ),
    Example(
        "tls_cert_cn.conf",
        "users are those of their certificates' subjects",
        (f"{_TESTS}/tls_cert_cn.conf",),
        (("localhost:9334", "", ""),),
        ("tls-authority", "tls-client-certificate", "login-required", "verify-with-authority"),
        {**_CBC, **_HEARS, **_CONFIGURED, **_CHAIN},
        ca=f"{_TESTS}/certs/tlsauth/ca.pem",
        client=f"{_TESTS}/certs/tlsauth/client",
    ),
    Example(
        "tls_cert_san_auth.conf",
        "users are those of their certificates' names",
        (f"{_TESTS}/tls_cert_san_auth.conf",),
        (("localhost:9335", "", ""),),
        ("tls-authority", "tls-client-certificate", "login-required", "verify-with-authority"),
        {**_CBC, **_HEARS, **_CONFIGURED, **_CHAIN},
        ca=f"{_TESTS}/certs/sans/ca.pem",
        client=f"{_TESTS}/certs/sans/dev",
    ),
    Example(
        "tls_cert_id.conf",
        "users are those of their certificates' e-mail addresses",
        (f"{_TESTS}/tls_cert_id.conf",),
        (("127.0.0.1:9333", "", ""),),
        ("tls-authority", "tls-client-certificate", "login-required", "verify-with-authority"),
        {**_CBC, **_HEARS, **_CONFIGURED, **_CHAIN},
        client=f"{_TESTS}/certs/client-id-auth",
    ),
    Example(
        "srv_a_tls.conf, srv_b_tls.conf",
        "routes by TLS, with certificates of the authority",
        (f"{_TESTS}/srv_a_tls.conf", f"{_TESTS}/srv_b_tls.conf"),
        (("127.0.0.1:5222", "127.0.0.1:5244", ""), ("127.0.0.1:5224", "127.0.0.1:5246", "")),
        ("peers-mutual-tls",),
        {**_CLEAR, **_CBC, **_OPEN, **_CONFIGURED, **_CHAIN},
    ),
    Example(
        "seed_tls.conf",
        "a seed whose routes are by TLS, and monitoring on loopback",
        (f"{_SERVER}/seed_tls.conf",),
        (("127.0.0.1:7222", "127.0.0.1:7248", "127.0.0.1:9222"),),
        ("peers-mutual-tls", "monitoring-closed"),
        {**_CLEAR, **_CBC, **_OPEN, **_CONFIGURED, **_CHAIN},
    ),
    Example(
        "reload.conf",
        "TLS, certificates of clients and a login, taken up by a reload",
        (f"{_SERVER}/reload/reload.conf",),
        (("port: 2233", "127.0.0.1:-1", ""),),
        ("tls-client-certificate", "login-required"),
        {
            **_CBC,
            **_ALL,
            **_CONFIGURED,
            **_PASSWORD,
            **_CHAIN,
            "tls-authority": "routes talk in clear text",
            "peers-mutual-tls": "routes talk in clear text",
            "logs": "every message is traced into a log without limit",
        },
        also={f"{_SERVER}/reload/platform.conf": ""},
    ),
    Example(
        "tls_cert_cn_routes.conf",
        "routes of servers whose certificates have a certain subject",
        (f"{_TESTS}/tls_cert_cn_routes.conf",),
        (("", "cluster {", ""),),
        ("peers-mutual-tls", "verify-with-authority"),
        {**_CLEAR, **_CBC, **_OPEN, **_CONFIGURED, **_CHAIN},
        ca=f"{_TESTS}/certs/tlsauth/ca.pem",
        client=f"{_TESTS}/certs/tlsauth/client",
    ),
    Example(
        "accounts.conf",
        "accounts apart from each other, users by NKey",
        (f"{_SERVER}/accounts.conf",),
        (("", "", ""),),
        ("login-required",),
        {**_CLEAR, **_ALL, **_CONFIGURED},
    ),
    Example(
        "srv_a_bcrypt.conf, srv_b_bcrypt.conf",
        "routes with a password of which only a hash is kept",
        (f"{_SERVER}/srv_a_bcrypt.conf", f"{_SERVER}/srv_b_bcrypt.conf"),
        (("127.0.0.1:7222", "127.0.0.1:7244", ""), ("127.0.0.1:7224", "127.0.0.1:7246", "")),
        ("login-required",),
        {
            **_ALL,
            **_CONFIGURED,
            **_PASSWORD,
            "tls-authority": "all talk in clear text",
            "peers-mutual-tls": "routes talk in clear text",
        },
    ),
    Example(
        "resolver_preload.conf",
        "an operator, its accounts in the configuration",
        (f"{_TESTS}/resolver_preload.conf",),
        (("127.0.0.1:22222", "", ""),),
        ("login-required",),
        {**_CLEAR, "trust-hierarchy": "the operator does not insist on its signing keys"},
    ),
    Example(
        "js-op.conf",
        "an operator, a full resolver, JetStream",
        (f"{_SERVER}/js-op.conf",),
        (("port: -1", "", ""),),
        ("login-required",),
        {**_CLEAR, "trust-hierarchy": "the operator has no signing key", "data-encrypted": "JetStream has no key"},
    ),
    Example(
        "tls_curve_pref.conf",
        "TLS with one curve, a login, monitoring by https",
        (f"{_TESTS}/tls_curve_pref.conf",),
        (("127.0.0.1:5443", "", "https: 11522"),),
        ("tls-authority", "login-required", "monitoring-closed"),
        {**_CBC, **_ALL, **_CONFIGURED, **_PASSWORD, **_CHAIN, "tls-client-certificate": "none is asked for"},
    ),
    Example(
        "tls-ed25519.conf",
        "TLS with a certificate of Ed25519",
        (f"{_SERVER}/tls/tls-ed25519.conf",),
        (("127.0.0.1:-1", "", ""),),
        ("tls-authority", "tls-version"),
        {**_CBC, **_OPEN, **_CONFIGURED, **_CHAIN, "tls-client-certificate": "none is asked for"},
        ca=f"{_SERVER}/certs/tls/benchmark-ca-cert.pem",
        client="",
    ),
    Example(
        "tls_multi_cert_2.conf",
        "several certificates, and clients show theirs",
        (f"{_SERVER}/reload/tls_multi_cert_2.conf",),
        (("127.0.0.1:-1", "", ""),),
        ("tls-authority", "tls-client-certificate", "verify-with-authority"),
        {**_CBC, **_OPEN, **_CONFIGURED, **_CHAIN},
    ),
    Example(
        "secure_operator_cluster_n1, n2, n3",
        "what the fact sheet has for secure: an operator, mTLS everywhere, JetStream encrypted",
        tuple(f"{_OURS}/secure_operator_cluster_n{number}.conf.template" for number in (1, 2, 3)),
        tuple((f"127.0.0.1:1422{n}", f"127.0.0.1:1622{n}", f"127.0.0.1:1822{n}") for n in (1, 2, 3)),
        (
            "tls-authority",
            "tls-version",
            "tls-suites",
            "tls-client-certificate",
            "login-required",
            "data-encrypted",
            "peers-mutual-tls",
            "monitoring-closed",
            "secrets-stored",
            "verify-with-authority",
            "resolver-contents",
        ),
        {"trust-hierarchy": "the operator does not insist on its signing keys"},
        **_PAIR,
    ),
    Example(
        "fixed_tls_server",
        "the guide's TLS section, mended",
        (f"{_OURS}/fixed_tls_server.conf.template",),
        (("127.0.0.1:14222", "", ""),),
        ("tls-authority", "tls-suites", "tls-client-certificate", "verify-with-authority"),
        {**_OPEN, **_CONFIGURED},
        **_PAIR,
    ),
    Example(
        "fixed_nkey_users",
        "the guide's NKey section, mended",
        (f"{_OURS}/fixed_nkey_users.conf.template",),
        (("127.0.0.1:14222", "", ""),),
        ("tls-authority", "login-required", "secrets-stored"),
        {**_CBC, **_HEARS, **_CONFIGURED, "tls-client-certificate": "none is asked for"},
        **_PAIR,
    ),
    Example(
        "fixed_permissions",
        "the guide's permissions, mended",
        (f"{_OURS}/fixed_permissions.conf.template",),
        (("127.0.0.1:14222", "", ""),),
        ("login-required", "permissions-limited", "secrets-stored"),
        {**_CLEAR, **_CONFIGURED},
        **_PAIR,
    ),
    Example(
        "fixed_config_mode_accounts",
        "accounts that share, users by password and NKey",
        (f"{_OURS}/fixed_config_mode_accounts.conf.template",),
        (("127.0.0.1:14222", "", ""),),
        ("login-required", "secrets-stored"),
        {**_CLEAR, **_ALL, **_CONFIGURED, "system-users": "its user may do everything"},
        **_PAIR,
    ),
)


def table() -> Iterator[str]:
    """As docs/audit_guide.md shows them."""
    yield "| configuration | meant to secure | holds | red, and why that is true |"
    yield "|---|---|---|---|"
    for example in EXAMPLES:
        holds = ", ".join(f"`{control}`" for control in example.holds)
        red = "; ".join(f"`{control}`: {why}" for control, why in example.red.items())
        yield f"| {example.name} | {example.meant} | {holds} | {red} |"
