# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every bad input that an authority and its certificates can get: one clear sentence each, and nothing written.

As the modules are called, in a check and for real. What preflight makes of such words in a deploy:
``tests/end_to_end/test_bad_certificates.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Optional

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import facts, issue, keys, verb_certificate
from ansible_collections.aegis.nats.plugins.module_utils.pki.profiles import KEY_TYPES
from ansible_collections.aegis.nats.plugins.module_utils.pki.wanted import parse_certificates
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import (
    DAY,
    NOW,
    authority,
    certificate,
    entry,
    snapshot,
)
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.test_requests import KEY, broken, request
from cryptography import x509
from cryptography.hazmat.primitives import hashes

PHRASE = "correct horse battery"
Act = Callable[[Path, bool], Any]


@pytest.fixture
def pki(tmp_path: Path) -> Path:
    """An authority with a passphrase and limits; n1 with a key made here, n2 with one of its own."""
    path = tmp_path / "pki"
    authority(path, passphrase=PHRASE, permitted={"dns": ["example.com"]})
    made = certificate(path, [entry(), host(2, request(KEY))], passphrase=PHRASE)
    assert not made.get("failed"), made
    return path


def host(number: int, csr: Optional[str] = None, **more: Any) -> dict[str, Any]:
    found = entry(f"n{number}/server", dns=[f"n{number}.example.com"], **more)
    return {**found, "csr": csr, "key": "host"} if csr else found


def asked(wanted: dict[str, Any], now: datetime = NOW, phrase: str = PHRASE) -> Act:
    """A certificate is asked for."""
    return lambda pki, check: certificate(pki, [wanted], now, check, passphrase=phrase)


def theirs(
    begins: datetime = NOW - DAY, ends: datetime = NOW + 900 * DAY, signs: bool = True, key: Any = KEY, ca: bool = True
) -> Act:
    """Somebody's authority, as files, is to be taken in."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Their CA")])
    builder = x509.CertificateBuilder(name, name, KEY.public_key(), 99, begins, ends)
    builder = builder.add_extension(x509.BasicConstraints(ca, 0 if ca else None), critical=True)
    usage = x509.KeyUsage(True, False, False, False, False, signs, True, False, False)
    builder = builder.add_extension(usage, critical=True)
    made = issue.pem(builder.sign(KEY, hashes.SHA256()))

    def act(pki: Path, check: bool) -> Any:
        given = pki.parent / "given"
        given.mkdir()
        (given / "ca.crt").write_bytes(made)
        (given / "ca.key").write_bytes(keys.write(key))
        files = {"certificate_file": str(given / "ca.crt"), "key_file": str(given / "ca.key")}
        return authority(pki, NOW, check, name="theirs", **files)

    return act


def swapped_key(pki: Path, check: bool) -> Any:
    """The key file of the authority is another's."""
    (pki / "ca.key").write_bytes(keys.write(keys.generate(KEY_TYPES["ecdsa-p256"])))
    return asked(host(3))(pki, check)


def repeating_chance(pki: Path, check: bool) -> Any:
    """A machine whose random numbers are those of the last run."""
    serial = facts.load((pki / "issued/n1/server.crt").read_bytes(), "n1").serial_number
    surroundings = Surroundings(check_mode=check, now=NOW, seal=NoSeal())
    stuck = replace(surroundings, random=lambda size: (serial << 1).to_bytes(size, "big"))
    params = {name: spec.get("default") for name, spec in verb_certificate.VERB.argument_spec.items()}
    wanted = {"path": str(pki), "certificates": [host(3)], "passphrase": PHRASE}
    return perform(verb_certificate.VERB, {**params, **wanted}, stuck)


