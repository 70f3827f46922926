# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pairs of configurations beyond those of reload_cases, named like the rows of tests/vectors/reload_further_*.txt.

They try what the table says and the first ones leave open: other options of blocks that are taken as a whole, and the
exceptions within them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from ansible_collections.aegis.nats.tests.measure.reload_cases import (
    BASE,
    FILES,
    OTHER_FILES,
    PIN,
    TLS,
    USERS_A,
    A,
    authorization,
    block,
    cases,
    cluster,
    gateway,
    jetstream,
    leaf,
    mqtt,
    tls,
)

_TOKENS = {
    vector["name"]: vector["token"]
    for vector in json.loads((Path(__file__).parents[1] / "vectors/jwt_positive_vectors.json").read_text())["vectors"]
}
SUBJECT = "ADWUSKGGFDI4FRXK5EBTRECZSVQSSWJHHJOGH6JWG3AUMFFMQ435D6HD"
# What is measured is the option that is named; with a file for the log its words are there to be read.
LOGGED = 'log_file: "@DIR@/rl.out"\n'
REMOTE_SYSLOG = 'remote_syslog: "udp://127.0.0.1:@P6@"\n'
PAIR = 'cert_file: "@DIR@/cert.pem", key_file: "@DIR@/key.pem"'
CERTS = 'certs: [ { cert_file: "@DIR@/other.pem", key_file: "@DIR@/other-key.pem" } ]'


def operated(preloaded: str, more: str = "") -> str:
    """Operator mode with one account, which is the system account too."""
    return (
        f"operator: {_TOKENS['operator_full']}\nresolver: MEMORY\n"
        f"resolver_preload {{ {SUBJECT}: {_TOKENS[preloaded]} }}\n{more}"
    )


def account(inner: str) -> str:
    return f"accounts {{ A {{ users: [ {A} ]{', ' if inner else ''}{inner} }} }}\n"


