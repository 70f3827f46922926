# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates as peers see them: extensions, strict verifiers, and handshakes between two sockets."""

from __future__ import annotations

import socket
import ssl
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import facts, issue, keys
from ansible_collections.aegis.nats.plugins.module_utils.pki.profiles import KEY_TYPES
from ansible_collections.aegis.nats.plugins.module_utils.pki.wanted import parse_certificates
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import (
    DAY,
    NOW,
    authority,
    certificate,
    entry,
)
from cryptography import x509

KINDS = ["ecdsa-p256", "ecdsa-p384", "rsa-2048", "ed25519"]


def made(kind: str = "ecdsa-p256", authority_kind: str = "ecdsa-p256", **more: Any) -> tuple[Any, Any]:
    """A root and a leaf below it."""
    root_key = keys.generate(KEY_TYPES[authority_kind])
    root = issue.root(root_key, issue.Subject("Test CA", "Acme"), issue.validity(3650, NOW), 7)
    (wanted,) = parse_certificates([entry(key_type=kind, **more)], Problems())
    public = keys.generate(KEY_TYPES[kind]).public_key()
    leaf = issue.leaf(public, wanted, issue.validity(365, NOW), 8, issuer=root, issuer_key=root_key)
    return root, leaf


def extension(certificate: Any, kind: Any) -> Any:
    return certificate.extensions.get_extension_for_class(kind)


def test_a_root_may_sign_leafs_and_nothing_else() -> None:
    root = made()[0]
    assert extension(root, x509.BasicConstraints).critical
    assert extension(root, x509.KeyUsage).critical
    found = facts.read(root)
    assert (found.is_ca, found.path_length, found.key_usages) == (True, 0, frozenset({"keyCertSign", "cRLSign"}))
    assert found.subject == found.issuer == "CN=Test CA,O=Acme"
    assert (found.not_before, found.not_after) == (NOW - timedelta(minutes=5), NOW + 3650 * DAY)
    assert found.subject_key_id


@pytest.mark.parametrize("kind", KINDS)
def test_a_leaf(kind: str) -> None:
    root, leaf = made(kind, profile="route")
    found = facts.read(leaf)
    assert extension(leaf, x509.KeyUsage).critical
    assert extension(leaf, x509.BasicConstraints).critical
    encipher = {"keyEncipherment"} if kind.startswith("rsa") else set()
    assert found.key_usages == {"digitalSignature", *encipher}
    assert found.usages == {"serverAuth", "clientAuth"}
    assert not found.is_ca
    assert found.authority_key_id == facts.read(root).subject_key_id
    assert found.key_type == kind
    assert found.names.as_dict() == {"dns": ["n1.example.com"], "ip": ["192.0.2.1"], "email": [], "uri": []}
    assert facts.signed_by(leaf, root)


@pytest.mark.parametrize(
    ("kind", "signature"),
    [("ecdsa-p256", "sha256"), ("ecdsa-p384", "sha384"), ("rsa-2048", "sha256"), ("ed25519", "ed25519")],
)
def test_the_hash_is_as_strong_as_the_authoritys_key(kind: str, signature: str) -> None:
    assert [facts.read(one).signature for one in made(authority_kind=kind)] == [signature, signature]


def test_who_signs_the_answers_of_a_responder() -> None:
    leaf = made(profile="ocsp")[1]
    assert extension(leaf, x509.OCSPNoCheck)
    assert facts.read(leaf).usages == {"OCSPSigning"}
    with pytest.raises(x509.ExtensionNotFound):
        extension(made()[1], x509.OCSPNoCheck)


def test_requests_say_what_the_certificate_is_to_say() -> None:
    key = keys.generate(KEY_TYPES["ecdsa-p256"])
    (wanted,) = parse_certificates([entry(profile="route")], Problems())
    found = x509.load_pem_x509_csr(issue.leaf_request(key, wanted))
    assert found.is_signature_valid
    assert facts.names_of(found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value) == wanted.names
    assert len(list(found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)) == 2
    found = x509.load_pem_x509_csr(issue.authority_request(key, issue.Subject("Below", path_length=1)))
    assert found.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 1


def test_serials_are_positive_and_fit_twenty_octets() -> None:
    assert issue.new_serial(lambda size: b"\xff" * size) == 2**159 - 1
    answers = iter([b"\0" * 20, b"\0" * 19 + b"\x02"])
    assert issue.new_serial(lambda size: next(answers)) == 1


def contexts(folder: Path, client: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server that asks for client certificates and a client that is strict, as Python 3.13 is by default."""
    authority_file = folder / "ca.crt"
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority_file)
    server.load_cert_chain(folder / "issued/n1/server.crt", folder / "issued/n1/server.key")
    server.verify_mode = ssl.CERT_REQUIRED
    caller = ssl.create_default_context(cafile=authority_file)
    caller.load_cert_chain(folder / f"issued/{client}.crt", folder / f"issued/{client}.key")
    for context in (server, caller):
        context.verify_flags |= ssl.VERIFY_X509_STRICT
    return server, caller


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> tuple[str, Any]:
    """What the client hears from the server, and the certificate that the server saw."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)
    seen: list[Any] = []

    def serve() -> None:
        plain = listener.accept()[0]
        try:
            with server.wrap_socket(plain, server_side=True) as secure:
                seen.append(secure.getpeercert())
                secure.sendall(b"hello")
        except OSError as error:
            seen.append(error)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with (
            socket.create_connection(listener.getsockname(), timeout=10) as plain,
            client.wrap_socket(plain, server_hostname=name) as secure,
        ):
            return secure.recv(5).decode(), seen
    finally:
        thread.join(10)
        listener.close()


@pytest.mark.parametrize("authority_kind", KINDS)
@pytest.mark.parametrize("kind", ["ecdsa-p256", "rsa-2048", "ed25519"])
def test_mutual_tls_under_strict_verification(tmp_path: Path, kind: str, authority_kind: str) -> None:
    now = datetime.now(timezone.utc)
    assert not authority(tmp_path, now, key_type=authority_kind).get("failed")
    wanted = [
        {"name": "n1/server", "profile": "server", "dns": ["localhost"], "ip": ["127.0.0.1"], "key_type": kind},
        {"name": "app", "profile": "client", "email": ["app@example.com"], "key_type": kind},
        {"name": "n1/route", "profile": "route", "dns": ["n2"], "key_type": kind},
    ]
    assert not certificate(tmp_path, wanted, now).get("failed")
    for client in ("app", "n1/route"):
        server, caller = contexts(tmp_path, client)
        for name in ("localhost", "127.0.0.1"):
            heard, seen = handshake(server, caller, name)
            assert heard == "hello"
            assert seen[0]["subject"]


def test_wrong_name_wrong_use_and_wrong_authority_are_refused(tmp_path: Path) -> None:
    now = datetime.now(timezone.utc)
    for folder in (tmp_path / "a", tmp_path / "b"):
        authority(folder, now)
        certificate(folder, [entry(dns=["localhost"]), {"name": "app", "profile": "client"}], now)
    server, caller = contexts(tmp_path / "a", "app")
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(server, caller, "n2.example.com")
    with pytest.raises(ssl.SSLError):
        handshake(server, contexts(tmp_path / "a", "n1/server")[1], "localhost")
    with pytest.raises(ssl.SSLCertVerificationError, match="certificate verify failed"):
        handshake(server, contexts(tmp_path / "b", "app")[1], "localhost")
