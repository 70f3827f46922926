#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.jwt_info: what a NATS token says."""

from __future__ import annotations

DOCUMENTATION = r"""
module: jwt_info
short_description: Tell what a NATS token or creds file says
version_added: "0.1.0"
description:
  - Verifies the signature of an operator, account, user or activation token, and tells its claims in the words that
    M(aegis.nats.trust) takes, who signed it, how many days it has left, and what is wrong with it.
  - Of a creds file the seed is compared with the token; neither of them is returned.
  - Runs on the controller, inside the Ansible process, unless the task is delegated to another host.
author: [aegis.nats contributors (@aegis-nats)]
requirements:
  - cryptography 38 and PyJWT 2.7 or newer, where this runs; nkeys too for creds files
options:
  path:
    description: A file with a token, or a creds file; it may be an Ansible Vault file. Give this or O(token).
    type: path
  token:
    description: A token. Give this or O(path).
    type: str
  seal:
    description: Has no effect, for nothing is written. Taken so that it can be a default of the action group.
    type: bool
attributes:
  check_mode:
    description: Nothing is ever changed.
    support: full
  diff_mode:
    description: Nothing is ever changed.
    support: none
"""

EXAMPLES = r"""
- name: Read a creds file
  aegis.nats.jwt_info:
    path: nats/trust/keys/creds/Acme/TeamAlpha/order-service.creds
  register: creds

- name: Fail when it ends soon
  ansible.builtin.assert:
    that: creds.days_left is none or creds.days_left > 14
"""

RETURN = r"""
type:
  description: What the token is about, V(operator), V(account), V(user), V(activation), or V(generic).
  returned: success
  type: str
name:
  description: The name in it.
  returned: success
  type: str
public_key:
  description: Whose token it is.
  returned: success
  type: str
issuer:
  description: The public key that signed it.
  returned: success
  type: str
issuer_account:
  description: The account that the issuer signs for, where that is a signing key.
  returned: success
  type: str
issued:
  description: When it was signed, ISO 8601 in UTC.
  returned: success
  type: str
expires:
  description: When it ends, ISO 8601 in UTC; none when never.
  returned: success
  type: str
not_before:
  description: From when servers take it, in UTC; none where that is from issue.
  returned: success
  type: str
days_left:
  description: Whole days until it ends, negative when it has ended; none when it never does.
  returned: success
  type: int
claims:
  description: What it says, in the words of the tree. What stands at its default is left out; so are the
    limits of a user with a role, which are those of the role.
  returned: success
  type: dict
other_claims:
  description: What it says that the tree has no words for, as it stands in the token.
  returned: success
  type: dict
problems:
  description: What is wrong with it; empty when servers take it.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.plan.verb import run_module
from ..module_utils.trust.verb_jwt_info import VERB


def main() -> None:
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
