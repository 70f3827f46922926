#!/usr/bin/python

# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: client_probe
short_description: Check from outside, as real clients, what running servers allow and refuse
version_added: 0.1.0
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Connects to running servers as the clients that are named, tries what each check says, and fails when anything is
    not as expected, telling for each check what happened.
  - What must be refused counts as refused only for the reason that is asked about. A server that is down, or whose
    certificate is not accepted, proves nothing, and the check fails.
  - Runs on the controller unless the task is delegated to another host. Creds and keys stay where it runs.
  - Files may be sealed with Ansible Vault when it runs on the controller.
options:
  servers:
    description:
      - URLs of servers, as V(tls://host:port). Each is probed.
    type: list
    elements: str
    required: true
  certificate:
    description:
      - Path of the client certificate (PEM) of every client that has none of its own.
    type: path
  timeout:
    description:
      - Seconds that each step of a check may take.
    type: float
    default: 5.0
  clients:
    description:
      - The clients that take part.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - Name by which checks speak of the client.
        type: str
        required: true
      creds:
        description:
          - Path of its creds file.
        type: path
      certificate:
        description:
          - Path of its own certificate (PEM), where it is not O(certificate).
        type: path
      key:
        description:
          - Path of the key of O(clients[].certificate) (PEM).
        type: path
      inbox_prefix:
        description:
          - Prefix of the subjects on which it hears replies. The default is what its token says, V(_INBOX_app) where it
            may subscribe to C(_INBOX_app.>) and not to C(_INBOX.>). A user with a role has no rights in its token.
        type: str
  checks:
    description:
      - What is expected. Each entry has a C(kind), the fields of that kind, and may have a C(name) for messages.
      - Unknown kinds and fields, and clients that O(clients) does not name, are told all together before anything is
        tried.
      - C(client) names one of O(clients) and may be left out where there is only one. C(allowed) says whether the thing
        must work (V(true)) or be refused (V(false)).
      - V(connect) - C(client) logs in. C(allowed) defaults to V(true).
      - V(fips) - the server runs in FIPS mode, by what it does. It takes AES-GCM with P-256 or P-384 in TLS 1.3, and
        refuses X25519, and ChaCha20, which no option of nats-server leaves out.
      - V(plaintext) - CONNECT and PING without TLS, and without creds. C(allowed) defaults to V(false).
      - V(no_certificate) - TLS without a client certificate, with the creds of C(client), so that only the certificate
        is missing. Where there is a certificate, the server must go on with it. C(allowed) defaults to V(false).
      - V(no_credentials) - TLS with the certificate of C(client), without creds. C(allowed) defaults to V(false).
      - V(publish) - C(client) publishes one message with C(payload) to C(subject). C(allowed) defaults to V(true). The
        message is really sent where that is permitted, so choose a subject that nobody minds.
      - V(subscribe) - C(client) subscribes to C(subject). C(allowed) defaults to V(true).
      - V(request) - C(client) requests C(subject) with C(payload) and must get a reply, the text C(reply) where that is
        given. C(allowed) defaults to V(true).
      - V(exchange) - client C(responder) answers on C(subject) at the first of O(servers), C(client) requests it as
        C(local_subject) (default C(subject)) at the last. With C(allowed=false) the responder must be able to reach
        itself while C(client) can't reach it. C(allowed) defaults to V(true).
      - V(operator_keys) - each server, asked by C(client), a user of the system account, trusts the public keys C(keys)
        of its operator, and none of C(without). C(allowed) defaults to V(true).
      - V(stream_roundtrip) - C(client) makes the stream C(stream) (default V(AEGIS_PROBE)) of C(subject) with
        C(replicas) (default 3), writes ten messages that begin with C(payload) at the first of O(servers), reads them
        at the last, sees all replicas current, and deletes the stream. With C(keep=true) the stream stays, and the next
        run makes it anew. A stream of that name that this module has not made is never touched.
    type: list
    elements: dict
    required: true
attributes:
  check_mode:
    description: >-
      Can run in check mode; checks that send messages (C(publish), C(request), C(exchange), C(stream_roundtrip)) are
      skipped then.
    support: full
  diff_mode:
    description: Changes nothing but a stream that is to be kept.
    support: none
extends_documentation_fragment:
  - aegis.nats.connection
"""

EXAMPLES = r"""
- name: See that the servers let in whom they should, and nobody else
  aegis.nats.client_probe:
    servers:
      - tls://192.0.2.11:4222
      - tls://192.0.2.12:4222
      - tls://192.0.2.13:4222
    ca: nats/pki/ca.pem
    certificate: nats/pki/client/probe.pem
    key: nats/pki/client/probe.key
    clients:
      - name: order-service
        creds: nats/trust/keys/creds/Acme/TeamAlpha/order-service.creds
      - name: partner
        creds: nats/trust/keys/creds/Acme/ExternalPartner/gateway.creds
    checks:
      - {kind: connect, client: order-service}
      - {kind: plaintext}
      - {kind: no_certificate, client: order-service}
      - {kind: no_credentials}
      - {kind: publish, client: order-service, subject: orders.probe}
      - {kind: publish, client: order-service, subject: orders.admin.probe, allowed: false}
      - kind: exchange
        responder: order-service
        subject: orders.public.probe
        client: partner
        local_subject: partner.orders.probe
      - {kind: exchange, responder: order-service, subject: orders.probe, client: partner, allowed: false}
      - {kind: stream_roundtrip, client: order-service, subject: orders.probe, replicas: 3}
"""

RETURN = r"""
checks:
  description: What each check found, in the order of O(checks); also when some are not as expected.
  returned: when the input has no problems
  type: list
  elements: dict
  contains:
    name:
      description: Name of the check, made from its fields where none was given.
      type: str
      returned: always
      sample: order-service publishes to orders.admin.probe is refused
    kind:
      description: Its kind.
      type: str
      returned: always
      sample: publish
    ok:
      description: Whether all servers did what is expected.
      type: bool
      returned: always
    skipped:
      description: Whether it was not run, in check mode.
      type: bool
      returned: always
    detail:
      description: What happened.
      type: str
      returned: always
      sample: 'at all 3 servers: permissions violation for publish to "orders.admin.probe"'
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.plan.verb import run_module
from ..module_utils.probe.verb_client_probe import VERB


def main() -> None:
    """Probe."""
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
