#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.nkey: one NKey pair."""

from __future__ import annotations

DOCUMENTATION = r"""
module: nkey
short_description: Make one NKey pair and keep it
version_added: "0.1.0"
description:
  - Makes the seed of an NKey where there is none, and says its public key.
  - A seed that is there is never replaced. One of another type, or one that is damaged, is an error.
  - Runs on the controller, inside the Ansible process, unless the task is delegated to another host.
  - The seed lies in O(path), mode C(0600), and is never returned.
author: [aegis.nats contributors (@aegis-nats)]
requirements:
  - nkeys, where this runs
  - cryptography, where this runs, for curve keys
options:
  path:
    description: The file of the seed. Folders that are missing are made, mode C(0700).
    type: path
    required: true
  type:
    description: What the key is for.
    type: str
    required: true
    choices: [operator, account, user, server, cluster, curve]
  seal:
    description:
      - Whether the seed is written as an Ansible Vault file, with the play's vault secret.
      - When not said, it is when the play has a vault secret. On another host than the controller it never is.
    type: bool
attributes:
  check_mode:
    description: Says whether a key would be made; the public key is then an example.
    support: full
  diff_mode:
    description: Shows the public key.
    support: full
"""

EXAMPLES = r"""
- name: Keep a curve key for the auth callout
  aegis.nats.nkey:
    path: nats/keys/callout.nk
    type: curve
  register: callout
"""

RETURN = r"""
public_key:
  description: The public half.
  returned: success
  type: str
  sample: UBXHUHG5FGYLPD6RHL2MKWMP572O6KUXCZXDZJXS4T57ZTMAKBN7CEDX
type:
  description: What the key is for.
  returned: success
  type: str
path:
  description: Absolute path of the seed's file.
  returned: success
  type: str
reasons:
  description: What changes and why, in plain words.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.plan.verb import run_module
from ..module_utils.trust.verb_nkey import VERB


def main() -> None:
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
