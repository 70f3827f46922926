#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.authority: a certificate authority, made or taken in once, and kept."""

from __future__ import annotations

DOCUMENTATION = r"""
module: authority
short_description: Make a certificate authority and keep it
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Makes a self-signed authority (a root CA) where there is none, or with O(parent) one below another, and checks the
    one that is there.
  - An authority is never made anew by a run. When its end comes near there is a warning.
  - Unless O(path_length) says otherwise it may sign leaf certificates only. It passes strict verifiers such as
    C(openssl verify -x509_strict), Go's and the default context of Python 3.13.
  - Where O(parent) is here without its key, the key of the authority and a request are made, O(path)/O(name).csr. Have
    it signed where that key is, with O(csr), and give the answer as O(certificate_file). It is verified before it is
    kept. Until then RV(waiting) is true.
  - Someone else's authority is taken in from O(certificate_file) and O(key_file) after its dates, its uses, its chain
    and its key were verified. With O(key_kept=elsewhere) its certificate alone is taken in, as what peers trust.
notes:
  - Runs on the controller, in the Ansible process and as the calling user, unless the task is delegated to another
    host, such as a signing host.
  - The private key lies in O(path)/O(name).key, mode 0600, sealed with Ansible Vault where the play has a vault
    secret, and encrypted
    where there is a O(passphrase). It is not returned, and nothing of it leaves the host where this runs.
requirements:
  - cryptography 38 or newer, where this runs
options:
  path:
    description: The folder of the authority, made with mode 0700. On the controller a relative path begins at the
      playbook.
    type: path
    default: nats/pki
  name:
    description: The name of the authority, which is also the name of its files. V(issued) is taken.
    type: str
    default: ca
  common_name:
    description: The common name of a new authority. V(NATS CA) where nothing is said. With O(parent) it is needed.
    type: str
  organization:
    description: The organization of a new authority.
    type: str
  key_type:
    description: The algorithm of a new authority. V(ecdsa-p256) where nothing is said.
    type: str
    choices: [ecdsa-p256, ecdsa-p384, rsa-2048, rsa-3072, rsa-4096, ed25519]
  days:
    description: The lifetime of a new authority in days, 1 to 36500.
    type: int
    default: 3650
  renew_before:
    description:
      - How long before its end a warning begins, such as V(365d). A fifth of its lifetime where nothing is said.
    type: str
  passphrase:
    description:
      - Encrypts the key, and opens that of O(key_file). At least 8 characters.
      - A key that lies there unencrypted is encrypted with it.
    type: str
  parent:
    description:
      - The name of the authority above this one, in the same folder. A root where nothing is said.
      - Its key is needed once, when this authority is made; unchanged runs do without.
    type: str
  parent_passphrase:
    description: Opens the key of O(parent), where it is encrypted.
    type: str
  path_length:
    description:
      - How many authorities may follow a new one. V(0) where nothing is said, so that it signs leaf certificates only;
        V(-1) is any number. A root above an intermediate has V(1).
    type: int
  permitted:
    description:
      - What certificates below a new authority may name, as lists under C(dns) (domains, each with all below it), C(ip)
        (networks) and C(email) (domains). A kind that is not written is free.
      - Peers refuse names beyond it, and so does M(aegis.nats.certificate).
    type: dict
  excluded:
    description: What certificates below a new authority must not name, as O(permitted).
    type: dict
  ocsp_urls:
    description: The URLs of responders that answer for a new authority below O(parent), in its certificate.
    type: list
    elements: str
  crl_urls:
    description: The URLs of the list of what O(parent) has revoked, in DER form, in the certificate of a new authority.
    type: list
    elements: str
  issuer_urls:
    description: The URLs of the certificate of O(parent), in DER form, in the certificate of a new authority.
    type: list
    elements: str
  csr:
    description:
      - The request of an authority whose key is elsewhere, in PEM form. Its key is certified by O(parent); its name and
        limits are those of the parameters, not those of the request.
    type: str
  certificate_file:
    description:
      - A file in PEM form, the certificate of the authority first, then those above it. It is taken in where there is
        none yet, as the answer to a request or with O(key_file).
      - While an answer is waited for, the file need not be there yet.
    type: path
  key_file:
    description: The key of O(certificate_file), in PEM form.
    type: path
  key_kept:
    description:
      - V(elsewhere) takes the certificate alone, for a root that is kept offline, or for an authority that signs
        requests only.
    type: str
    choices: [here, elsewhere]
    default: here
  seal:
    description:
      - Whether a key is written as an Ansible Vault file. Where nothing is said, it is when the play has a vault
        secret.
      - V(true) without a vault secret is an error. A sealed key stays sealed.
    type: bool
extends_documentation_fragment:
  - aegis.nats.attributes.keeps
seealso:
  - module: aegis.nats.certificate
"""

EXAMPLES = r"""
- name: Make the authority of the cluster
  aegis.nats.authority:
    path: nats/pki
    common_name: Acme NATS CA
    organization: Acme

- name: Make an authority with an encrypted key on a signing host
  aegis.nats.authority:
    path: /srv/pki
    passphrase: "{{ vault_authority_passphrase }}"
  delegate_to: signing.example.com

- name: Make a root that limits what is below it
  aegis.nats.authority:
    path: nats/pki
    path_length: 1
    passphrase: "{{ vault_root_passphrase }}"
    permitted: {dns: [example.com], ip: [192.0.2.0/24]}

- name: Make the authority that signs the certificates
  aegis.nats.authority:
    path: nats/pki
    name: issuing
    common_name: Acme NATS Issuing CA
    parent: ca
    parent_passphrase: "{{ vault_root_passphrase }}"

- name: Take in the authority of the company
  aegis.nats.authority:
    path: nats/corporate
    certificate_file: /srv/corporate/nats-ca.crt
    key_file: /srv/corporate/nats-ca.key
"""

RETURN = r"""
certificate:
  description: The certificate in PEM form, with those between it and the root. In check mode, that of an authority that
    is not kept.
  type: str
  returned: when it does not wait
certificate_path:
  description: Where it lies.
  type: str
  returned: success
waiting:
  description: Whether it has a key and a request, and its certificate is still to come.
  type: bool
  returned: success
request:
  description: The request for its certificate, in PEM form.
  type: str
  returned: while it waits
request_path:
  description: Where the request lies.
  type: str
  returned: while it waits
name:
  description: The name of the authority.
  type: str
  returned: success
subject:
  description: The distinguished name, as RFC 4514 writes it.
  type: str
  returned: success
key_type:
  description: The algorithm of the key.
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
  sample: "2036-11-20T12:00:00Z"
days_left:
  description: Whole days until then.
  type: int
  returned: success
fingerprint_sha256:
  description: SHA-256 of the certificate in hex.
  type: str
  returned: success
reasons:
  description: Why something changes, a sentence each.
  type: list
  elements: str
  returned: success
  sample: ["authority ca: made for the first time"]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.pki.verb_authority import VERB
from ..module_utils.plan.verb import run_module


def main() -> None:
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
