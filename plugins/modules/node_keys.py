#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.node_keys: a host's own private keys and their certificate requests."""

from __future__ import annotations

DOCUMENTATION = r"""
module: node_keys
short_description: A host's own private keys and their certificate requests
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Has a host make the private keys of its TLS certificates, and a certificate request for each. The requests go to
    whoever signs, as with M(aegis.nats.certificate); the private keys never leave the host.
  - A key lies in C(keys/NAME-DIGEST/tls.key) below O(config_dir), mode 0600 and owned by O(owner), its request beside
    it in C(tls.csr). C(DIGEST) are the first 16 hex digits of the SHA-256 of its public key (SubjectPublicKeyInfo), so
    that a configuration and a certificate name the very key that they go with.
  - A key that is there is kept. A new one is made when there is none of that name and type, or when O(keys[].renew)
    asks for one beside the one of the present certificate. A request is made anew when it is missing or for other
    names; mode and owner are put right.
  - Old keys are removed by M(aegis.nats.node_config), when no kept release refers to them.
notes:
  - Runs on the cluster host, and needs Python 3.9 and the C(openssl) program (1.1.1 or newer) there.
  - A key and its request appear together by one rename. What a killed run left half-made, the next one sweeps.
  - Private keys are in no argument of a process, no output and no diff.
attributes:
  check_mode:
    description: Tells what would be made, and writes nothing.
    support: full
  diff_mode:
    description: Names the keys, and shows none.
    support: full
options:
  config_dir:
    description: The folder of the releases, beside which the keys lie.
    type: path
    default: /etc/nats
  owner:
    description: Owner of the private keys, the user that the server runs as. Where nothing is said, the calling user.
    type: str
  group:
    description: Group of the private keys, which may enter their folders.
    type: str
  keys:
    description: The keys that the host must have.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What it is for, such as V(server) or V(route).
        type: str
        required: true
      key_type:
        description: Its type.
        type: str
        choices: [ecdsa-p256, ecdsa-p384, ed25519, rsa-2048, rsa-3072, rsa-4096]
        default: ecdsa-p256
      common_name:
        description: Common name of the request; V(name) where nothing is said.
        type: str
      dns:
        description: DNS names of the request.
        type: list
        elements: str
        default: []
      ip:
        description: IP addresses of the request.
        type: list
        elements: str
        default: []
      digest:
        description: SHA-256 of the public key of the present certificate, in hex; the first 16 digits count.
        type: str
      renew:
        description: Have another key than that of the present certificate.
        type: bool
        default: false
seealso:
  - module: aegis.nats.certificate
  - module: aegis.nats.node_info
  - module: aegis.nats.node_config
"""

EXAMPLES = r"""
- name: Have the host make the key of its client port
  aegis.nats.node_keys:
    owner: nats
    group: nats
    keys:
      - name: server
        dns: [n1.example.com]
        ip: [192.0.2.11]
  register: node

- name: Have its request signed on the controller
  aegis.nats.certificate:
    path: nats/pki
    certificates:
      - name: n1/server
        profile: server
        key: host
        csr: "{{ node.tls_keys[0].request }}"
        dns: [n1.example.com]
        ip: [192.0.2.11]
"""

RETURN = r"""
tls_keys:
  description:
    - "The keys that live on the host, each with C(name), C(digest), C(key_type), C(request) (PEM, null when it is
      missing), C(dns) and C(ip) of the request, C(made) (seconds since the epoch) and C(faults)."
    - In check mode, those that are there.
  type: list
  elements: dict
  returned: success
reasons:
  description: Why something changes, a sentence each.
  type: list
  elements: str
  returned: success
  sample: ["key route: made for the first time"]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.node.verb_keys import KEYS
from ..module_utils.plan.verb import run_module


def main() -> None:
    run_module(AnsibleModule(**KEYS.module_arguments()), KEYS)


if __name__ == "__main__":
    main()
