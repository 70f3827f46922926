#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.revocation_list: what an authority has revoked, recorded and published."""

from __future__ import annotations

DOCUMENTATION = r"""
module: revocation_list
short_description: Revoke certificates and keep the list of what is revoked
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Records which certificates of an authority are revoked, and keeps its list of them (CRL), with a number that only
    grows. The list is made anew when something is added and when its window opens, and otherwise left byte for byte.
  - What is revoked stays revoked, also when it leaves O(revoked).
  - A certificate that is still wanted is issued anew, with a new key, by the next run of M(aegis.nats.certificate).
  - Beside the list lies an index that C(openssl ocsp) answers from, and in C(public) what a web server may hand out,
    the list and the authority's certificate in DER form.
  - nats-server reads no such list. What revoking means to a cluster, and what has to be done besides, is in
    C(docs/revocation.md).
notes:
  - The list and the index are public. The key of the authority is opened only when a list is made.
options:
  revoked:
    description:
      - "A list of dicts with these keys."
      - "C(name): everything that was issued under this name until this entry is seen for the first time, such as
        V(n1/server) or V(clients/order-service). What is issued afterwards is not revoked by the same entry."
      - "C(before), with C(name): everything that was issued before this moment, such as V(2026-11-23T12:00:00Z)."
      - "C(serial), in place of a name: one certificate, in hex as C(openssl x509 -serial) writes it."
      - "C(reason): V(unspecified) (default), V(key_compromise), V(ca_compromise), V(affiliation_changed),
        V(superseded), V(cessation_of_operation)."
    type: list
    elements: raw
    default: []
  days:
    description: How long a list is good for.
    type: int
    default: 30
  renew_before:
    description: How long before its end a list is made anew, such as V(10d). A third of its life where nothing is said.
    type: str
extends_documentation_fragment:
  - aegis.nats.attributes.keeps
  - aegis.nats.pki.signer
seealso:
  - module: aegis.nats.certificate
"""

EXAMPLES = r"""
- name: Make the authority
  aegis.nats.authority:
    path: nats/pki

- name: Issue a certificate
  aegis.nats.certificate:
    path: nats/pki
    certificates:
      - {name: clients/order-service, profile: client}

- name: Revoke it
  aegis.nats.revocation_list:
    path: nats/pki
    revoked:
      - {name: clients/order-service, reason: key_compromise}
"""

RETURN = r"""
crl:
  description: The list in PEM form. Not in check mode.
  type: str
  returned: success
crl_path:
  description: Where it lies.
  type: str
  returned: success
index_path:
  description: Where the index for C(openssl ocsp) lies.
  type: str
  returned: success
public_path:
  description: The folder with what a web server may hand out, AUTHORITY.crl and AUTHORITY.crt, both in DER form.
  type: str
  returned: success
number:
  description: The number of the list.
  type: int
  returned: success
next_update:
  description: Until when it is good, UTC. Not in check mode.
  type: str
  returned: success
days_left:
  description: Whole days until then. Not in check mode.
  type: int
  returned: success
revoked:
  description: Everything that is revoked, each with C(serial), C(name), C(reason) and C(at).
  type: list
  elements: dict
  returned: success
reasons:
  description: Why something changes, a sentence each.
  type: list
  elements: str
  returned: success
  sample: ["n1/server 0A1B: revoked (key_compromise)", "list of ca: 1 certificates are to be added"]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.pki.verb_revocation_list import VERB
from ..module_utils.plan.verb import run_module


def main() -> None:
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
