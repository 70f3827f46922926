# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges what came of knocking: TLS, its versions and suites, certificates of clients and peers, who gets in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..node.audit.configuration import users
from .model import Finding, Verdict
from .seen import PEERS, Knocked, Seen, is_loopback

#: Listeners that a client talks to.
CLIENTS = ("client", "websocket", "mqtt")
_MISUSED = "with a certificate for servers alone (the wrong extended key usage)"
_UNTRIED = "one with the wrong extended key usage was not tried"
_TLS_VARIABLE = {"client": "nats_server_tls", "route": "nats_server_cluster_tls"}


def _tls_doors(seen: Seen, kinds: Iterable[str] = (*CLIENTS, *PEERS)) -> Iterator[Knocked]:
    """What knocking at listeners of some kinds came to; what can't be reached from here is told by ``authority``."""
    return (each for each in seen.knocked if each.door.kind in kinds and each.reached)


def _with_tls(seen: Seen, kinds: Iterable[str] = (*CLIENTS, *PEERS)) -> Iterator[Knocked]:
    return (each for each in _tls_doors(seen, kinds) if each.served.get("tls"))


def authority(seen: Seen) -> Iterator[Finding]:
    """tls-authority."""
    for each in seen.knocked:
        door = each.door
        if door.kind not in (*CLIENTS, *PEERS):
            continue
        if not each.reached:
            yield _finding(each, Verdict.COULD_NOT_LOOK, f"can't be reached from here: {each.why}")
        elif each.served.get("tls") is None:
            yield _finding(each, Verdict.COULD_NOT_LOOK, f"does not say whether it talks TLS: {each.served.get('why')}")
        elif not each.served["tls"]:
            variable = _TLS_VARIABLE.get(door.kind, "nats_server_extra_config")
            yield _finding(each, Verdict.FAIL, "talks without TLS", f"{variable}: true")
        elif each.plain[0] == "let in":
            yield _finding(
                each, Verdict.FAIL, f"takes clients without TLS as well: {each.plain[1]}", "nats_server_tls: true"
            )
        elif each.served.get("trusted") is None:
            yield _finding(
                each, Verdict.COULD_NOT_LOOK, "no authority was given to verify it against", "nats_audit_ca: CA.crt"
            )
        elif not each.served["trusted"]:
            words = f"its certificate is not of the expected authority: {each.served['why']}"
            yield _finding(
                each, Verdict.FAIL, words, "nats_server_tls_files: a certificate of that authority, or run the deploy"
            )
        else:
            named = f" as {door.verified_as}, not by its address" if door.verified_as else ""
            yield _finding(each, Verdict.PASS, f"verified{named}, {each.served['version']}")


def versions(seen: Seen) -> Iterator[Finding]:
    """tls-version."""
    for each in _with_tls(seen):
        if each.old:
            words = f"takes {' and '.join(each.old)}"
            yield _finding(each, Verdict.FAIL, words, 'nats_server_tls_min_version: "1.2", or "1.3"')
        else:
            yield _finding(each, Verdict.PASS, f"refuses TLS 1.0 and 1.1, shakes hands by {each.served['version']}")


def suites(seen: Seen) -> Iterator[Finding]:
    """tls-suites."""
    for each in _with_tls(seen):
        if each.weak:
            words = f"takes {len(each.weak)} weak suites: {', '.join(each.weak)}"
            change = 'nats_server_tls_cipher_suites: [] (the strong ones), or nats_server_tls_min_version: "1.3"'
            yield _finding(each, Verdict.FAIL, words, change)
        elif each.strong is False and (each.door.tls or {}).get("cipher_suites") and not _newest_only(each):
            words = "none of its suites goes with its certificate: TLS 1.2, which it allows, is refused to everybody"
            yield _finding(each, Verdict.WARN, words, "nats_server_tls_cipher_suites: [] (those that go with it)")
        else:
            yield _finding(each, Verdict.PASS, "takes no weak suite")


def _newest_only(each: Knocked) -> bool:
    """Whether its configuration asks for TLS 1.3, so that TLS 1.2 is refused on purpose."""
    return str((each.door.tls or {}).get("min_version")) == "1.3"


def client_certificates(seen: Seen) -> Iterator[Finding]:
    """tls-client-certificate."""
    yield from _certificates(seen, ("client", "websocket"), "nats_server_tls_verify: true")
    for each in _with_tls(seen, ("client", "websocket")):
        mapped = (each.door.tls or {}).get("verify_and_map")
        if mapped and seen.has_operator(each.door.host):
            words = "verify_and_map maps nobody to a user beside an operator: whoever has creds shows any certificate"
            yield _finding(each, Verdict.WARN, words, "nats_server_tls_verify: true, without verify_and_map")


