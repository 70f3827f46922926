# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""FIPS mode: what is asked for beside it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.checks import fips
from ansible_collections.aegis.nats.plugins.module_utils.node.checks.reader import Reader
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.checks.reading import reads


def checked(values: dict[str, Any]) -> Reader:
    return reads(fips.check)({"fips": True, **values})


@pytest.mark.parametrize(
    ("version", "known"),
    [
        ("2.10.26", False),
        ("2.11.10", False),
        ("2.11.11", True),
        ("2.12.0", False),
        ("2.12.1", True),
        ("2.14.4", True),
        ("2.15.1", True),
    ],
)
def test_versions(version: str, known: bool) -> None:
    found = list(checked({"version": version}).problems)
    assert [problem.path for problem in found] == ([] if known else ["nats_server_fips"])
    assert known or f"nats-server {version} knows nothing of FIPS mode" in found[0].message


@pytest.mark.parametrize(
    ("values", "path", "message"),
    [
        ({"jetstream_cipher": "chacha"}, "jetstream_cipher", "write aes"),
        ({"auth": "callout"}, "auth", "is callout, which nats-server refuses in FIPS mode"),
        ({"tls_curve_preferences": ["CurveP256", "X25519"]}, "tls_curve_preferences[1]", "write CurveP256"),
        ({"cluster_tls_curve_preferences": ["X25519"]}, "cluster_tls_curve_preferences[0]", "is not approved"),
        (
            {"version": "2.15.1", "tls_cipher_suites": ["TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"]},
            "tls_cipher_suites[0]",
            "write AES-GCM suites",
        ),
        ({"tls_cipher_suites": ["TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"]}, "tls_cipher_suites[0]", "is not approved"),
        ({"tls_key_type": "ed25519"}, "tls_key_type", "write ecdsa-p256"),
        (
            {"certified": {"tls_": {"path": "own.crt", "key_type": "ed25519"}}, "tls_key_type": "rsa-2048"},
            "tls_key_type",
            "own.crt has a key of type ed25519",
        ),
    ],
)
def test_what_is_refused(values: dict[str, Any], path: str, message: str) -> None:
    found = list(dict.fromkeys(checked(values).problems))
    assert [problem.path for problem in found] == [f"nats_server_{path}"]
    assert message in found[0].message
    assert list(Reader({"fips": False, **values}).problems) == []


@pytest.mark.parametrize(
    "values",
    [
        {"jetstream_cipher": "aes", "tls_key_type": "ecdsa-p384", "auth": "operator"},
        {"jetstream_cipher": "chacha", "jetstream": False},
        {"jetstream_cipher": "chacha", "jetstream_encryption": False},
        {"tls_curve_preferences": ["SecP256r1MLKEM768", "X25519MLKEM768", "CurveP256", "CurveP384"]},
        {"tls_cipher_suites": ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"]},
        {"cluster": False, "cluster_tls_curve_preferences": ["X25519"], "tls_key_type": "rsa-3072"},
    ],
)
def test_what_is_fine(values: dict[str, Any]) -> None:
    reader = checked(values)
    assert list(reader.problems) + list(reader.warnings) == []


def test_clear_text_is_warned_about() -> None:
    assert [problem.path for problem in checked({"tls": False}).warnings] == ["nats_server_tls"]


def test_nothing_is_asked_of_others() -> None:
    reader = Reader({"jetstream_cipher": "chacha", "auth": "callout", "tls_key_type": "ed25519", "version": "2.10.26"})
    fips.check(reader)
    assert list(reader.problems) + list(reader.warnings) == []
