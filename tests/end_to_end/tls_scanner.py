# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""sslyze before listeners of NATS: a way in past the greeting in plain text, and what its findings weigh."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import socketserver
import subprocess
import threading
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

#: What is asked of each listener. Not --early_data: it waits for an answer to a request of HTTP.
PROTOCOLS = ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1", "tls_1_2", "tls_1_3")
COMMANDS = (
    *("--sslv2", "--sslv3", "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3", "--elliptic_curves"),
    *("--heartbleed", "--openssl_ccs", "--robot", "--compression", "--reneg", "--fallback", "--ems"),
    "--certinfo",
)


class Severity(IntEnum):
    """The scale of testssl.sh."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


@dataclass(frozen=True)
class Finding:
    severity: Severity
    text: str


# Field of a command's result, the value that is wanted, and what another one weighs.
_WANTED: Mapping[str, tuple[str, Any, Severity]] = {
    "heartbleed": ("is_vulnerable_to_heartbleed", False, Severity.CRITICAL),
    "openssl_ccs_injection": ("is_vulnerable_to_ccs_injection", False, Severity.HIGH),
    "tls_compression": ("supports_compression", False, Severity.HIGH),
    "tls_fallback_scsv": ("supports_fallback_scsv", True, Severity.MEDIUM),
    "tls_extended_master_secret": ("supports_ems_extension", True, Severity.MEDIUM),
}
_RENEGOTIATION: Mapping[str, tuple[bool, Severity]] = {
    "supports_secure_renegotiation": (True, Severity.HIGH),
    "is_vulnerable_to_client_renegotiation_dos": (False, Severity.MEDIUM),
}
_OLD: Mapping[str, Severity] = {
    "ssl_2_0": Severity.CRITICAL,
    "ssl_3_0": Severity.HIGH,
    "tls_1_0": Severity.MEDIUM,
    "tls_1_1": Severity.MEDIUM,
}
#: The curves of RFC 8446; whatever else a server takes is smaller, or nobody's habit.
_CURVES = {"X25519", "X448", "secp256r1", "secp384r1", "secp521r1"}
#: Days that a certificate of today may live (CA/Browser Forum, baseline requirements 6.3.2).
_LONGEST = 398


def program() -> str:
    """The scanner, or a skip that CI does not take."""
    named = os.environ.get("AEGIS_SSLYZE")
    if not named:
        warnings.warn("sslyze is not there, NOT TESTED what a scanner finds: run ./test end_to_end", stacklevel=1)
        assert not os.environ.get("CI"), "there is no sslyze program, and CI never skips this"
        pytest.skip("sslyze is not there: set AEGIS_SSLYZE or run ./test end_to_end")
    return named


class _Doorway(socketserver.BaseRequestHandler):
    """One connection: what the server says in plain text is swallowed, and all bytes after it are passed on."""

    server: _Doorways

    def handle(self) -> None:
        with contextlib.suppress(OSError), socket.create_connection(self.server.beyond, timeout=20) as inside:
            greeting = b""
            while not greeting.endswith(b"\r\n"):
                part = inside.recv(1)
                if not part:
                    return
                greeting += part
            assert greeting.startswith(b"INFO {")
            back = threading.Thread(target=_pass_on, args=(inside, self.request), daemon=True)
            back.start()
            _pass_on(self.request, inside)
            back.join(20)


class _Doorways(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int) -> None:
        self.beyond = ("127.0.0.1", port)
        super().__init__(("127.0.0.1", 0), _Doorway)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            target.sendall(part)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def doorway(port: int) -> Iterator[int]:
    """A port where TLS begins at once, for a listener that greets in plain text first."""
    with _Doorways(port) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join(20)


def scan(folder: Path, ports: Mapping[str, int], authority: Path, client: tuple[Path, Path]) -> dict[str, Any]:
    """By the names of the ports, what the scanner found. client: certificate and key that are shown."""
    report = folder / "scan.json"
    report.unlink(missing_ok=True)
    shown = [f"--cert={client[0]}", f"--key={client[1]}", f"--certinfo_ca_file={authority}"]
    targets = [f"127.0.0.1:{port}" for port in ports.values()]
    done = subprocess.run(
        [program(), "--quiet", "--mozilla_config=disable", f"--json_out={report}", *shown, *COMMANDS, *targets],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert report.exists(), done.stdout + done.stderr
    found = {
        each["server_location"]["port"]: each
        for each in json.loads(report.read_text(encoding="utf-8"))["server_scan_results"]
    }
    return {name: _completed(found[port]) for name, port in ports.items()}


def _completed(result: Mapping[str, Any]) -> dict[str, Any]:
    """The results by command; a scan that did not come about is no clean one."""
    assert result["scan_status"] == "COMPLETED", result["connectivity_error_trace"]
    asked = {name: each for name, each in result["scan_result"].items() if each["status"] != "NOT_SCHEDULED"}
    failed = {name: each["error_trace"] for name, each in asked.items() if each["status"] != "COMPLETED"}
    assert not failed and len(asked) == len(COMMANDS), failed
    return {name: each["result"] for name, each in asked.items()}


def accepted(found: Mapping[str, Any], protocol: str) -> set[str]:
    """Cipher suites by their IANA names."""
    return {each["cipher_suite"]["name"] for each in found[f"{protocol}_cipher_suites"]["accepted_cipher_suites"]}


def curves(found: Mapping[str, Any]) -> set[str]:
    return {each["name"] for each in found["elliptic_curves"]["supported_curves"] or ()}


def judge(found: Mapping[str, Any]) -> list[Finding]:
    """What is wrong with a listener, the worst first."""
    wrong = [*_protocols(found), *_weaknesses(found), *_certificates(found["certificate_info"])]
    return sorted(wrong, key=lambda finding: (-finding.severity, finding.text))


def _protocols(found: Mapping[str, Any]) -> Iterator[Finding]:
    for protocol in PROTOCOLS:
        suites = accepted(found, protocol)
        if suites and protocol in _OLD:
            yield Finding(_OLD[protocol], f"{protocol} is offered")
        for suite in sorted(suites):
            weight = _weight(suite)
            if weight:
                yield Finding(weight, f"{protocol} with {suite}")
    for curve in sorted(curves(found) - _CURVES):
        yield Finding(Severity.MEDIUM, f"the curve {curve}")


def _weight(suite: str) -> Severity | None:
    if any(word in suite for word in ("NULL", "_anon_", "EXPORT")):
        return Severity.CRITICAL
    if any(word in suite for word in ("RC4", "RC2", "DES", "IDEA", "MD5")):
        return Severity.HIGH
    forward = suite.startswith(("TLS_ECDHE_", "TLS_DHE_", "TLS_AES_", "TLS_CHACHA20_"))
    sealed = any(word in suite for word in ("GCM", "POLY1305", "CCM"))
    return None if forward and sealed else Severity.MEDIUM


def _weaknesses(found: Mapping[str, Any]) -> Iterator[Finding]:
    for command, (field, wanted, severity) in _WANTED.items():
        if found[command][field] is not wanted:
            yield Finding(severity, f"{command}: {field} is {found[command][field]}")
    for field, (secure, severity) in _RENEGOTIATION.items():
        if found["session_renegotiation"][field] is not secure:
            yield Finding(severity, f"renegotiation: {field} is {found['session_renegotiation'][field]}")
    robot = found["robot"]["robot_result"]
    if not robot.startswith("NOT_VULNERABLE"):
        yield Finding(Severity.HIGH, f"ROBOT: {robot}")


def _certificates(found: Mapping[str, Any]) -> Iterator[Finding]:
    for deployment in found["certificate_deployments"]:
        (trusted,) = (
            each for each in deployment["path_validation_results"] if each["trust_store"]["name"] == "Supplied CA file"
        )
        if not trusted["was_validation_successful"]:
            yield Finding(Severity.CRITICAL, f"the chain is not trusted: {trusted['validation_error']}")
        if not deployment["received_chain_has_valid_order"]:
            yield Finding(Severity.MEDIUM, "the chain is out of order")
        if deployment["received_chain_contains_anchor_certificate"]:
            yield Finding(Severity.LOW, "the chain holds its root")
        for certificate in deployment["received_certificate_chain"]:
            yield from _certificate(certificate)
        leaf = deployment["received_certificate_chain"][0]
        dates = (
            datetime.fromisoformat(leaf[f"not_valid_{which}"].replace("Z", "+00:00")) for which in ("before", "after")
        )
        start, end = dates
        if not _names_who_tells(leaf["as_pem"]):
            yield Finding(Severity.HIGH, "the certificate names neither a revocation list nor a responder")
        if (end - start).days > _LONGEST:
            yield Finding(Severity.MEDIUM, f"the certificate lives for {(end - start).days} days")


def _names_who_tells(text: str) -> bool:
    """Whether a certificate says where to ask if it was revoked: a list or an OCSP responder."""
    extensions = x509.load_pem_x509_certificate(text.encode()).extensions
    for each in extensions:
        if isinstance(each.value, x509.CRLDistributionPoints):
            return True
        if isinstance(each.value, x509.AuthorityInformationAccess):
            return any(one.access_method == AuthorityInformationAccessOID.OCSP for one in each.value)
    return False


def _certificate(certificate: Mapping[str, Any]) -> Iterator[Finding]:
    name, key = certificate["subject"]["rfc4514_string"], certificate["public_key"]
    if (key["algorithm"].startswith("RSA") and key["key_size"] < 2048) or key["key_size"] < 224:
        yield Finding(Severity.HIGH, f"{name}: a key of {key['key_size']} bits")
    digest = certificate["signature_hash_algorithm"]
    if digest and digest["name"] in ("md5", "sha1"):
        yield Finding(Severity.HIGH, f"{name}: signed with {digest['name']}")
