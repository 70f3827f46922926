# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys, certificates and tokens on the controller that can't be used: told before anything is made."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.bad_input import assert_told
from ansible_collections.aegis.nats.tests.end_to_end.estate import CONTROLLER, Estate, put
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

DAY = datetime.timedelta(days=1)
NOW = datetime.datetime.now(datetime.timezone.utc)


def refuse(estate: Estate, *problems: tuple[str, str], options: tuple[str, ...] = ()) -> None:
    before = estate.snapshot()
    run = estate.deploy(*options)
    assert_told(run, problems)
    assert estate.snapshot() == before
    assert not estate.processes()
    assert not (estate.root / "nodes").exists()


def sign_authority(estate: Estate, begins: datetime.datetime, ends: datetime.datetime, **usage: bool) -> None:
    """The estate's own authority, its certificate made anew with other terms."""
    pki = estate.root / "nats" / "pki"
    key = serialization.load_pem_private_key((pki / "ca.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    name = x509.load_pem_x509_certificate((pki / "ca.crt").read_bytes()).subject
    terms = {"crl_sign": True, "key_cert_sign": True, **usage}
    unused = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(True, 0), critical=True)
        .add_extension(
            x509.KeyUsage(**dict.fromkeys(unused, False), **terms, encipher_only=False, decipher_only=False),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    (pki / "ca.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def test_authority_expired(kept: Estate) -> None:
    sign_authority(kept, NOW - 20 * DAY, NOW - DAY)
    refuse(kept, ("", "authority ca: it expired on"))


def test_authority_of_tomorrow(kept: Estate) -> None:
    sign_authority(kept, NOW + DAY, NOW + 20 * DAY)
    refuse(kept, ("", "authority ca: it is not valid before"))


def test_authority_that_must_not_sign(kept: Estate) -> None:
    sign_authority(kept, NOW - DAY, NOW + 400 * DAY, key_cert_sign=False)
    refuse(kept, ("", "authority ca: it must not sign certificates (keyUsage without keyCertSign)"))


def other_key(path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(key.private_bytes(*form))


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("file", "damage", "message"),
    [
        ("ca.key", half, "pki/ca.key: is cut off: put the whole file back from a backup"),
        ("ca.key", other_key, "pki/ca.key: is not the key of ca.crt: put the right one back"),
        ("ca.key", os.unlink, "pki/ca.key: is missing while ca.crt is there"),
        ("ca.crt", os.unlink, "pki/ca.crt: is missing while ca.key is there"),
        ("ca.crt", half, "pki/ca.crt: "),
    ],
    ids=["key cut off", "key of another", "key missing", "certificate missing", "certificate cut off"],
)
def test_authority_damaged(kept: Estate, file: str, damage: Callable[[Path], None], message: str) -> None:
    damage(kept.root / "nats" / "pki" / file)
    refuse(kept, ("", message))


def test_authority_with_a_wrong_passphrase(estate: Estate) -> None:
    estate.settings["nats_pki_passphrase"] = "right horse battery"
    assert estate.deploy(playbook=CONTROLLER).code == 0
    estate.settings["nats_pki_passphrase"] = "wrong horse battery"
    refuse(estate, ("", "ca.key: the passphrase does not open this key"))
    estate.settings["nats_pki_passphrase"] = ""
    refuse(estate, ("", "ca.key: the key is encrypted: give its passphrase"))


def test_store_of_another_operator(kept: Estate) -> None:
    kept.settings["nats_trust_operator"]["name"] = "OtherCompany"
    refuse(kept, ("", "this is the store of operator MyCompany, not of OtherCompany"))


def test_system_account_renamed(kept: Estate) -> None:
    kept.settings["nats_trust_system_account"]["name"] = "SYSTEM"
    refuse(kept, ("", "system_account.name: the system account of this store is SYS"))


def flip(path: Path) -> None:
    """One character of the claims is another."""
    text = path.read_text(encoding="ascii")
    header, claims, signature = text.strip().split(".")
    at = len(claims) // 2
    other = "A" if claims[at] != "A" else "B"
    path.write_text(f"{header}.{claims[:at]}{other}{claims[at + 1 :]}.{signature}", encoding="ascii")


@pytest.mark.parametrize(
    ("file", "damage", "message"),
    [
        ("MyCompany.jwt", half, "MyCompany/MyCompany.jwt: "),
        ("accounts/TeamAlpha/TeamAlpha.jwt", flip, "accounts/TeamAlpha/TeamAlpha.jwt: "),
        ("accounts/TeamAlpha/users/monitoring.jwt", half, "TeamAlpha/users/monitoring.jwt: "),
    ],
    ids=["operator cut off", "account with another letter", "user cut off"],
)
def test_token_damaged(kept: Estate, file: str, damage: Callable[[Path], None], message: str) -> None:
    damage(kept.root / "nats" / "trust" / "stores" / "MyCompany" / file)
    refuse(kept, ("", message))


@pytest.mark.parametrize(
    ("damage", "message"),
    [(half, ".nk: "), (os.unlink, "none of the seeds that may sign it is in the store: keys/keys/A/")],
)
def test_seed_that_is_needed(kept: Estate, damage: Callable[[Path], None], message: str) -> None:
    """A new user is signed with the account's signing key, so its seed is needed."""
    for seed in (kept.root / "nats" / "trust" / "keys" / "keys" / "A").rglob("*.nk"):
        damage(seed)
    put(kept.settings, "nats_trust_accounts[1].users[+]", {"name": "second"})
    refuse(kept, ("", message))


def vault(estate: Estate, secret: str) -> tuple[str, str]:
    place = estate.home / f"vault-{secret}"
    place.write_text(f"{secret}\n", encoding="ascii")
    place.chmod(0o600)
    return "--vault-password-file", str(place)


def test_wrong_vault_secret(estate: Estate) -> None:
    assert estate.deploy(*vault(estate, "right"), playbook=CONTROLLER).code == 0
    put(estate.settings, "nats_trust_accounts[1].users[+]", {"name": "second"})
    key = (estate.root / "nats" / "pki" / "ca.key").read_text(encoding="ascii")
    assert key.startswith("$ANSIBLE_VAULT;")
    opened = "the vault secret of this play does not open it"
    refuse(estate, ("", f"pki/ca.key: {opened}"), ("", opened), options=vault(estate, "wrong"))


def test_no_vault_secret(estate: Estate) -> None:
    assert estate.deploy(*vault(estate, "right"), playbook=CONTROLLER).code == 0
    sealed = "is sealed with Ansible Vault and this play has no vault secret: run it with --vault-password-file"
    refuse(estate, ("", f"pki/ca.key {sealed}"), ("", f".nk {sealed}"))


def test_all_at_once(kept: Estate) -> None:
    """What is wrong with the certificates, the tree and the settings is told together."""
    sign_authority(kept, NOW - 20 * DAY, NOW - DAY)
    put(kept.settings, "nats_trust_accounts[0].users[1].name", "order-service")
    put(kept.settings, "nats_trust_accounts[1].imports[0].type", "stream")
    kept.settings["nats_server_port"] = 70000
    refuse(
        kept,
        ("", "authority ca: it expired on"),
        ("accounts.TeamAlpha.users[1].name", "is also the name of users[0]"),
        ("accounts.ExternalPartner.imports[0].type", "write service"),
        ("nats_server_port", "70000"),
    )
