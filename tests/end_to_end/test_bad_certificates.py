# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates that peers would refuse, and listeners without one: all told by preflight, nothing written."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.bad_input import Bad, assert_refused, cases
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import authority, certificate

EXTRA = "nats_server_extra_config"
ALL = ["server", "route", "gateway", "leafnode", "websocket", "mqtt"]


def listener(profile: str, **more: Any) -> dict[str, Any]:
    return {"tls": f"{{{{ nats_server_tls_blocks.{profile} }}}}", **more}


@cases(
    Bad(
        "listeners without a certificate",
        [
            (f"{EXTRA}.websocket.tls", "add websocket to nats_pki_profiles"),
            (f"{EXTRA}.leafnodes.remotes[0].tls", "add leafnode to nats_pki_profiles"),
        ],
        {
            EXTRA: {
                "websocket": listener("websocket", listen="127.0.0.1:{{ 24000 + quickstart_number }}"),
                "leafnodes": {"remotes": [listener("leafnode", url="tls://hub.example.com:7422")]},
            }
        },
    ),
    Bad(
        "a gateway with the certificate of browsers",
        [(f"{EXTRA}.gateway.tls", "write nats_server_tls_blocks.gateway")],
        {
            "nats_pki_profiles": ALL,
            EXTRA: {
                "gateway": listener("websocket", name="quickstart", listen="127.0.0.1:{{ 24000 + quickstart_number }}")
            },
        },
    ),
    Bad(
        "names that nobody certified",
        [
            (f"{EXTRA}.websocket.advertise", "ws.example.com is not in the certificate of the profile websocket"),
            (f"{EXTRA}.gateway.gateways[0].urls[0]", "east.example.com is not in the certificate of the profile gate"),
            ("n2.nats_server_cluster_advertise", "n2.internal is not in the route certificate of this server"),
        ],
        {
            "nats_pki_profiles": ALL,
            EXTRA: {
                "websocket": listener("websocket", advertise="ws.example.com:443"),
                "gateway": listener(
                    "gateway",
                    name="quickstart",
                    gateways=[{"name": "quickstart", "url": "nats://east.example.com:7222"}],
                ),
            },
        },
        {"n2.nats_server_cluster_advertise": "n2.internal:6222"},
    ),
    Bad(
        "names that the authority to be made does not permit, beside another mistake",
        [
            ("certificates[0].dns[0]", "n1 is outside of what is permitted (example.com, n2, n3)"),
            ("certificates[1].dns[0]", "by the authority CN=Quickstart CA,O=MyOrganization (certificate n1/route)"),
            ("nats_server_cluster_user", "is an nkey"),
        ],
        {
            "nats_pki_names": [],
            "nats_pki_permitted": {"dns": ["example.com", "n2", "n3"]},
            "nats_server_cluster_user": "UCJMXLVZHBZVVRALXGHHNFHSOXJLNYUXZPNCGUSKGLIRSTEQVNBNQCSZ",
        },
    ),
)
def test_told_by_preflight(estate: Estate, case: Bad) -> None:
    assert_refused(estate, case)
    assert not (estate.root / "nats").exists()


@pytest.mark.parametrize("age", [0, 400])
def test_own_files(estate: Estate, age: int) -> None:
    """Certificates of somebody else's CA: for the wrong use, of another name, with another's key, out of date."""
    own, then = estate.root / "own", datetime.now(timezone.utc) - timedelta(days=age)
    authority(own, then)
    names = {"dns": ["n1.example.com"], "ip": ["127.0.0.1"]}
    wanted = [
        {"name": "server", "profile": "server", **names},
        {"name": "route", "profile": "route", "dns": ["elsewhere.example.com"]},
        {"name": "other", "profile": "server", **names},
    ]
    assert not certificate(own, wanted, then).get("failed")
    issued = str(own / "issued")
    estate.settings["nats_server_tls_files"] = {
        "ca": str(own / "ca.crt"),
        "client_certificate": f"{issued}/server.crt",
        "client_key": f"{issued}/other.key",
        "route_certificate": f"{issued}/route.crt",
        "route_key": f"{issued}/gone.key",
        "gateway_certificate": f"{issued}/other.crt",
        "gateway_key": f"{issued}/other.key",
    }
    expired = [
        (f"nats_server_tls_files.{name}_certificate", "expired on") for name in ("client", "route", "gateway") if age
    ]
    case = Bad(
        "own files",
        [
            ("nats_server_tls_files.client_key", "other.key is not the key of"),
            ("nats_server_tls_files.route_certificate", "does not carry 127.0.0.1, which nats_server_address has"),
            ("nats_server_tls_files.route_key", "gone.key can't be read on the controller"),
            ("nats_server_tls_files.gateway_certificate", "is not for clientAuth"),
            *expired,
        ],
    )
    assert_refused(estate, case)
    assert not (estate.root / "nats").exists()


def test_suites_that_own_files_can_not_serve(estate: Estate) -> None:
    """The certificate itself says of which type its key is; the inventory says nothing of it."""
    own = estate.root / "own"
    authority(own, datetime.now(timezone.utc))
    names = {"dns": ["localhost"], "ip": ["127.0.0.1"], "key_type": "rsa-2048"}
    wanted = [{"name": profile, "profile": profile, **names} for profile in ("server", "route")]
    assert not certificate(own, wanted, datetime.now(timezone.utc)).get("failed")
    files = {"ca": str(own / "ca.crt")}
    for name, profile in (("client", "server"), ("route", "route")):
        files[f"{name}_certificate"] = str(own / f"issued/{profile}.crt")
        files[f"{name}_key"] = str(own / f"issued/{profile}.key")
    case = Bad(
        "suites for another kind of key",
        [("nats_server_cluster_tls_cipher_suites", "route.crt has a key of type rsa-2048: add TLS_ECDHE_RSA_")],
        {
            "nats_server_tls_files": files,
            "nats_server_cluster_tls_min_version": "1.2",
            "nats_server_cluster_tls_cipher_suites": ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"],
        },
    )
    assert_refused(estate, case)
