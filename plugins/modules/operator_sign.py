#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.operator_sign: a change of the operator, signed on the machine that has the root key."""

from __future__ import annotations

DOCUMENTATION = r"""
module: operator_sign
short_description: Sign a change of a NATS operator on the machine that has its root key
version_added: "0.1.0"
description:
  - Answers the request that M(aegis.nats.trust) writes where the root key of the operator is not in the store.
  - Verifies the request's digest, the token that it replaces, and that what it wants is a valid operator. What it
    changes is worked out here from both tokens and told in RV(changes), whatever words the request has.
  - Check mode shows what would be signed and writes nothing. A response that answers the request already stays.
  - Runs on the controller, inside the Ansible process, unless the task is delegated to another host. The seed is read
    there, goes nowhere, and is never part of the result. The response holds no secret.
author: [aegis.nats contributors (@aegis-nats)]
requirements:
  - nkeys, cryptography 38 and PyJWT 2.7 or newer, where this runs
options:
  request:
    description: File that holds the request.
    type: path
    required: true
  response:
    description: >-
      File that the signed token is written to; when not said, the file beside O(request) with C(.response) behind its
      name.
    type: path
  key:
    description:
      - File that holds the seed of the root key, or folder of a store that has it, of C(nsc) or of M(aegis.nats.trust).
      - An Ansible Vault file is opened with the play's vault secret.
    type: path
    required: true
attributes:
  check_mode:
    description: Shows what would be signed and writes nothing.
    support: full
  diff_mode:
    description: Shows the claims before and after.
    support: full
"""

EXAMPLES = r"""
- name: See what would be signed
  aegis.nats.operator_sign:
    request: /media/carrier/acme.request
    key: nats/root
  check_mode: true

- name: Sign it
  aegis.nats.operator_sign:
    request: /media/carrier/acme.request
    key: nats/root
"""

RETURN = r"""
reasons:
  description: What is signed, in plain words; nothing where it was signed already.
  returned: success
  type: list
  elements: str
changes:
  description: What the request changes, in plain words.
  returned: success
  type: list
  elements: str
  sample: ['service_urls adds "tls://nats2.example.com:4222"']
claims:
  description: All that the new token says, in the words of the tree.
  returned: success
  type: dict
digest:
  description: Digest of the request, to compare with the one that M(aegis.nats.trust) told.
  returned: success
  type: str
response:
  description: Path of the response.
  returned: success
  type: str
operator:
  description: The operator as it will be.
  returned: success
  type: dict
  contains:
    name: {description: Its name., type: str, returned: success}
    public_key: {description: Its identity., type: str, returned: success}
    jwt: {description: Its token., type: str, returned: success}
    signing_keys: {description: Public keys that sign for it., type: list, elements: str, returned: success}
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.plan.verb import run_module
from ..module_utils.trust.verb_operator_sign import VERB


def main() -> None:
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
