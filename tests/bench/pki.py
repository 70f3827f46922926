# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long 100 hosts with 3 certificates each take: first issue, unchanged second run, and both sealed.

Keys are made on the hosts, whose requests the controller verifies and signs, or on the controller. Run it from the
checkout. It ends with status 1 when an open store takes more than 3 s and 1 s.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / ".collections"))

from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret
from ansible_collections.aegis.nats.plugins.module_utils.pki import issue, keys, verb_authority, verb_certificate
from ansible_collections.aegis.nats.plugins.module_utils.pki.wanted import parse_certificates
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Seal, Surroundings, Verb, perform
from ansible_collections.aegis.nats.plugins.plugin_utils.seal import VaultSeal

HOSTS = 100
FIRST_SECONDS, AGAIN_SECONDS = 3.0, 1.0


def wanted() -> list[dict[str, Any]]:
    """Server, route and client certificate of each host."""
    entries: list[dict[str, Any]] = []
    for number in range(HOSTS):
        names = {"dns": [f"n{number}.example.com", f"n{number}"], "ip": [f"192.0.2.{number}", f"2001:db8::{number:x}"]}
        entries += [{"name": f"n{number}/{profile}", "profile": profile, **names} for profile in ("server", "route")]
        entries.append({"name": f"n{number}/client", "profile": "client", "dns": names["dns"]})
    return entries


def run(verb: Verb, params: dict[str, Any], surroundings: Surroundings) -> dict[str, Any]:
    """The result of a verb, its defaults filled in as a front does."""
    defaults = {name: spec.get("default") for name, spec in verb.argument_spec.items()}
    return perform(verb, {**defaults, **params}, surroundings)


def requests() -> list[dict[str, Any]]:
    """The same, with a key and a request that each host has made."""
    entries = wanted()
    for entry, parsed in zip(entries, parse_certificates(entries, Problems())):
        entry["csr"] = issue.leaf_request(keys.generate(parsed.key_type), parsed).decode()
    return entries


def measure(entries: list[dict[str, Any]], seal: Seal) -> tuple[float, float]:
    """Seconds of the first issue and of the unchanged second run."""
    surroundings = Surroundings(check_mode=False, now=datetime.now(timezone.utc), seal=seal)
    with tempfile.TemporaryDirectory() as folder:
        base = {"path": f"{folder}/pki"}
        made = run(verb_authority.VERB, base, surroundings)
        assert not made.get("failed"), made
        taken = []
        for changed in (True, False):
            start = time.perf_counter()
            result = run(verb_certificate.VERB, {**base, "certificates": entries}, surroundings)
            taken.append(time.perf_counter() - start)
            assert not result.get("failed") and result["changed"] is changed, result
            assert len(result["certificates"]) == 3 * HOSTS
    return taken[0], taken[1]


def main() -> int:
    loader = DataLoader()
    loader.set_vault_secrets([("default", VaultSecret(b"bench"))])
    print(
        f"{HOSTS} hosts, {3 * HOSTS} certificates (P-256); open stores: at most {FIRST_SECONDS} s and {AGAIN_SECONDS} s"
    )
    within = True
    runs = [("keys on hosts", requests(), NoSeal()), ("keys here", wanted(), NoSeal())]
    for title, entries, seal in [*runs, ("keys here, sealed", wanted(), VaultSeal(loader, True))]:
        first, again = measure(entries, seal)
        print(f"  {title:18} first issue {first:5.2f} s   again, unchanged {again:5.2f} s")
        if isinstance(seal, NoSeal):
            within = within and first <= FIRST_SECONDS and again <= AGAIN_SECONDS
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
