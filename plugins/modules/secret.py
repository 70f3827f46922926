#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.secret: random secrets, made once and kept."""

from __future__ import annotations

DOCUMENTATION = r"""
module: secret
short_description: Make random secrets once and keep them
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Makes the secrets that are missing, such as the password of routes or the JetStream key of a node, and leaves
    those that are there as they are.
  - The lookup P(aegis.nats.secret#lookup) reads them.
notes:
  - A secret lies in O(path)/NAME.secret, mode 0600, sealed with Ansible Vault where the play has a vault secret. It
    is never returned.
options:
  secrets:
    description:
      - "A list of names, or of dicts with these keys."
      - "C(name), needed: its place below O(path), such as V(jetstream/n1)."
      - "C(bytes): bytes of randomness, 16 to 1024, 32 where nothing is said."
      - "C(encoding): V(base64url) (default) or V(hex)."
    type: list
    elements: raw
    required: true
  successor:
    description:
      - With V(made), the secrets that are made where they are missing are those that are to take the place of the ones
        that are named, in O(path)/next/NAME.secret. What is there is left as it is, so that a run that was killed makes
        none twice.
      - With V(promoted), each successor that is there takes the place of the secret that is named, in one.
    type: str
    choices: [made, promoted]
  seal:
    description:
      - Whether secrets are written as Ansible Vault files. Where nothing is said, they are when the play has a vault
        secret.
      - V(true) without a vault secret is an error. A sealed secret stays sealed, an open one is sealed.
    type: bool
extends_documentation_fragment:
  - aegis.nats.attributes.keeps
  - aegis.nats.pki.secrets
seealso:
  - plugin: aegis.nats.secret
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Make the secrets of the cluster
  aegis.nats.secret:
    path: nats/secrets
    secrets:
      - route_password
      - name: jetstream/n1
        encoding: hex

- name: Make the key that follows
  aegis.nats.secret:
    path: nats/secrets
    secrets: [jetstream/n1]
    successor: made

- name: Put it in its place, once the server runs with it
  aegis.nats.secret:
    path: nats/secrets
    secrets: [jetstream/n1]
    successor: promoted
"""

RETURN = r"""
names:
  description: The names of the secrets, in their order.
  type: list
  elements: str
  returned: success
paths:
  description: Where they lie, by name.
  type: dict
  returned: success
reasons:
  description: Why something changes, a sentence each.
  type: list
  elements: str
  returned: success
  sample: ["secret routes: made for the first time"]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.pki.verb_secret import VERB
from ..module_utils.plan.verb import run_module


def main() -> None:
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
