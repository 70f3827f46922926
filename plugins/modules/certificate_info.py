#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.certificate_info: what certificates say."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate_info
short_description: What certificates say, and what is wrong with them
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Reads one certificate or a chain, and tells names, uses, digests, days left and problems.
  - The first certificate is told at the top; all of them, in their order, under RV(certificates).
notes:
  - Runs on the controller, in the Ansible process and as the calling user, unless the task is delegated to another
    host.
  - Certificates are public. A private key in the same file is not read, and told as a problem.
requirements:
  - cryptography 38 or newer, where this runs
options:
  path:
    description:
      - A file in PEM form, or one certificate in DER form. On the controller a relative path begins at the playbook.
      - Of a folder every file that ends in C(.crt) is read, and the certificate that ends first is told at the top.
    type: path
  content:
    description: The certificates as text in PEM form.
    type: str
  fail_below:
    description: Fail when a certificate has fewer days left than this, naming each that has. For runs by a schedule.
    type: int
extends_documentation_fragment:
  - aegis.nats.attributes.reads
seealso:
  - module: aegis.nats.certificate
"""

EXAMPLES = r"""
- name: Read a certificate
  aegis.nats.certificate_info:
    path: nats/pki/ca.crt
  register: authority

- name: Fail where anything ends within a month
  aegis.nats.certificate_info:
    path: nats/pki
    fail_below: 30
"""

RETURN = r"""
certificates:
  description: All certificates in their order, each with all of what follows, and with its C(path) where a folder was
    read.
  type: list
  elements: dict
  returned: success
subject:
  description: The distinguished name, as RFC 4514 and verify_and_map write it.
  type: str
  returned: success
issuer:
  description: The distinguished name of who signed it.
  type: str
  returned: success
common_name:
  description: The common name, if there is one.
  type: str
  returned: success
serial:
  description: The serial in hex.
  type: str
  returned: success
not_before:
  description: The beginning of its lifetime, UTC.
  type: str
  returned: success
not_after:
  description: The end of its lifetime, UTC.
  type: str
  returned: success
days_left:
  description: Whole days until the end, negative once it is past.
  type: int
  returned: success
expired:
  description: Whether the end is past.
  type: bool
  returned: success
key_type:
  description: The algorithm of the key, such as V(ecdsa-p256).
  type: str
  returned: success
signature_hash:
  description: The hash of the signature, or V(ed25519).
  type: str
  returned: success
names:
  description: The alternative names, lists under C(dns), C(ip), C(email), C(uri).
  type: dict
  returned: success
is_authority:
  description: Whether it may sign certificates (CA:TRUE).
  type: bool
  returned: success
path_length:
  description: How many authorities may follow it, if that is limited.
  type: int
  returned: success
self_signed:
  description: Whether subject and issuer are the same.
  type: bool
  returned: success
key_usages:
  description: The key usages, none where the extension is missing.
  type: list
  elements: str
  returned: success
extended_key_usages:
  description: The extended key usages, none where the extension is missing.
  type: list
  elements: str
  returned: success
profile:
  description: What it fits, one of V(authority), V(server), V(route), V(client), or none.
  type: str
  returned: success
subject_key_id:
  description: The identifier of its key in hex.
  type: str
  returned: success
authority_key_id:
  description: The identifier of the key that signed it in hex.
  type: str
  returned: success
ocsp_urls:
  description: The URLs of the responders that answer for it.
  type: list
  elements: str
  returned: success
crl_urls:
  description: The URLs of the list of what its authority has revoked.
  type: list
  elements: str
  returned: success
issuer_urls:
  description: The URLs of its authority's certificate.
  type: list
  elements: str
  returned: success
must_staple:
  description: Whether clients may insist on a responder's answer that comes along with it.
  type: bool
  returned: success
fingerprint_sha256:
  description: SHA-256 of the certificate in hex.
  type: str
  returned: success
spki_sha256:
  description: SHA-256 of its public key in hex, as C(pinned_certs) takes it.
  type: str
  returned: success
chain_in_order:
  description: Whether each certificate is signed by the one after it.
  type: bool
  returned: success
problems:
  description: What is wrong, a sentence each, over all certificates and their order.
  type: list
  elements: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.pki.verb_certificate_info import VERB
from ..module_utils.plan.verb import run_module


def main() -> None:
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
