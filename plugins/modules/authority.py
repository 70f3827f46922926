#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.authority: a certificate authority, made once and kept."""

from __future__ import annotations

DOCUMENTATION = r"""
module: authority
short_description: Make a certificate authority and keep it
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Makes a self-signed authority (a root CA) where there is none, and checks the one that is there.
  - An authority is never made anew by a run. When its end comes near there is a warning.
  - It may sign leaf certificates only (path length 0) and passes strict verifiers such as the default context of
    Python 3.13.
  - Someone else's authority works too, when its certificate and key are put in place as O(path)/O(name).crt and
    O(path)/O(name).key.
notes:
  - Runs on the controller, in the Ansible process and as the calling user, unless the task is delegated to another
    host, such as a signing host.
  - The private key lies in O(path)/O(name).key, mode 0600, sealed with Ansible Vault where the play has a vault
    secret, and encrypted
    where there is a O(passphrase). It is not returned, and nothing of it leaves the host where this runs.
requirements:
  - cryptography 38 or newer, where this runs
attributes:
  check_mode:
    description: Tells what would change, and writes nothing.
    support: full
  diff_mode:
    description: Shows what changes, without secrets.
    support: full
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
    description: The common name of a new authority. V(NATS CA) where nothing is said.
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
      - Encrypts the key. At least 8 characters.
      - A key that lies there unencrypted is encrypted with it.
    type: str
  seal:
    description:
      - Whether a key is written as an Ansible Vault file. Where nothing is said, it is when the play has a vault
        secret.
      - V(true) without a vault secret is an error. A sealed key stays sealed.
    type: bool
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
"""

RETURN = r"""
certificate:
  description: The certificate in PEM form. In check mode, that of an authority that is not kept.
  type: str
  returned: success
certificate_path:
  description: Where it lies.
  type: str
  returned: success
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
