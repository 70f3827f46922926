#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.trust_adopt: a store of nsc taken over."""

from __future__ import annotations

DOCUMENTATION = r"""
module: trust_adopt
short_description: Takes over a NATS trust store that nsc made
version_added: "0.1.0"
description:
  - Copies an operator with its accounts, users, seeds and creds into a store of M(aegis.nats.trust), tells it as a
    tree, and names the seeds that are nowhere and what can't be done without them. The source is only read.
  - Every token is verified, and every seed. Creds files that are not there are written where the seed of the user is.
  - Where the operator was taken over before, only seeds that are still missing are taken; what C(nsc) changed meanwhile
    in the source is told and left aside.
  - Runs on the controller, inside the Ansible process, unless the task is delegated to another host.
  - Seeds and creds are written with mode 0600, or as Ansible Vault files with O(seal). No seed, creds file or token of
    a user is returned.
author: [aegis.nats contributors (@aegis-nats)]
requirements:
  - nkeys, cryptography 38 and PyJWT 2.7 or newer, where this runs
options:
  source:
    description:
      - Where C(nsc) keeps its things; a folder with C(stores) in it, or the folder of the stores itself.
      - When not said, the folder that C(nsc) was told (C(nsc.json) below C($XDG_CONFIG_HOME) or C(~/.config)), or its
        own one (C(nats/nsc) below C($XDG_DATA_HOME) or C(~/.local/share)), with the keys there and in C($NKEYS_PATH).
    type: path
  keys:
    description: More folders with seeds and creds, at any depth, such as C(~/.nkeys).
    type: list
    elements: path
    default: []
  operator:
    description: Name of the operator. Needed only where the source holds several.
    type: str
  path:
    description: Folder of the store that takes it. Relative paths start at the playbook's folder.
    type: path
    required: true
  seal:
    description: Whether seeds and creds are written as Ansible Vault files; when not said, they are where the play has
      a vault secret.
    type: bool
attributes:
  check_mode:
    description: Tells what it would take over.
    support: full
  diff_mode:
    description: Files are copied as they are.
    support: none
seealso:
  - module: aegis.nats.trust
  - module: aegis.nats.trust_info
"""

EXAMPLES = r"""
- name: Take over what nsc keeps
  aegis.nats.trust_adopt:
    path: nats/trust
  register: adopted

- name: Take over an operator whose seeds lie on a stick
  aegis.nats.trust_adopt:
    source: /srv/nsc
    keys: [/media/stick]
    operator: Acme
    path: nats/trust
"""

RETURN = r"""
operator:
  description: Name of the operator.
  returned: success
  type: str
source:
  description: The folder of the stores that it was taken from.
  returned: success
  type: str
tree:
  description: What M(aegis.nats.trust) would have to be told to change nothing, as M(aegis.nats.trust_info) tells it.
  returned: success
  type: dict
missing:
  description: The seeds that are nowhere, each with what can't be done without it.
  returned: success
  type: list
  elements: str
reasons:
  description: What was taken over.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.plan.verb import run_module
from ..module_utils.trust.verb_trust_adopt import VERB


def main() -> None:
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