def peers(seen: Seen) -> Iterator[Finding]:
    """peers-mutual-tls."""
    for each in _tls_doors(seen, PEERS):
        if each.served.get("tls") is False:
            yield _finding(each, Verdict.FAIL, "peers talk in clear text", "nats_server_cluster_tls: true")
    yield from _certificates(seen, PEERS, "nats_server_cluster_tls: true")


def _certificates(seen: Seen, kinds: Iterable[str], change: str) -> Iterator[Finding]:
    for each in _with_tls(seen, kinds):
        tried = [("without a certificate", each.without), ("with a certificate that nobody signed", each.stranger)]
        if each.door.kind in PEERS:
            tried.append((_MISUSED, each.misused))
        let_in = [f"{who}: {said[1]}" for who, said in tried if said[0] == "let in"]
        refused = [who for who, said in tried if said[0] == "refused"]
        if let_in:
            yield _finding(each, Verdict.FAIL, f"goes on {'; '.join(let_in)}", change)
        elif refused and refused != [_MISUSED]:
            words = f"refuses one {' and one '.join(refused)}"
            left = "" if each.door.kind not in PEERS or _MISUSED in refused else f"; {_UNTRIED}: {each.misused[1]}"
            yield _finding(each, Verdict.PASS, f"{words}{left}")
        else:
            yield _finding(each, Verdict.COULD_NOT_LOOK, each.without[1] or each.stranger[1])


def login(seen: Seen) -> Iterator[Finding]:
    """login-required."""
    for each in seen.knocked:
        if each.door.kind != "client" or not each.reached:
            continue
        if each.served.get("tls") is False:
            yield _in_clear_text(each)
        elif each.anonymous[0] == "let in" and each.without[0] == "refused" and _is_mapped(seen, each):
            words = "lets in a client by its certificate alone, which stands for a user, and refuses one without"
            yield _finding(each, Verdict.PASS, words)
        elif each.anonymous[0] == "let in":
            yield _finding(each, Verdict.FAIL, "lets in a client without credentials", _LOGIN)
        elif each.anonymous[0] == "refused":
            yield _finding(each, Verdict.PASS, f"refuses a client without credentials: {each.anonymous[1]}")
        else:
            words = f"could not get as far as the login: {each.anonymous[1]}"
            change = "" if seen.has_certificate else "nats_audit_certificate and nats_audit_key: a client certificate"
            yield _finding(each, Verdict.COULD_NOT_LOOK, words, change)
    for host in seen.hosts:
        if seen.config(host).get("no_auth_user"):
            words = "no_auth_user gives a user to whoever has none"
            yield Finding(
                seen.server(host), Verdict.FAIL, words, "nats_server_extra_config: without no_auth_user", host
            )


def _is_mapped(seen: Seen, each: Knocked) -> bool:
    """Whether a certificate is a login there: it stands for one of the users that there are."""
    host = each.door.host
    mapped = bool((each.door.tls or {}).get("verify_and_map")) and not seen.has_operator(host)
    return mapped and bool(users(seen.config(host)))


def _in_clear_text(each: Knocked) -> Finding:
    """A listener without TLS: whoever is let in there was not asked for anything."""
    said = each.plain[1]
    if each.plain == ("let in", "let in"):
        return _finding(each, Verdict.FAIL, f"lets in a client without credentials ({said})", _LOGIN)
    if each.plain[0] == "refused" or "Authorization" in said:
        return _finding(each, Verdict.PASS, f"refuses a client without credentials ({said})")
    return _finding(each, Verdict.COULD_NOT_LOOK, f"could not get as far as the login: {said}")


_LOGIN = "nats_server_auth: operator (or nkey, users, accounts)"


def monitoring(seen: Seen) -> Iterator[Finding]:
    """monitoring-closed."""
    for each in seen.knocked:
        if each.door.kind not in ("monitoring", "profiling"):
            continue
        loopback = is_loopback(each.door.bound)
        variable = (
            "nats_server_monitoring_host: 127.0.0.1"
            if each.door.kind == "monitoring"
            else "nats_server_extra_config: without prof_port"
        )
        if loopback:
            yield _finding(each, Verdict.PASS, f"listens on {each.door.bound} only")
        elif each.reached and each.plain[0] == "let in":
            yield _finding(each, Verdict.FAIL, f"answers whoever asks: {each.plain[1]}", variable)
        elif each.reached:
            yield _finding(each, Verdict.WARN, f"can be reached from here: {each.plain[1]}", variable)
        else:
            yield _finding(each, Verdict.PASS, f"can't be reached from here: {each.why}")


def _finding(each: Knocked, verdict: Verdict, evidence: str, change: str = "") -> Finding:
    return Finding(each.door.subject, verdict, evidence, change, each.door.host)
