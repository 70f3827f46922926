# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role nats_pki with an authority below the CA: what it makes, again, revoked, and a cluster that runs with it."""

from __future__ import annotations

import ssl
from typing import Any

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import CONTROLLER, ROOT, Estate, good

CHECK_EXPIRY = str(ROOT / "playbooks/check_expiry.yml")
BELOW = {
    "nats_pki_passphrase": "hunter22hunter",
    "nats_pki_permitted": {"dns": ["localhost", "n1", "n2", "n3"], "ip": ["127.0.0.0/8"]},
    "nats_pki_intermediate": {"name": "issuing", "common_name": "Issuing CA", "days": 1000},
    "nats_pki_intermediate_passphrase": "hunter33hunter",
}


@pytest.fixture
def below(estate: Estate) -> Estate:
    estate.settings.update(BELOW)
    return estate


def changes(run: Any) -> list[tuple[str, str]]:
    good(run)
    return sorted(run.changes)


def test_root_and_authority_below_it(below: Estate) -> None:
    checked, made = (below.deploy(*options, playbook=CONTROLLER) for options in (["--check"], []))
    assert changes(checked) == changes(made)
    pki = below.root / "nats/pki"
    assert (pki / "issued/n1/server.crt").read_text().count("BEGIN CERTIFICATE") == 2
    context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
    assert [found["subject"][-1][0][1] for found in context.get_ca_certs()] == [below.settings["nats_pki_common_name"]]
    for text in ("hunter22hunter", "hunter33hunter"):
        assert text not in made.output
    # The root may go into a vault: unchanged runs and new leafs do without its key.
    (pki / "ca.key").unlink()
    below.settings["nats_pki_key_kept"] = "elsewhere"
    assert changes(below.deploy(playbook=CONTROLLER)) == []
    below.settings["nats_pki_revoked"] = [{"name": "n1/route", "reason": "superseded"}]
    serial = (pki / "issued/n1/route.crt").read_text()
    checked, made = (below.deploy(*options, playbook=CONTROLLER) for options in (["--check"], []))
    assert len(changes(checked)) == len(changes(made)) == 2
    assert (pki / "issued/n1/route.crt").read_text() != serial
    assert "BEGIN X509 CRL" in (pki / "issuing.crl").read_text()
    assert changes(below.deploy(playbook=CONTROLLER)) == []


@pytest.mark.long
def test_a_cluster_below_it(below: Estate) -> None:
    run = below.deploy()
    good(run)
    assert "ends first of the certificates, in 36" in run.output
    assert changes(below.deploy()) == []
    looked = below.deploy(playbook=CHECK_EXPIRY)
    assert changes(looked) == []
    late = below.deploy("-e", "nats_pki_fail_below=400", playbook=CHECK_EXPIRY)
    assert late.code != 0
    for words in (
        "certificates have fewer than 400 days left",
        "issued/n1/server.crt: CN=n1,O=MyOrganization ends on",
        "the server n2 shows a certificate that ends in 36",
    ):
        assert words in late.text, late.output
