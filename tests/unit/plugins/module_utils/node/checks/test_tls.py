# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS of the client port and of routes."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.aegis.nats.plugins.module_utils.node.checks import tls
from ansible_collections.aegis.nats.tests.meta.repository import ROOT
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.checks.reading import reads

checked = reads(tls.check)


@pytest.mark.parametrize(
    ("values", "path", "message"),
    [
        ({"tls_min_version": "1.1"}, "tls_min_version", 'write "1.2" or "1.3"'),
        ({"cluster_tls_min_version": 1.0}, "cluster_tls_min_version", 'write "1.2" or "1.3"'),
        ({"tls_curve_preferences": ["X25519", "P-256"]}, "tls_curve_preferences[1]", "write CurveP256"),
        ({"tls_curve_preferences": ["secp384r1"]}, "tls_curve_preferences[0]", "write CurveP384"),
        ({"cluster_tls_curve_preferences": ["Kyber"]}, "cluster_tls_curve_preferences[0]", "write one of X25519"),
        (
            {"version": "2.11.11", "tls_curve_preferences": ["X25519MLKEM768"]},
            "tls_curve_preferences[0]",
            "nats-server 2.11.11 does not know X25519MLKEM768",
        ),
        ({"tls_cipher_suites": ["ECDHE-RSA-AES256-GCM-SHA384"]}, "tls_cipher_suites[0]", "write TLS_ECDHE_RSA"),
        ({"tls_cipher_suites": ["TLS_RSA_WITH_AES_128_CBC_SHA"]}, "tls_cipher_suites[0]", "is not a secure"),
        (
            {"version": "2.11.11", "tls_cipher_suites": ["TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"]},
            "tls_cipher_suites[0]",
            "write TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
        ),
        (
            {"tls_cipher_suites": ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"], "tls_key_type": "ecdsa-p256"},
            "tls_cipher_suites",
            "add TLS_ECDHE_ECDSA_",
        ),
        (
            {"tls_cipher_suites": ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"], "tls_key_type": "rsa-2048"},
            "tls_cipher_suites",
            "add TLS_ECDHE_RSA_",
        ),
        (
            {"tls_cipher_suites": ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"], "tls_key_type": "ed25519"},
            "tls_cipher_suites",
            "with Ed25519 ones every TLS 1.2 client is refused",
        ),
        (
            {"tls_min_version": "1.2", "tls_cipher_suites": ["TLS_AES_128_GCM_SHA256"], "tls_key_type": "rsa-2048"},
            "tls_cipher_suites",
            "set nats_server_tls_min_version to 1.3",
        ),
        (
            {
                "cluster_tls_min_version": "1.2",
                "cluster_tls_cipher_suites": ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"],
                "tls_key_type": "ecdsa-p256",
                "certified": {"cluster_tls_": {"path": "route.crt", "key_type": "rsa-2048"}},
            },
            "cluster_tls_cipher_suites",
            "route.crt has a key of type rsa-2048: add TLS_ECDHE_RSA_",
        ),
        ({"tls_verify_and_map": True, "auth": "nkey"}, "tls_verify_and_map", "maps nobody"),
        ({"tls_verify": False, "tls_verify_and_map": True, "auth": "accounts"}, "tls_verify", "is random"),
        ({"tls_verify": "maybe"}, "tls_verify", "is neither true nor false"),
        ({"tls_timeout": "2s"}, "tls_timeout", "write seconds"),
        ({"tls_timeout": 0}, "tls_timeout", "out of range"),
        ({"tls_pinned_certs": ["sha256:aa"]}, "tls_pinned_certs[0]", "64 lower-case hex digits"),
        (
            {"cluster_tls_pinned_certs": ["*/route", "n1"]},
            "cluster_tls_pinned_certs[1]",
            "or the name of a certificate",
        ),
        ({"tls_connection_rate_limit": -1}, "tls_connection_rate_limit", "at least 0"),
    ],
)
def test_what_is_wrong(values: dict[str, Any], path: str, message: str) -> None:
    found = list(checked(values).problems)
    assert [problem.path for problem in found] == [f"nats_server_{path}"]
    assert message in found[0].message


@pytest.mark.parametrize(
    ("values", "path", "message"),
    [
        ({"tls": False}, "tls", "in clear text"),
        ({"cluster_tls": "no"}, "cluster_tls", "in clear text"),
        ({"tls_verify": False}, "tls_verify", "need no certificate"),
        ({"tls_verify_and_map": True, "auth": "operator"}, "tls_verify_and_map", "maps nothing in operator mode"),
        (
            {"tls_min_version": "1.3", "tls_cipher_suites": ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"]},
            "tls_cipher_suites",
            "for TLS 1.2 only",
        ),
        (
            {"tls_min_version": "1.2", "tls_cipher_suites": ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"]},
            "tls_cipher_suites",
            "every TLS 1.2 client is refused",
        ),
        (
            {"tls_min_version": "1.2", "tls_cipher_suites": ["TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"]},
            "tls_cipher_suites[0]",
            "Lucky 13",
        ),
        ({"tls_min_version": "1.2", "tls_key_type": "ed25519"}, "tls_min_version", "takes Ed25519 there"),
        (
            {"version": "2.12.0", "cluster_tls_curve_preferences": ["X25519", "CurveP256"]},
            "cluster_tls_curve_preferences",
            "add X25519MLKEM768",
        ),
    ],
)
def test_what_is_warned_about(values: dict[str, Any], path: str, message: str) -> None:
    reader = checked(values)
    assert list(reader.problems) == []
    assert [problem.path for problem in reader.warnings] == [f"nats_server_{path}"]
    assert message in next(iter(reader.warnings)).message


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"tls_min_version": 1.3, "tls_timeout": "2.5", "tls_pinned_certs": ["a" * 64, "clients/*"]},
        {"tls_verify_and_map": True, "auth": "accounts"},
        {"version": "2.15.1", "tls_curve_preferences": ["X25519MLKEM768", "SecP256r1MLKEM768", "CurveP256"]},
        {"version": "2.11.11", "tls_curve_preferences": ["X25519", "CurveP256"]},
        {"version": "2.15.1", "tls_curve_preferences": ["CurveP256", "CurveP384"], "fips": True},
        {"tls_min_version": "1.2", "tls_cipher_suites": ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"]},
        {"tls_cipher_suites": ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"], "tls_key_type": "ed25519"},
        {"tls_cipher_suites": list(tls.GCM_SUITES), "tls_min_version": "1.2", "tls_key_type": "rsa-3072"},
        {"cluster": False, "cluster_tls": False, "cluster_tls_min_version": "9"},
    ],
)
def test_what_is_fine(values: dict[str, Any]) -> None:
    reader = checked(values)
    assert list(reader.problems) + list(reader.warnings) == []


def test_the_role_offers_what_is_known_here() -> None:
    """What the role writes where the inventory names no suites is what the checks take for secure."""
    variables = yaml.safe_load((ROOT / "roles/nats_server/vars/main.yml").read_text(encoding="utf-8"))
    assert variables["__nats_server_tls12_suites"] == list(tls.GCM_SUITES)
    assert set(tls.GCM_SUITES) < set(tls.known_suites((2, 10, 0))) & set(tls.known_suites((2, 15, 1)))