def answered_twice(pki: Path, check: bool) -> Any:
    """Somebody else's authority gives a serial a second time."""
    there, here = pki.parent / "there", pki.parent / "here"
    authority(there)
    authority(here, key_kept="elsewhere", certificate_file=str(there / "ca.crt"))
    wanted = [host(1), host(2)]
    for one in wanted:
        certificate(here, [one], external=True)
        asked_for = here / f"requests/{one['name']}.csr"
        (parsed,) = parse_certificates([one], Problems())
        answer = issue.leaf(
            x509.load_pem_x509_csr(asked_for.read_bytes()).public_key(),
            parsed,
            issue.validity(300, NOW),
            7,
            issuer=facts.load((there / "ca.crt").read_bytes(), "ca"),
            issuer_key=keys.read((there / "ca.key").read_bytes(), "ca"),
        )
        asked_for.with_suffix(".crt").write_bytes(issue.pem(answer))
        before = snapshot(here)
        told = certificate(here, [one], NOW, check and one is wanted[1], external=True)
    assert snapshot(here) == before
    return told


BAD: dict[str, tuple[Act, str]] = {
    "a request for another host's names": (
        asked(host(1, request(keys.generate(KEY_TYPES["ecdsa-p256"]), "n2.example.com"))),
        "the request asks for dns n2.example.com, which this entry does not name: is it another's?",
    ),
    "a request with another host's key": (
        asked(host(1, request(KEY, "n1.example.com"))),
        "its request carries the key of n2/server: a key belongs to one host",
    ),
    "a request with a broken signature": (
        asked(host(1, broken())),
        "the request's signature is not made by its own key: make it anew on its host",
    ),
    "a wrong passphrase": (
        asked(host(3), phrase="wrong horse battery"),
        "ca.key: the passphrase does not open this key",
    ),
    "no passphrase": (asked(host(3), phrase=""), "ca.key: the key is encrypted: give its passphrase"),
    "a key that is not that of the certificate": (
        theirs(key=keys.generate(KEY_TYPES["ecdsa-p256"])),
        "ca.key: is not the key of",
    ),
    "the key of an authority that was swapped": (
        swapped_key,
        "ca.key: is not the key of ca.crt: put the right one back",
    ),
    "an authority that expired": (theirs(NOW - 9 * DAY, NOW - DAY), "CN=Their CA expired on 2026-11-22T12:00:00Z"),
    "an authority that is not valid yet": (theirs(NOW + DAY), "CN=Their CA is not valid before 2026-11-24T12:00:00Z"),
    "the own authority expired": (asked(host(3), NOW + 3651 * DAY), "authority ca: it expired on 2036-11-20T12:00:00Z"),
    "an authority without keyCertSign": (
        theirs(signs=False),
        "CN=Their CA must not sign certificates (keyUsage without keyCertSign)",
    ),
    "a certificate that is no authority": (theirs(ca=False), "CN=Their CA is not an authority"),
    "a name beyond the constraints": (
        asked(entry("n3/server", dns=["n3.example.org"])),
        "n3.example.org is outside of what is permitted (example.com) by the authority CN=NATS CA",
    ),
    "a serial given twice, by somebody else": (
        answered_twice,
        "its serial 07 is that of n1/server: serials are given once",
    ),
    "a clock that went back by a year": (
        asked(host(3), NOW - 365 * DAY),
        "and the clock here says 2025-11-23T12:00",
    ),
    "a clock that went back by an hour": (
        asked(host(3), NOW - timedelta(hours=1)),
        "the clock here says 2026-11-23T11:00",
    ),
}


@pytest.mark.parametrize("check", [True, False], ids=["check", "run"])
@pytest.mark.parametrize("name", BAD)
def test_told_clearly_and_nothing_written(pki: Path, name: str, check: bool) -> None:
    act, words = BAD[name]
    before = snapshot(pki)
    told = act(pki, check)
    if act is swapped_key:
        before["ca.key"] = snapshot(pki)["ca.key"]
    assert told["failed"] and not told.get("changed")
    assert words in told["msg"], told["msg"]
    assert "Traceback" not in told["msg"] and PHRASE not in str(told)
    assert snapshot(pki) == before


def test_a_serial_given_twice_here(pki: Path) -> None:
    """Only a run draws serials: a check can't see what chance will give."""
    before = snapshot(pki)
    told = repeating_chance(pki, check=False)
    assert told["failed"] and "the random numbers of this machine repeat: serial" in told["msg"]
    assert snapshot(pki) == before
