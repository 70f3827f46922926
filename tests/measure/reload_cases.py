# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pairs of configurations, named like the rows of tests/vectors/reload_matrix_*.txt.

``@DIR@`` is a folder with ca.pem, cert.pem, key.pem and other.pem, other-key.pem; ``@P1@`` to ``@P9@`` are free ports.
"""

from __future__ import annotations

ACCOUNT = "ABJHLOVMPA4CI6R5KLNGOB4GSLNIY7IOUPAJC4YFNDLQVIOBYQGUWVLA"
PROXY = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"
OTHER_PROXY = "UD4UEUZMEU7ABPRCK3ZZU6GCBJESREG7TCGIOGWMNONHQTO7UIZGQ3FX"
PIN = "a" * 64

FILES = 'cert_file: "@DIR@/cert.pem", key_file: "@DIR@/key.pem", ca_file: "@DIR@/ca.pem"'
OTHER_FILES = 'cert_file: "@DIR@/other.pem", key_file: "@DIR@/other-key.pem", ca_file: "@DIR@/ca.pem"'
TLS = f"tls {{ {FILES} }}\n"
OTHER_TLS = f"tls {{ {OTHER_FILES} }}\n"

NAME = "server_name: r1\n"
LISTEN = 'listen: "127.0.0.1:@P1@"\n'
HTTP = 'http: "127.0.0.1:@P2@"\n'
BASE = NAME + LISTEN + HTTP
STORE = 'store_dir: "@DIR@/js"'


def block(name: str, base: str, change: str = "") -> str:
    return f"{name} {{ {base}{', ' if base and change else ''}{change} }}\n"


def tls(change: str = "") -> str:
    return block("tls", FILES, change)


def cluster(change: str = "") -> str:
    return block("cluster", 'name: c, listen: "127.0.0.1:@P3@"', change)


def gateway(change: str = "") -> str:
    return block("gateway", 'name: g, listen: "127.0.0.1:@P4@"', change)


def leaf(change: str = "") -> str:
    return block("leafnodes", 'listen: "127.0.0.1:@P5@"', change)


def remote(change: str = "") -> str:
    return f'{{ url: "nats://127.0.0.1:@P6@"{", " if change else ""}{change} }}'


def jetstream(change: str = "") -> str:
    return block("jetstream", STORE, change)


def websocket(change: str = "") -> str:
    return block("websocket", 'listen: "127.0.0.1:@P7@", no_tls: true', change)


def mqtt(change: str = "") -> str:
    return jetstream() + block("mqtt", 'listen: "127.0.0.1:@P8@"', change)


def authorization(inner: str) -> str:
    return block("authorization", inner)


def proxies(key: str) -> str:
    return f'proxies {{ trusted: [ {{ key: "{key}" }} ] }}\n'


A = "{ user: a, password: x }"
AB = "{ user: a, password: x }, { user: b, password: x }"
ACCOUNTS_A = f"accounts {{ A {{ users: [ {A} ] }} }}\n"
ACCOUNTS_AB = f"accounts {{ A {{ users: [ {A} ] }}, B {{ users: [ {{ user: b, password: x }} ] }} }}\n"
USERS_A = authorization(f"users: [ {A} ]")
USERS_AB = authorization(f"users: [ {AB} ]")
CALLOUT_BASE = "accounts { AUTH { users: [ { user: auth, password: x }, { user: two, password: x } ] } }\n"


def callout(users: str) -> str:
    return CALLOUT_BASE + authorization(f"auth_callout {{ issuer: {ACCOUNT}, account: AUTH, auth_users: [ {users} ] }}")


# Rows that add or change one top-level option: name, before, after (text of the option, or nothing).
SIMPLE = {
    "allow_non_tls": (TLS, TLS + "allow_non_tls: true"),
    'client_advertise None->"1.2.3.4:4222"': ("", 'client_advertise: "1.2.3.4:4222"'),
    "connect_error_reports None->5": ("", "connect_error_reports: 5"),
    "debug false->true": ("debug: false", "debug: true"),
    "default_js_domain None->{}": ("", "default_js_domain: {}"),
    "default_sentinel": ("", 'default_sentinel: "x"'),
    "disable_sublist_cache None->true": ("", "disable_sublist_cache: true"),
    "feature_flags None->{js_ack_fc_v2: true}": ("", "feature_flags: { js_ack_fc_v2: true }"),
    "http_base_path None->/x": ("", 'http_base_path: "/x"'),
    "invalid config": ("", "foo: bar"),
    'lame_duck_duration None->"60s"': ("", 'lame_duck_duration: "60s"'),
    'lame_duck_grace_period None->"5s"': ("", 'lame_duck_grace_period: "5s"'),
    "log_file": ("", 'log_file: "@DIR@/rl.out"'),
    "log_max_num None->3": ("", "log_max_num: 3"),
    "log_size_limit None->1MB": ("", "log_size_limit: 1MB"),
    "logtime true->false": ("logtime: true", "logtime: false"),
    "logtime_utc false->true": ("logtime_utc: false", "logtime_utc: true"),
    "mappings add": ("", 'mappings { "a": "b" }'),
    "max_closed_clients None->10": ("", "max_closed_clients: 10"),
    "max_connections None->100": ("", "max_connections: 100"),
    "max_control_line None->8192": ("", "max_control_line: 8192"),
    "max_payload None->2MB": ("", "max_payload: 2MB"),
    "max_pending None->32MB": ("", "max_pending: 32MB"),
    "max_sub_tokens None->8": ("", "max_sub_tokens: 8"),
    "max_subscriptions None->10": ("", "max_subscriptions: 10"),
    "max_traced_msg_len None->10": ("", "max_traced_msg_len: 10"),
    "no_fast_producer_stall None->true": ("", "no_fast_producer_stall: true"),
    "no_header_support None->true": ("", "no_header_support: true"),
    "no_system_account None->true": ("", "no_system_account: true"),
    "ocsp_cache": (TLS, TLS + 'ocsp_cache: { type: local, local_store: "@DIR@/rc" }'),
    "pid_file": ("", 'pid_file: "@DIR@/rl.pid"'),
    'ping_interval None->"1m"': ("", 'ping_interval: "1m"'),
    "ping_max None->3": ("", "ping_max: 3"),
    'ports_file_dir None->"@DIR@"': ("", 'ports_file_dir: "@DIR@"'),
    "prof_block_rate None->1": ("", "prof_block_rate: 1"),
    "prof_port None->18999": ("", "prof_port: @P9@"),
    "proxies add": ("", proxies(PROXY)),
    "proxies change": (proxies(PROXY), proxies(OTHER_PROXY)),
    "proxies remove": (proxies(PROXY), ""),
    "proxy_protocol None->true": ("", "proxy_protocol: true"),
    "reconnect_error_reports None->5": ("", "reconnect_error_reports: 5"),
    "resolver none->mem": ("", "resolver: MEMORY"),
    "server_metadata None->{a: b}": ("", 'server_metadata: { a: "b" }'),
    'server_tags None->["a:b"]': ("", 'server_tags: ["a:b"]'),
    "syslog false->true": ("syslog: false", "syslog: true"),
    "system_account None->$SYS": ("", "system_account: $SYS"),
    "trace false->true": ("trace: false", "trace: true"),
    "trace_verbose false->true": ("trace_verbose: false", "trace_verbose: true"),
    'write_deadline None->"5s"': ("", 'write_deadline: "5s"'),
    "write_timeout None->close": ("", "write_timeout: close"),
    "ocsp": (TLS, TLS + "ocsp: { mode: auto }"),
}

ACCESS = {
    "accounts add": (ACCOUNTS_A, ACCOUNTS_AB),
    "accounts remove": (ACCOUNTS_AB, ACCOUNTS_A),
    "auth add user": (USERS_A, USERS_AB),
    "auth default_permissions": (
        USERS_A,
        authorization(f"users: [ {A} ], default_permissions {{ publish: a, subscribe: a }}"),
    ),
    "auth none->users": ("", USERS_A),
    "auth remove user": (USERS_AB, USERS_A),
    "auth single user/pass change": (authorization("user: a, password: x"), authorization("user: a, password: y")),
    "auth timeout": (USERS_A, authorization(f"users: [ {A} ], timeout: 5")),
    "auth token change": (authorization("token: x"), authorization("token: y")),
    "auth_callout add": (CALLOUT_BASE, callout("auth")),
    "auth_callout change": (callout("auth"), callout("auth, two")),
    "authorization proxy_required": (USERS_A, authorization(f"users: [ {A} ], proxy_required: true")),
    "no_auth_user add": (USERS_A, USERS_A + "no_auth_user: a"),
    "no_auth_user remove": (USERS_A + "no_auth_user: a", USERS_A),
}

CLUSTER = {
    "cluster accounts": (ACCOUNTS_A + cluster(), ACCOUNTS_A + cluster("accounts: [A]")),
    "cluster add block": ("", cluster()),
    "cluster advertise": (cluster(), cluster('advertise: "1.2.3.4:6222"')),
    "cluster authorization": (
        cluster("authorization { user: a, password: x }"),
        cluster("authorization { user: a, password: y }"),
    ),
    "cluster compression": (cluster(), cluster("compression: s2_best")),
    "cluster connect_retries": (cluster(), cluster("connect_retries: 5")),
    "cluster name": (cluster(), cluster().replace("name: c", "name: d")),
    "cluster no_advertise": (cluster(), cluster("no_advertise: true")),
    "cluster permissions": (cluster(), cluster('permissions { import: { allow: "a" }, export: { allow: "a" } }')),
    "cluster ping_interval": (cluster(), cluster('ping_interval: "20s"')),
    "cluster pool_size": (cluster(), cluster("pool_size: 5")),
    "cluster port": (cluster(), cluster().replace("@P3@", "@P4@")),
    "cluster remove block": (cluster(), ""),
    "cluster routes": (cluster(), cluster('routes: [ "nats://127.0.0.1:@P6@" ]')),
    "cluster tls add": (cluster(), cluster(f"tls {{ {FILES} }}")),
    "cluster write_deadline": (cluster(), cluster('write_deadline: "5s"')),
}

GATEWAY_AND_LEAF = {
    "gateway add": ("", gateway()),
    "gateway authorization": (gateway(), gateway("authorization { user: a, password: x }")),
    "gateway reject_unknown_cluster": (gateway(), gateway("reject_unknown_cluster: true")),
    "gateway remotes": (gateway(), gateway('gateways: [ { name: h, url: "nats://127.0.0.1:@P6@" } ]')),
    "gateway tls cert": (gateway(f"tls {{ {FILES} }}"), gateway(f"tls {{ {OTHER_FILES} }}")),
    "leaf add listener": ("", leaf()),
    "leaf add remote": (leaf(), leaf(f"remotes: [ {remote()} ]")),
    "leaf advertise": (leaf(), leaf('advertise: "1.1.1.1:7422"')),
    "leaf auth users": (
        leaf(f"authorization {{ users: [ {A} ] }}"),
        leaf(f"authorization {{ users: [ {AB} ] }}"),
    ),
    "leaf authorization": (leaf(), leaf("authorization { user: a, password: x }")),
    "leaf compression": (leaf(), leaf('compression: "off"')),
    "leaf remote disabled": (leaf(f"remotes: [ {remote()} ]"), leaf(f"remotes: [ {remote('disabled: true')} ]")),
    "leaf remove remote": (leaf(f"remotes: [ {remote()} ]"), leaf()),
    "leaf tls add": (leaf(), leaf(f"tls {{ {FILES} }}")),
    "leaf tls cert": (leaf(f"tls {{ {FILES} }}"), leaf(f"tls {{ {OTHER_FILES} }}")),
}

JETSTREAM = {
    "jetstream absent (auto) -> enabled true": ("", "jetstream { enabled: true }\n"),
    "js cipher": (jetstream('key: "k", cipher: aes'), jetstream('key: "k", cipher: chacha')),
    "js domain": (jetstream(), jetstream("domain: d")),
    "js key": (jetstream('key: "a1"'), jetstream('key: "b1"')),
    "js limits": (jetstream(), jetstream("limits { max_ack_pending: 10 }")),
    "js max_concurrent_io": (jetstream(), jetstream("max_concurrent_io: 16")),
    "js max_file down": (jetstream("max_file: 2GB"), jetstream("max_file: 1GB")),
    "js max_file up": (jetstream("max_file: 1GB"), jetstream("max_file: 2GB")),
    "js max_mem up": (jetstream("max_mem: 100MB"), jetstream("max_mem: 200MB")),
    "js max_outstanding_catchup": (jetstream(), jetstream("max_outstanding_catchup: 32MB")),
    "js meta_compact": (jetstream(), jetstream("meta_compact: 10")),
    "js off->on": ("jetstream: disabled\n", jetstream()),
    "js on->off": (jetstream(), "jetstream: disabled\n"),
    "js request_queue_limit": (jetstream(), jetstream("request_queue_limit: 100")),
    "js store_dir": (jetstream(), jetstream().replace("/js", "/js2")),
    "js strict": (jetstream(), jetstream("strict: false")),
    "js sync_interval": (jetstream(), jetstream("sync_interval: always")),
    "js unique_tag": (jetstream(), jetstream('unique_tag: "az:"')),
}

OTHER_LISTENERS = {
    "mqtt ack_wait": (mqtt(), mqtt('ack_wait: "10s"')),
    "mqtt add": (jetstream(), mqtt()),
    "mqtt auth": (mqtt(), mqtt("authorization { user: a, password: x }")),
    "mqtt reject_qos2_publish": (mqtt(), mqtt("reject_qos2_publish: true")),
    "mqtt tls add": (mqtt(), mqtt(f"tls {{ {FILES} }}")),
    "ws add": ("", websocket()),
    "ws allowed_origins": (websocket(), websocket('allowed_origins: [ "https://a.example.com" ]')),
    "ws compression": (websocket(), websocket("compression: true")),
    "ws tls cert": (
        block("websocket", 'listen: "127.0.0.1:@P7@"', f"tls {{ {FILES} }}"),
        block("websocket", 'listen: "127.0.0.1:@P7@"', f"tls {{ {OTHER_FILES} }}"),
    ),
}

TLS_BLOCK = {
    "tls cert change": (TLS, OTHER_TLS),
    "tls connection_rate_limit": (TLS, tls("connection_rate_limit: 10")),
    "tls handshake_first": (TLS, tls("handshake_first: true")),
    "tls min_version": (TLS, tls('min_version: "1.3"')),
    "tls off->on": ("", TLS),
    "tls on->off": (TLS, ""),
    "tls pinned_certs": (TLS, tls(f'pinned_certs: ["{PIN}"]')),
    "tls timeout": (TLS, tls("timeout: 5")),
    "tls verify": (TLS, tls("verify: true")),
    "tls verify_and_map": (TLS, tls("verify_and_map: true")),
    "tls: same files, new content? (no config change)": (TLS, TLS),
}

# Whole configurations, because these rows change what all others share.
WHOLE = {
    "http": (BASE, NAME + LISTEN + 'http: "127.0.0.1:@P9@"\n'),
    "http add https": (NAME + LISTEN + TLS, NAME + LISTEN + TLS + 'https: "127.0.0.1:@P9@"\n'),
    "port (listen)": (BASE, NAME + HTTP + 'listen: "127.0.0.1:@P9@"\n'),
    "server_name r1->r2": (BASE, "server_name: r2\n" + LISTEN + HTTP),
}

# Row of which only the contents of the certificate files change.
NEW_CONTENTS = "tls: same files, new content? (no config change)"


def cases() -> dict[str, tuple[str, str]]:
    """All rows: name -> configuration before and after."""
    found = {
        name: (BASE + old + "\n", BASE + new + "\n")
        for group in (SIMPLE, ACCESS, CLUSTER, GATEWAY_AND_LEAF, JETSTREAM, OTHER_LISTENERS, TLS_BLOCK)
        for name, (old, new) in group.items()
    }
    return {**found, **WHOLE}