# How each block that has a tls block is written with one.
_BLOCKS: dict[str, Callable[[str], str]] = {
    "tls": lambda inner: f"tls {{ {inner} }}\n",
    "cluster tls": lambda inner: cluster(f"tls {{ {inner} }}"),
    "gateway tls": lambda inner: gateway(f"tls {{ {inner} }}"),
    "leaf tls": lambda inner: leaf(f"tls {{ {inner} }}"),
    "mqtt tls": lambda inner: mqtt(f"tls {{ {inner} }}"),
    "ws tls": lambda inner: block("websocket", 'listen: "127.0.0.1:@P7@"', f"tls {{ {inner} }}"),
}
# Each option of a tls block that a server reads, before and after.
_OPTIONS = {
    "allow_insecure_cipher_suites": (FILES, f"{FILES}, allow_insecure_cipher_suites: true"),
    "ca_file": (PAIR, FILES),
    "cert": (FILES, OTHER_FILES),
    "certs": (PAIR, CERTS),
    "cipher_suites": (FILES, f"{FILES}, cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]"),
    "connection_rate_limit": (FILES, f"{FILES}, connection_rate_limit: 10"),
    "curve_preferences": (FILES, f"{FILES}, curve_preferences: [CurveP256]"),
    "handshake_first": (FILES, f"{FILES}, handshake_first: true"),
    "insecure": (FILES, f"{FILES}, insecure: true"),
    "min_version": (FILES, f'{FILES}, min_version: "1.3"'),
    "pinned_certs": (FILES, f'{FILES}, pinned_certs: ["{PIN}"]'),
    "timeout": (FILES, f"{FILES}, timeout: 5"),
    "verify": (FILES, f"{FILES}, verify: true"),
    "verify_and_map": (FILES, f"{FILES}, verify_and_map: true"),
    "verify_cert_and_check_known_urls": (FILES, f"{FILES}, verify_cert_and_check_known_urls: true"),
}
_WITHIN_TLS = {
    f"{name} {option}": (write(before), write(after))
    for name, write in _BLOCKS.items()
    for option, (before, after) in _OPTIONS.items()
}
_TLS_BLOCKS = {
    "gateway tls add": (gateway(), gateway(f"tls {{ {FILES} }}")),
    "gateway tls remove": (gateway(f"tls {{ {FILES} }}"), gateway()),
    "leaf tls remove": (leaf(f"tls {{ {FILES} }}"), leaf()),
    "ws tls remove": (_BLOCKS["ws tls"](FILES), block("websocket", 'listen: "127.0.0.1:@P7@"', "no_tls: true")),
    "tls ocsp_peer": (tls("verify: true"), tls("verify: true, ocsp_peer: true")),
    "ws tls ocsp_peer": (
        _BLOCKS["ws tls"](f"{FILES}, verify: true"),
        _BLOCKS["ws tls"](f"{FILES}, verify: true, ocsp_peer: true"),
    ),
}
_WITHIN_BLOCKS = {
    "account default_permissions": (account(""), account('default_permissions { publish: "a" }')),
    "account exports": (account(""), account('exports: [ { stream: "a" } ]')),
    "account limits": (account(""), account("limits { max_connections: 10 }")),
    "account mappings": (account(""), account("mappings { a: b }")),
    "account jetstream": (jetstream() + account(""), jetstream() + account("jetstream: enabled")),
    "auth user permissions": (
        USERS_A,
        authorization('users: [ { user: a, password: x, permissions: { publish: "a" } } ]'),
    ),
    "auth user allowed_connection_types": (
        USERS_A,
        authorization('users: [ { user: a, password: x, allowed_connection_types: ["STANDARD"] } ]'),
    ),
    "cluster authorization timeout": (
        cluster("authorization { user: a, password: x }"),
        cluster("authorization { user: a, password: x, timeout: 5 }"),
    ),
    "mappings change": ("mappings { a: b }", "mappings { a: c }"),
    "server_metadata change": ('server_metadata: { a: "b" }', 'server_metadata: { a: "c" }'),
    "js limits max_ha_assets": (jetstream(), jetstream("limits { max_ha_assets: 10 }")),
    "js limits duplicate_window": (jetstream(), jetstream('limits { duplicate_window: "1m" }')),
    "js max_file add": (jetstream(), jetstream("max_file: 1GB")),
    "js max_mem down": (jetstream("max_mem: 200MB"), jetstream("max_mem: 100MB")),
    "js meta_compact_size": (jetstream(), jetstream("meta_compact_size: 10MB")),
    "js meta_compact_sync": (jetstream(), jetstream("meta_compact_sync: true")),
    "mqtt consumer_inactive_threshold": (mqtt(), mqtt('consumer_inactive_threshold: "10m"')),
    "mqtt consumer_memory_storage": (mqtt(), mqtt("consumer_memory_storage: true")),
    "mqtt consumer_replicas": (mqtt(), mqtt("consumer_replicas: 1")),
    "mqtt js_api_timeout": (mqtt(), mqtt('js_api_timeout: "3s"')),
    "mqtt js_domain": (mqtt(), mqtt("js_domain: d")),
    "mqtt max_ack_pending": (mqtt(), mqtt("max_ack_pending: 10")),
    "mqtt stream_replicas": (mqtt(), mqtt("stream_replicas: 1")),
    "ocsp_cache change": (
        TLS + 'ocsp_cache: { type: local, local_store: "@DIR@/rc" }',
        TLS + 'ocsp_cache: { type: local, local_store: "@DIR@/rc2" }',
    ),
}
_TOP = {
    "remote_syslog": (LOGGED, LOGGED + REMOTE_SYSLOG),
    "resolver_pinned_accounts": (
        operated("account_default"),
        operated("account_default", f"resolver_pinned_accounts: [{SUBJECT}]"),
    ),
    "resolver_preload": (operated("account_default"), operated("account_full")),
    "syslog true->false": (LOGGED + "syslog: true", LOGGED + "syslog: false"),
    "trace_headers": ("", "trace_headers: true"),
    "trusted_keys": ("", "trusted_keys: [OCFIRY65OQE7DFP5KLNS2PF2LVZMUZYJX4OZIEQ36N2IQANUB5XVYOCS]"),
}


def further_cases() -> dict[str, tuple[str, str]]:
    """All rows: name -> configuration before and after."""
    found = {**_WITHIN_TLS, **_TLS_BLOCKS, **_WITHIN_BLOCKS, **_TOP}
    known = cases()
    return {name: (BASE + old + "\n", BASE + new + "\n") for name, (old, new) in found.items() if name not in known}
