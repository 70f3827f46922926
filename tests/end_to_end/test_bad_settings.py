# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong settings of the servers: told before anything is made, with what to write instead."""

from __future__ import annotations

from ansible_collections.aegis.nats.tests.end_to_end.bad_input import Bad, assert_refused, united
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate

EXTRA = "nats_server_extra_config"
SAME_PORT = "{{ quickstart_ports.client[0] }}"


@united(
    # Names and addresses
    Bad(
        "server name with a space",
        [("n1.nats_server_name", "holds a space, which nats-server refuses")],
        hosts={"n1.nats_server_name": "node one"},
    ),
    Bad(
        "two servers of one name",
        [("n2.nats_server_name", "n1 has the same name n1")],
        hosts={"n2.nats_server_name": "n1"},
    ),
    Bad(
        "cluster name with a space",
        [("nats_server_cluster_name", "holds a space")],
        {"nats_server_cluster_name": "my cluster"},
    ),
    Bad(
        "cluster name that differs",
        [("nats_server_cluster_name", "must be the same on all servers of the cluster")],
        hosts={"n3.nats_server_cluster_name": "other"},
    ),
    Bad(
        "host without an address",
        [("n2.nats_server_address", "is empty: set nats_server_address or ansible_host")],
        hosts={"n2.nats_server_address": ""},
    ),
    Bad(
        "address that is every address",
        [("n2.nats_server_address", "0.0.0.0 is every address of a host and none to connect to")],
        hosts={"n2.nats_server_address": "0.0.0.0"},
    ),
    Bad(
        "tag with a space",
        [("nats_server_tags[1]", "holds a space: write a tag like az:a")],
        {"nats_server_tags": ["env:production", "zone a"]},
    ),
    Bad(
        "certificate name with a port",
        [
            ("certificates[0].dns[1]", "carries a port: write the host name alone"),
            ("certificates[1].dns[1]", "carries a port: write the host name alone"),
        ],
        hosts={"n1.nats_server_certificate_names": ["nats.example.com:4222"]},
    ),
    # Ports
    Bad(
        "port out of range",
        [("n1.nats_server_port", "70000 is out of range: write a number from 1 to 65535")],
        hosts={"n1.nats_server_port": 70000},
    ),
    Bad(
        "port in words",
        [("n1.nats_server_port", "'clients' is not a whole number")],
        hosts={"n1.nats_server_port": "clients"},
    ),
    Bad(
        "two ports of a host are one",
        [("n1.nats_server_monitoring_port", "is already nats_server_port of this host")],
        hosts={"n1.nats_server_monitoring_port": SAME_PORT},
        alone=True,
    ),
    Bad(
        "two hosts of one machine on one port",
        [("n2.nats_server_port", "is already nats_server_port of n1 on the same address")],
        hosts={"n2.nats_server_port": SAME_PORT},
    ),
    # The traps of the guide
    Bad(
        "path as the JetStream key",
        [("nats_server_jetstream_key", "is a path, which nats-server takes for the passphrase itself")],
        {"nats_server_jetstream_key": "/etc/nats/jetstream.key"},
    ),
    Bad(
        "P-256 as a curve",
        [("nats_server_tls_curve_preferences[1]", "P-256 is not a curve that nats-server knows: write CurveP256")],
        {"nats_server_tls_curve_preferences": ["X25519", "P-256"]},
    ),
    Bad(
        "nkey as the route user",
        [("nats_server_cluster_user", "is an nkey, with which no server can log in to another")],
        {"nats_server_cluster_user": "NDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"},
    ),
    Bad(
        "verify false beside verify_and_map",
        [("nats_server_tls_verify", "is false beside nats_server_tls_verify_and_map: true")],
        {"nats_server_tls_verify": False, "nats_server_tls_verify_and_map": True},
        warnings=["maps nothing in operator mode"],
    ),
    Bad(
        "OCSP always without a responder",
        [("nats_server_ocsp.mode", "always without a responder: the server refuses to start")],
        {"nats_server_ocsp": {"mode": "always"}},
    ),
    Bad(
        "OCSP urls",
        [("nats_server_ocsp.urls", "is an option that nats-server fails to read: write url")],
        {"nats_server_ocsp": {"mode": "auto", "urls": ["http://ocsp.example.com"]}},
    ),
    Bad(
        "old TLS",
        [("nats_server_tls_min_version", "1.1")],
        {"nats_server_tls_min_version": "1.1"},
    ),
    Bad(
        "cipher suite by its OpenSSL name",
        [("nats_server_tls_cipher_suites[0]", "is not a secure cipher suite by its Go name")],
        {"nats_server_tls_cipher_suites": ["ECDHE-RSA-AES256-GCM-SHA384"], "nats_server_tls_min_version": "1.2"},
    ),
    Bad(
        "cipher suites for RSA beside ECDSA certificates",
        [
            (
                "nats_server_tls_cipher_suites",
                "has only suites for RSA certificates; with ECDSA ones every TLS 1.2 client",
            )
        ],
        {
            "nats_server_tls_cipher_suites": ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"],
            "nats_server_tls_min_version": "1.2",
        },
    ),
    Bad(
        "message larger than what may be pending",
        [("nats_server_max_payload", "is larger than nats_server_max_pending")],
        {"nats_server_max_payload": "64MiB", "nats_server_max_pending": "32MiB"},
        warnings=["is larger than 8MiB"],
    ),
    Bad(
        "wishes that weaken, beside a problem",
        [("nats_server_ping_max", "0 is out of range")],
        {
            "nats_server_ping_max": 0,
            "nats_server_monitoring_host": "0.0.0.0",
            "nats_server_tls_verify": False,
            "nats_server_cluster_tls": False,
            "nats_server_jetstream_encryption": False,
            "nats_server_tls_cipher_suites": ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"],
        },
        warnings=[
            "nats_server_monitoring_host: is 0.0.0.0: monitoring has no authentication",
            "nats_server_tls_verify: is false: clients need no certificate",
            "nats_server_cluster_tls: is false: the servers talk to each other in clear text",
            "nats_server_jetstream_encryption: is false: messages lie on disk in clear text",
            "nats_server_tls_cipher_suites: has no effect with a lowest version of 1.3",
        ],
        alone=True,
    ),
    # Sizes, durations, numbers
    Bad(
        "duration without a unit",
        [("nats_server_ping_interval", "2")],
        {"nats_server_ping_interval": "two minutes"},
    ),
    Bad(
        "size that is none",
        [("nats_server_jetstream_max_file", "lots")],
        {"nats_server_jetstream_max_file": "lots"},
        alone=True,
    ),
    Bad(
        "lame duck too short",
        [("nats_server_lame_duck_duration", "is too short: nats-server takes 30s and more")],
        {"nats_server_lame_duck_duration": "20s"},
    ),
    Bad(
        "lame duck grace too long",
        [("nats_server_lame_duck_grace_period", "is not shorter than nats_server_lame_duck_duration")],
        {"nats_server_lame_duck_grace_period": "40s"},
    ),
    Bad(
        "authorization timeout too long",
        [("nats_server_authorization_timeout", "seconds are refused by nats-server -t: write at most 60")],
        {"nats_server_authorization_timeout": 90},
    ),
    Bad(
        "number that is none",
        [("nats_server_max_connections", "'many' is not a whole number")],
        {"nats_server_max_connections": "many"},
    ),
    Bad(
        "neither true nor false",
        [("nats_server_jetstream", "'maybe' is neither true nor false")],
        {"nats_server_jetstream": "maybe"},
        alone=True,
    ),
    Bad(
        "cipher that is none",
        [("nats_server_jetstream_cipher", "'aes256' is not one of chacha, aes")],
        {"nats_server_jetstream_cipher": "aes256"},
    ),
    Bad(
        "login in a route",
        [("nats_server_cluster_routes[0]", "holds a login: write host:port")],
        {"nats_server_cluster_routes": ["route:secret@n4.example.com:6222"]},
    ),
    Bad(
        "relative folder",
        [("nats_server_data_dir", "is not an absolute path")],
        {
            "nats_server_data_dir": "data",
            "nats_server_resolver_dir": "{{ quickstart_node_dir }}/data/resolver",
            "nats_server_jetstream_dir": "{{ quickstart_node_dir }}/data/jetstream",
        },
    ),
    # What has no variable
    Bad(
        "extra option that has a variable",
        [(f"{EXTRA}.max_payload", "the role writes this option: set nats_server_max_payload instead")],
        {f"{EXTRA}.max_payload": 1048576},
    ),
    Bad(
        "extra option that has a variable, by another name",
        [(f"{EXTRA}.monitor_port", "the role writes this option: set nats_server_monitoring_port instead")],
        {f"{EXTRA}.monitor_port": 8222},
    ),
    Bad(
        "extra option that has a variable, in a block",
        [(f"{EXTRA}.jetstream.store_dir", "the role writes this option: set nats_server_jetstream_dir instead")],
        {f"{EXTRA}.jetstream": {"store_dir": "/tmp"}},
    ),
    Bad(
        "extra verify false beside verify_and_map",
        [
            (f"{EXTRA}.tls.verify", "set nats_server_tls_verify instead"),
            (f"{EXTRA}.tls", "verify: false beside verify_and_map: true counts at random"),
            (f"{EXTRA}.tls.verify_and_map", "set nats_server_tls_verify_and_map instead"),
        ],
        {f"{EXTRA}.tls": {"verify": False, "verify_and_map": True}},
    ),
    Bad(
        "extra option unknown",
        [(f"{EXTRA}.max_trafic", "")],
        {f"{EXTRA}.max_trafic": 1},
    ),
    Bad(
        "extra option newer than the version",
        [(f"{EXTRA}.feature_flags", "2.14.0")],
        {f"{EXTRA}.feature_flags": {"js_ack_fc_v2": True}, "nats_server_version": "2.11.11"},
    ),
    Bad(
        "curve newer than the version",
        [("nats_server_tls_curve_preferences[0]", "nats-server 2.11.11 does not know X25519MLKEM768")],
        {"nats_server_tls_curve_preferences": ["X25519MLKEM768"], "nats_server_version": "2.11.11"},
    ),
    Bad(
        "extra users beside an operator",
        [(f"{EXTRA}.no_auth_user", "can't stand beside an operator")],
        {f"{EXTRA}.no_auth_user": "guest"},
    ),
    Bad(
        "extra https beside monitoring",
        [(f"{EXTRA}.https_port", "can't stand beside plain monitoring")],
        {f"{EXTRA}.https_port": 8443},
    ),
    # Several at once
    Bad(
        "everything wrong with one host",
        [
            ("n2.nats_server_name", "holds a space"),
            ("n2.nats_server_port", "0 is out of range"),
            ("n2.nats_server_address", "is every address"),
        ],
        hosts={"n2.nats_server_name": "n 2", "n2.nats_server_port": 0, "n2.nats_server_address": "0.0.0.0"},
    ),
    Bad(
        "the guide's own configuration",
        [
            ("nats_server_tls_curve_preferences[1]", "write CurveP256"),
            ("nats_server_jetstream_key", "is a path"),
            ("nats_server_cluster_user", "is an nkey"),
            ("nats_server_ocsp.mode", "always without a responder"),
        ],
        {
            "nats_server_tls_min_version": "1.2",
            "nats_server_tls_curve_preferences": ["X25519", "P-256"],
            "nats_server_jetstream_key": "/etc/nats/jetstream.key",
            "nats_server_cluster_user": "NDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4",
            "nats_server_ocsp": {"mode": "always"},
            "nats_server_monitoring_host": "0.0.0.0",
        },
        warnings=["nats_server_monitoring_host: is 0.0.0.0"],
    ),
    Bad(
        "certificates, tree and servers at once",
        [
            ("", "authority: value of key_type must be one of: ecdsa-p256"),
            ("accounts.ExternalPartner.imports[0].type", "write service"),
            ("accounts.TeamAlpha.users[1].name", "is also the name of users[0]"),
            ("nats_server_cluster_name", "holds a space"),
        ],
        {
            "nats_pki_key_type": "ecdsa-p999",
            "nats_trust_accounts[1].imports[0].type": "stream",
            "nats_trust_accounts[0].users[1].name": "order-service",
            "nats_server_cluster_name": "my cluster",
        },
    ),
    Bad(
        "certificates of two kinds at once",
        [
            ("certificates[7].name", "can't be a file name here"),
            ("certificates[8].days", "0 is not a lifetime: write a whole number from 1 to 36500"),
        ],
        {"nats_pki_clients": [{"name": "order service"}, {"name": "partner", "days": 0}]},
    ),
    Bad(
        "sealing without a vault secret",
        [
            ("", "authority: seal is true but this play has no vault secret"),
            ("", "certificate: seal is true but this play has no vault secret"),
        ],
        {"nats_pki_seal": True},
        alone=True,
    ),
)
def test_settings(estate: Estate, case: Bad) -> None:
    assert_refused(estate, case)
    assert not (estate.root / "nats").exists()
