#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.node_encrypted: JetStream's data on a host are encrypted, proved on its disk."""

from __future__ import annotations

DOCUMENTATION = r"""
module: node_encrypted
short_description: Prove on the disk that JetStream's data are encrypted
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Reads the files of JetStream on a host and fails where messages, the configuration of streams or consumers, or what
    consumers have acknowledged can be read in them. It names those files.
  - "A server that is given a key encrypts what it has when it starts, but for one file of each stream: the state that
    it left when it stopped, with subjects in it (C(index.db)). This file is removed; the server reads it at no other
    time, and makes it anew."
notes:
  - Runs on the cluster host, as root or as the user that the server runs as, and needs nothing but Python 3.9 or newer
    there. Of each file the beginning is read. No content is returned.
  - No release of nats-server encrypts the names of accounts, streams and consumers, which are names of folders, nor
    the snapshots of its Raft groups, in which the configuration of streams and consumers stands with their subjects,
    nor the subjects of scheduled messages (C(sched.db)). That is not looked at.
attributes:
  check_mode:
    description: Names what would be removed.
    support: full
  diff_mode:
    description: There is nothing to show.
    support: none
options:
  path:
    description: JetStream's folder, as C(store_dir) of the configuration has it.
    type: path
    required: true
seealso:
  - module: aegis.nats.node_config
"""

EXAMPLES = r"""
- name: Prove that nothing of JetStream can be read on the disk
  aegis.nats.node_encrypted:
    path: /var/lib/nats/jetstream
"""

RETURN = r"""
stores:
  description: How many streams, consumers and Raft groups there are.
  type: int
  returned: success
blocks:
  description: How many files with messages there are.
  type: int
  returned: success
removed:
  description: The files that were removed; in check mode, that would be.
  type: list
  elements: str
  returned: success
reasons:
  description: What is removed and why, in words.
  type: list
  elements: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.node.verb_encrypted import ENCRYPTED
from ..module_utils.plan.verb import run_module


def main() -> None:
    """Do it."""
    run_module(AnsibleModule(**ENCRYPTED.module_arguments()), ENCRYPTED)


if __name__ == "__main__":
    main()
