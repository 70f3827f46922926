#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.handshake: fresh TLS handshakes with running servers."""

from __future__ import annotations

DOCUMENTATION = r"""
module: handshake
short_description: Shake hands by TLS with listeners of running servers, and see what they show and accept
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Opens a fresh TLS connection to each listener, from the host where it runs, and fails unless every server shows a
    certificate that O(ca) vouches for, with the name or address that was dialled and the serial that is expected, and
    accepts those client certificates that it shall accept, and no other.
  - A server is taken to have accepted a client certificate when it speaks after the handshake. Nothing but the first
    words of the protocol is sent, and nobody logs in; the server's log tells of a connection that did not.
notes:
  - Runs on the cluster host and needs nothing but Python 3.9 or newer there.
  - The files of O(clients) are read on the controller, and opened where Ansible Vault seals them. They reach the host
    in the arguments of the module and stay in its memory.
attributes:
  check_mode:
    description: Changes nothing at any time.
    support: full
  diff_mode:
    description: Changes nothing.
    support: none
options:
  listeners:
    description: The listeners.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: How messages call it.
        type: str
        required: true
      kind:
        description: What listens there. A V(client) or V(leafnode) listener greets in clear text before the handshake.
        type: str
        choices: [client, leafnode, route, gateway, websocket, mqtt]
        default: client
      address:
        description: The host name or IP address to dial, which its certificate must carry.
        type: str
        required: true
      port:
        description: Its port.
        type: int
        required: true
      tls_first:
        description: Whether it begins with the handshake although its kind greets (C(handshake_first)).
        type: bool
        default: false
      verify:
        description: Whether it wants a certificate of its peers. Where it does not, nobody is expected to be refused.
        type: bool
        default: true
      pinned:
        description:
          - Whether it lets in pinned keys only. Then only those are tried who must be among them, which are this host
            at V(route), V(gateway) and V(leafnode) listeners, and O(clients) with C(pinned) at the others, and those
            who must be refused.
        type: bool
        default: false
      serial:
        description: The serial that its certificate must have, in hexadecimal. Any will do when it is not given.
        type: str
  ca:
    description: Path, on the host, of the authorities (PEM) that the servers' certificates come from.
    type: path
    required: true
  certificate:
    description: Path, on the host, of the certificate (PEM) that it shows itself, such as that of its routes.
    type: path
  key:
    description: Path, on the host, of the key of O(certificate).
    type: path
  clients:
    description: Others as whom each handshake is done.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: How messages call it.
        type: str
        required: true
      certificate:
        description: Path, on the controller, of its certificate (PEM).
        type: str
        required: true
      key:
        description: Path, on the controller, of the key of O(clients[].certificate).
        type: str
        required: true
      contents:
        description: Set by the action on the controller. What the two files hold.
        type: dict
      allowed:
        description: Whether the servers must accept it (V(true)) or refuse it.
        type: bool
        default: true
      pinned:
        description: Whether its key is among those that listeners for clients pin, where they do.
        type: bool
        default: false
  timeout:
    description: Seconds that each step of a handshake may take.
    type: float
    default: 5.0
seealso:
  - module: aegis.nats.client_probe
  - module: aegis.nats.certificate_rotation
"""

EXAMPLES = r"""
- name: See that the routes show what was issued, and trust this host
  aegis.nats.handshake:
    ca: /etc/nats/current/tls/ca.crt
    certificate: /etc/nats/current/tls/route.crt
    key: /etc/nats/current/tls/route.key
    listeners:
      - name: the routes of n2
        kind: route
        address: 192.0.2.12
        port: 6222
        serial: 4C9D9E7E2EC5C5355783678AA9FA4719AF65153D
"""

RETURN = r"""
handshakes:
  description: What came of each, listener by listener; also when some are not as expected.
  returned: when the input has no problems
  type: list
  elements: dict
  contains:
    listener:
      description: Name of the listener.
      type: str
      returned: always
    client:
      description: As whom.
      type: str
      returned: always
      sample: this host
    ok:
      description: Whether it went as expected.
      type: bool
      returned: always
    serial:
      description: Serial of the certificate that was shown and trusted, in hexadecimal; null where none was.
      type: str
      returned: always
    detail:
      description: What happened.
      type: str
      returned: always
      sample: TLSv1.3, serial 4C9D9E7E2EC5C5355783678AA9FA4719AF65153D
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.node.verb_handshake import VERB
from ..module_utils.plan.verb import run_module


def main() -> None:
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
