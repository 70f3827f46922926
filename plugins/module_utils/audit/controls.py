# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an audit asks: the fourteen controls of the guide, and those that measuring nats-server has added."""

from __future__ import annotations

from .model import Control, Severity

_C, _H, _M, _L = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW

CONTROLS: tuple[Control, ...] = (
    Control(
        "tls-authority",
        "Every listener talks TLS with a certificate of the expected authority",
        _C,
        1,
        ("nats_server_tls", "nats_server_cluster_tls", "nats_server_tls_files"),
    ),
    Control(
        "tls-version",
        "TLS below 1.2 is refused",
        _H,
        2,
        ("nats_server_tls_min_version", "nats_server_cluster_tls_min_version"),
    ),
    Control(
        "tls-suites",
        "Only strong cipher suites are taken",
        _H,
        3,
        ("nats_server_tls_cipher_suites", "nats_server_cluster_tls_cipher_suites"),
    ),
    Control(
        "tls-client-certificate",
        "A client without a certificate of the authority is refused",
        _H,
        4,
        ("nats_server_tls_verify", "nats_server_tls_verify_and_map"),
    ),
    Control("login-required", "Nobody gets in without credentials", _C, 5, ("nats_server_auth", "nats_server_users")),
    Control(
        "permissions-limited",
        "Every user is denied something, and hears no other user's replies",
        _H,
        6,
        ("nats_trust_accounts", "nats_server_users", "nats_server_accounts"),
    ),
    Control(
        "trust-hierarchy",
        "Operator, accounts and users, signed by signing keys",
        _M,
        7,
        ("nats_server_auth", "nats_trust_operator"),
    ),
    Control(
        "data-encrypted",
        "JetStream's data lie encrypted on disk, their key elsewhere",
        _H,
        8,
        ("nats_server_jetstream_encryption", "nats_server_jetstream_key"),
    ),
    Control(
        "peers-mutual-tls",
        "Routes, gateways and leaf nodes show certificates to each other",
        _C,
        9,
        ("nats_server_cluster_tls",),
    ),
    Control(
        "monitoring-closed",
        "Monitoring and profiling can't be reached from outside",
        _H,
        10,
        ("nats_server_monitoring_host", "nats_server_extra_config"),
    ),
    Control(
        "logs",
        "Logs are turned over, carried away, private, and hold no secret",
        _M,
        11,
        ("nats_server_log_file", "nats_server_log_size_limit", "nats_server_log_max_num"),
    ),
    Control(
        "expiry",
        "No certificate or JWT ends soon, and what is served is what lies on disk",
        _H,
        12,
        ("nats_pki_leaf_days", "nats_pki_renew_before"),
    ),
    Control(
        "secrets-stored",
        "Keys and creds are private where they lie",
        _C,
        13,
        ("nats_server_config_dir", "nats_server_user"),
    ),
    Control("drift", "Audits are regular, and servers run what is on their disks", _M, 14, ()),
    Control(
        "resolver-contents",
        "Resolvers hold valid accounts of our operator, all the same",
        _H,
        None,
        ("nats_trust_accounts",),
    ),
    Control(
        "system-users",
        "Few users are in the system account, and they are limited",
        _H,
        None,
        ("nats_trust_system_account",),
    ),
    Control(
        "verify-with-authority",
        "Certificates are verified against an authority of the cluster's own",
        _H,
        None,
        ("nats_server_tls_files",),
    ),
    Control("proxy-protocol", "No client says itself where it comes from", _H, None, ("nats_server_extra_config",)),
    Control(
        "bearer-limited", "Bearer tokens are limited in time, subjects or networks", _H, None, ("nats_trust_accounts",)
    ),
    Control("version", "The server's version has no known flaw", _H, None, ("nats_server_version",)),
    Control(
        "unit-hardened", "The service is kept from what it does not need", _L, None, ("nats_server_service_manager",)
    ),
    Control("deny-rules", "Deny rules cover what they seem to", _M, None, ("nats_trust_accounts", "nats_server_users")),
)
BY_ID = {control.id: control for control in CONTROLS}
