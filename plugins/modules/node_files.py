#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.node_files: folders and files of a host, all of them in one run of a module."""

from __future__ import annotations

DOCUMENTATION = r"""
module: node_files
short_description: Folders and files of a host, all of them in one run of a module
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Makes the folders, and writes each file that differs by one rename, with its owner and mode before its content.
  - M(ansible.builtin.copy) needs two runs of a module for each file, which is what an unchanged run of many hosts
    consists of.
notes:
  - Runs on the host and needs nothing but Python 3.9 or newer there.
  - The content of files is not logged there.
attributes:
  check_mode:
    description: The same answer, nothing written.
    support: full
  diff_mode:
    description: Shows the text of files, without those that are secret.
    support: full
options:
  folders:
    description: Folders, in the order in which they are made. Missing parents are made with the mode V(0755).
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The folder.
        type: path
        required: true
      mode:
        description: Its mode, quoted.
        type: str
        default: "0755"
      owner:
        description: Who owns it; left as it is when not given, or empty.
        type: str
      group:
        description: Its group; left as it is when not given, or empty.
        type: str
  files:
    description: Files, in the order in which they are written.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The file. Its folder has to be there, or among O(folders).
        type: path
        required: true
      content:
        description: Its text, as it is.
        type: str
        required: true
      mode:
        description: Its mode, quoted.
        type: str
        default: "0644"
      owner:
        description: Who owns it; the caller when not given, or empty.
        type: str
      group:
        description: Its group; the caller's own when not given, or empty.
        type: str
      secret:
        description: Whether its text is kept out of the diff.
        type: bool
        default: false
seealso:
  - module: aegis.nats.node_config
  - module: aegis.nats.client_files
"""

EXAMPLES = r"""
- name: Write where the script looks
  aegis.nats.node_files:
    folders:
      - path: /etc/nats-monitoring
    files:
      - path: /etc/nats-monitoring/expiry.json
        content: "{{ settings | to_nice_json }}\n"
"""

RETURN = r"""
reasons:
  description: What was done and why, in words without content.
  type: list
  elements: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.node.verb_files import VERB
from ..module_utils.plan.verb import run_module


def main() -> None:
    """Do it."""
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
