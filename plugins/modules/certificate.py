#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.certificate: any number of leaf certificates in one call."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate
short_description: Issue certificates for servers, routes and clients
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Issues any number of leaf certificates in one call, each with a key of its own or for the key of a certificate
    request.
  - A certificate is re-issued, with a new key, when its names, its profile, its key type or its authority change, when
    its renewal window opens, when it is revoked, and when one of its files is missing or broken.
    RV(reasons) says why. Otherwise its files stay byte for byte as they are.
  - All that is wrong in O(certificates) is told at once, each with its place, before anything is written.
notes:
  - The keys lie in O(path)/issued/NAME.key, mode 0600, sealed with Ansible Vault where the play has a vault secret.
    They are not
    returned. Deliver them with M(ansible.builtin.copy), which opens sealed files. The key of a request never leaves
    its host.
  - Below an intermediate authority the file of a certificate holds its chain too, up to the root and without it.
  - A lifetime of an authority that is shorter than that of a certificate shortens the certificate, with a warning.
options:
  certificates:
    description:
      - "A list of dicts with these keys."
      - "C(name), needed: the place of the files below C(issued/), such as V(n1/server)."
      - "C(profile), needed: what it is for, one of V(server) (the listener for clients), V(route), V(gateway),
        V(leafnode) (these three dial and listen), V(client), V(websocket), V(mqtt), V(monitoring), V(ocsp) (what
        signs a responder's answers)."
      - "C(dns), C(ip), C(email), C(uri): lists of alternative names. What peers dial needs a C(dns) or an C(ip)."
      - "C(common_name): the first name where nothing is said. C(organization): none where nothing is said."
      - "C(key_type): V(ecdsa-p256) (default), V(ecdsa-p384), V(rsa-2048), V(rsa-3072), V(rsa-4096), V(ed25519)."
      - "C(days): the lifetime, 365 where nothing is said."
      - "C(renew_before): how long before its end it is re-issued, such as V(30d); a third of its lifetime where
        nothing is said."
      - "C(ocsp_urls), C(crl_urls), C(issuer_urls): lists of the URLs, in the certificate, of responders, of the list of
        what is revoked, and of the authority's certificate (both in DER form; M(aegis.nats.revocation_list) makes
        them). Not with O(external), where the other authority says it."
      - "C(must_staple): whether clients may insist on a responder's answer that comes along with the certificate, false
        where nothing is said. It needs C(ocsp_urls). nats-server does not start with such a certificate while its
        responder is away."
      - "C(csr): a certificate request in PEM form. Its key is certified, its names may not go beyond those of the
        entry, and no key is made. A key that is certified for another host (the first part of C(name)) is refused. In
        check mode V(pending) stands for a request that the host is still to make, V(pending:DIGEST) for
        one of a key that it has."
      - "C(key): V(controller) (default), or V(host) for a key that lives on its host. That one needs a C(csr) outside
        of check mode, and a key that lies here from before stays until O(forget_keys)."
    type: list
    elements: raw
    required: true
  above:
    description:
      - The C(certificate) that M(aegis.nats.authority) returned of O(authority), and of those above it. Only used in
        check mode, where O(authority) is still to be made or taken in, so that names beyond its constraints are told
        all the same.
    type: list
    elements: str
    default: []
  forget_keys:
    description: Issue nothing; only remove the private keys that still lie here of certificates whose C(key) is
      V(host).
    type: bool
    default: false
  revoked:
    description:
      - The list that M(aegis.nats.revocation_list) is given before this. A certificate that is revoked is issued anew,
        with a new key; this tells check mode which ones will be.
    type: list
    elements: raw
    default: []
  external:
    description:
      - Whether somebody else's authority signs. O(authority) is then the one that it answers to, taken in with
        C(key_kept=elsewhere) of M(aegis.nats.authority).
      - A certificate that is due gets a key, unless its C(csr) is given, and a request, O(path)/requests/NAME.csr. Put
        the answer beside it as NAME.crt, the intermediates below it. The next run verifies key, names, uses, chain,
        dates and serial, and takes it in. Until then what was there before goes on serving.
      - Subject, lifetime and further uses are for that authority to say.
    type: bool
    default: false
  sign_command:
    description:
      - A program that signs, and its arguments. It is started for each request, without a shell; it gets the request on
        its standard input and writes the chain in PEM form. Implies O(external).
      - Its environment says what the request is for, C(NATS_CERTIFICATE_NAME), C(NATS_CERTIFICATE_PROFILE),
        C(NATS_CERTIFICATE_COMMON_NAME), C(NATS_CERTIFICATE_DAYS), and with commas between them the names of each kind,
        C(NATS_CERTIFICATE_DNS), C(NATS_CERTIFICATE_IP), C(NATS_CERTIFICATE_EMAIL), C(NATS_CERTIFICATE_URI).
      - C(examples/external_ca) has one for HashiCorp Vault, for step-ca and for openssl.
    type: list
    elements: str
    default: []
  seal:
    description:
      - Whether keys are written as Ansible Vault files. Where nothing is said, they are when the play has a vault
        secret.
      - V(true) without a vault secret is an error. A sealed key stays sealed.
    type: bool
extends_documentation_fragment:
  - aegis.nats.attributes.keeps
  - aegis.nats.pki.signer
seealso:
  - module: aegis.nats.authority
  - module: aegis.nats.certificate_info
"""

EXAMPLES = r"""
- name: Make the authority
  aegis.nats.authority:
    path: nats/pki

- name: Issue the certificates of a node and of an application
  aegis.nats.certificate:
    path: nats/pki
    certificates:
      - name: n1/server
        profile: server
        dns: [n1.example.com, nats.example.com]
        ip: [192.0.2.11]
      - name: n1/route
        profile: route
        dns: [n1.example.com]
        ip: [192.0.2.11]
        days: 90
        renew_before: 30d
      - name: clients/order-service
        profile: client
        email: [order-service@example.com]
"""

RETURN = r"""
certificates:
  description:
    - "By name, for each: C(certificate_path), C(key_path) (none for a request), C(key_left) (a key lies here that
      belongs on its host), C(profile), C(subject), C(names),
      C(serial), C(not_after),
      C(days_left), C(fingerprint_sha256), C(spki_sha256) (what C(pinned_certs) takes), C(present_spki_sha256) (that of
      the certificate that lay there before), C(pins) (the digests of its key and of the one before, which is not pinned
      any more once its certificate is revoked) and C(issued), whether this run issued it."
    - In check mode, what is still to be issued has no serial and no digests but that of its request's key.
  type: dict
  returned: success
authority:
  description: "The authority that signed: C(name), C(certificate_path), C(subject), C(serial), C(not_after),
    C(days_left), C(fingerprint_sha256)."
  type: dict
  returned: success
waiting:
  description: The names of what waits for somebody else's signature.
  type: list
  elements: str
  returned: success
missing:
  description: Those of them of which no certificate that is good serves meanwhile.
  type: list
  elements: str
  returned: success
reasons:
  description: Why something changes, a sentence each.
  type: list
  elements: str
  returned: success
  sample: ["n2/route: dns adds nats-2.internal"]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.pki.verb_certificate import VERB
from ..module_utils.plan.verb import run_module


def main() -> None:
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
