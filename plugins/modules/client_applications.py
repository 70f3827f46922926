#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.client_applications: what the applications of a host need."""

from __future__ import annotations

DOCUMENTATION = r"""
module: client_applications
short_description: What the applications of a host need to reach NATS, read and checked before the host is touched
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Reads the list of applications that an operator writes, finds their creds in the trust store, and fails with
    everything that is wrong at once - an unknown account or user, expired creds, a key that does not fit.
  - Returns the list as M(aegis.nats.client_files) takes it, and the certificates that M(aegis.nats.certificate) is to
    issue for them, one for each application on each host.
  - Runs on the controller, inside the Ansible process, unless the task is delegated to another host.
  - Nothing is written, and no secret is returned, only the paths of the files that hold them.
requirements:
  - nkeys, cryptography 38 and PyJWT 2.7 or newer, where this runs
options:
  applications:
    description:
      - The applications. Each has C(name), and C(account) with C(user) (its name, when not said), or C(creds) or
        C(nkey), a file on the controller.
      - It may have C(owner), C(group), C(path), C(state) (V(present) or V(absent)), C(servers), C(description),
        C(certificate) (C(common_name), C(email), C(dns), C(days), C(key_type), C(organization), C(renew_before)),
        C(tls_files) (C(ca), C(certificate), C(key)), C(services) and C(service_action) (V(restart) or V(reload)),
        and C(inbox_prefix), where its user hears replies elsewhere than its token or role says.
    type: list
    elements: raw
    required: true
  host:
    description: The host that they are on, part of the names of their certificates.
    type: str
    required: true
  servers:
    description: URLs of the servers.
    type: list
    elements: str
    default: []
  trust_dir:
    description: Folder of the trust store.
    type: path
    default: nats/trust
  operator:
    description: Name of the operator. Needed only where the store holds several.
    type: str
  pki_dir:
    description: Folder of the certificates, and of C(ca.crt), which the applications trust.
    type: path
    default: nats/pki
  tls:
    description: Whether the servers ask for TLS, so that every application gets the CA and a certificate.
    type: bool
    default: true
  certificate:
    description: Fields of every certificate, below what an application says.
    type: dict
    default: {}
  folder:
    description: Where the folders of the applications are on the host, unless they say a C(path).
    type: str
    default: /etc/nats-clients
  owner:
    description: Owner of the files of applications that name none.
    type: str
  group:
    description: Group of the files of applications that name neither owner nor group.
    type: str
  coming:
    description: In check mode, the accounts that the run that follows makes, as O(aegis.nats.trust#module:accounts).
    type: list
    elements: dict
    default: []
  prefix:
    description: What stands before the names of these options where their values come from, for the paths of problems.
    type: str
    default: ""
extends_documentation_fragment:
  - aegis.nats.attributes.reads
seealso:
  - module: aegis.nats.client_files
"""

EXAMPLES = r"""
- name: See what the applications need
  aegis.nats.client_applications:
    applications:
      - {name: order-service, account: TeamAlpha, owner: orders, services: [order-service]}
    host: "{{ inventory_hostname }}"
    servers: ["tls://nats.example.com:4222"]
  register: needed
"""

RETURN = r"""
applications:
  description: The applications as M(aegis.nats.client_files) takes them.
  type: list
  elements: dict
  returned: success
certificates:
  description: Their certificates as M(aegis.nats.certificate) takes them.
  type: list
  elements: dict
  returned: success
problems:
  description: What is wrong, each with the V(path) in the input and a V(message).
  type: list
  elements: dict
  returned: failure
reasons:
  description: Empty, for nothing changes.
  type: list
  elements: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.client.verb_client_applications import VERB
from ..module_utils.plan.verb import run_module


def main() -> None:
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
