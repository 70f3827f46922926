# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a running nats-server takes by a reload (a HUP), as measured; everything else needs a restart.

Held to tests/vectors/reload_matrix_*.txt by a test. Paths are of normal form (see normal); the longest that fits
counts. The value is the lowest release that takes the change by a reload, or NEVER.
"""

from __future__ import annotations

ALWAYS = "0.0.0"
NEVER = ""

RELOADABLE: dict[str, str] = {
    **dict.fromkeys(
        (
            "accounts",
            "authorization",
            "client_advertise",
            "cluster",
            "connect_error_reports",
            "debug",
            "gateway.tls",
            "jetstream.enabled",
            "jetstream.meta_compact",
            "jetstream.meta_compact_size",
            "jetstream.meta_compact_sync",
            "leafnodes.compression",
            "log_file",
            "logtime",
            "logtime_utc",
            "mappings",
            "max_connections",
            "max_control_line",
            "max_payload",
            "max_traced_msg_len",
            "mqtt.ack_wait",
            "mqtt.consumer_inactive_threshold",
            "mqtt.consumer_memory_storage",
            "mqtt.consumer_replicas",
            "mqtt.max_ack_pending",
            "mqtt.stream_replicas",
            "mqtt.tls",
            "no_fast_producer_stall",
            "ocsp",
            "ocsp_cache",
            "pid_file",
            "ping_interval",
            "ping_max",
            "ports_file_dir",
            "prof_block_rate",
            "proxies",
            "reconnect_error_reports",
            "remote_syslog",
            "resolver_pinned_accounts",
            "resolver_preload",
            "server_tags",
            "syslog",
            "tls",
            "trace",
            "trace_headers",
            "trace_verbose",
            "websocket.tls",
            "write_deadline",
        ),
        ALWAYS,
    ),
    # Within what is reloadable, what is not.
    **dict.fromkeys(
        (
            "authorization.auth_callout",
            "authorization.proxy_required",
            "cluster.host",
            "cluster.port",
            "gateway.tls.timeout",
            "gateway.tls.verify_and_map",
            "mqtt.tls.timeout",
            "mqtt.tls.verify_and_map",
            "tls.connection_rate_limit",
            "tls.verify_and_map",
            "websocket.tls.handshake_first",
            "websocket.tls.timeout",
            "websocket.tls.verify_and_map",
        ),
        NEVER,
    ),
    # Of the TLS of leaf nodes, what goes into Go's tls.Config.
    **{
        f"leafnodes.tls.{option}": ALWAYS
        for option in ("ca_file", "cert_file", "certs", "cipher_suites", "curve_preferences", "key_file", "min_version")
    },
    "jetstream.limits": "2.15.1",
    "jetstream.max_file_store": "2.12.8",
    "jetstream.max_memory_store": "2.12.8",
    # 2.12.8 dies when a remote is removed.
    "leafnodes.remotes": "2.14.4",
    "server_metadata": "2.12.0",
}

# Of a JetStream that runs, these may only grow.
GROWING = frozenset({"jetstream.max_file_store", "jetstream.max_memory_store"})

# Blocks that can't be added or removed by a reload, whatever their options say. Adding or removing proxies kills
# nats-server 2.12 to 2.15.
WHOLE_BLOCKS = frozenset({"gateway.tls", "leafnodes.tls", "proxies", "websocket.tls"})

# Options whose absence means this value to the server, as it prints it when it refuses a reload.
DEFAULTS: dict[str, object] = {
    "allow_non_tls": False,
    "disable_sublist_cache": False,
    "host": "0.0.0.0",
    "jetstream.max_concurrent_io": 4096,
    "jetstream.request_queue_limit": 10000,
    "jetstream.strict": True,
    "jetstream.sync_interval": 120 * 10**9,
    "lame_duck_duration": 120 * 10**9,
    "lame_duck_grace_period": 10 * 10**9,
    "log_max_num": 0,
    "log_size_limit": 0,
    "max_closed_clients": 10000,
    "max_pending": 64 * 2**20,
    "max_sub_tokens": 0,
    "max_subscriptions": 0,
    "no_header_support": False,
    "no_system_account": False,
    "port": 4222,
    "proxy_protocol": False,
    "tls.connection_rate_limit": 0,
    "tls.verify_and_map": False,
}
