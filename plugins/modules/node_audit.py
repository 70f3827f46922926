#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.node_audit: what can be seen of a server's security on its host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: node_audit
short_description: What can be seen of a NATS server's security on its host
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Looks at the server that runs, whoever has set it up. It reads its command line and the configuration that it was
    started with, what it listens on, modes and owners of its files, the bytes of JetStream's data, its log, its unit,
    the accounts in its resolver, and what its monitoring endpoint says of itself and of who is connected.
  - M(aegis.nats.audit) judges what this returns.
notes:
  - Runs on the cluster host, as root or as the user that the server runs as, and needs nothing but Python 3.9 or newer
    there. It changes nothing.
  - No password, hash, key, seed or token of a user is returned. JWTs of accounts are, which are public.
attributes:
  check_mode:
    description: Does the same.
    support: full
  diff_mode:
    description: There is nothing to show.
    support: none
options:
  pid:
    description: Number of the server's process. Without it and O(pid_file), the only C(nats-server) of the host.
    type: int
  pid_file:
    description: File with the number of the server's process.
    type: path
  monitor:
    description: URL of the server's monitoring endpoint. Without it, where the configuration says it listens.
    type: str
  monitor_ca:
    description: CA file by which an C(https) endpoint is checked.
    type: path
  search:
    description: Folders in which no file with a seed may lie that others can read. At most 20,000 files are looked at.
    type: list
    elements: path
    default: [/etc/nats]
  timeout:
    description: Seconds that the endpoint has for each answer.
    type: float
    default: 5.0
seealso:
  - module: aegis.nats.audit
"""

EXAMPLES = r"""
- name: See what can be seen of the server's security
  aegis.nats.node_audit:
  become: true
  register: seen
"""

RETURN = r"""
hostname:
  description: The host's own name.
  type: str
  returned: success
process:
  description: The server's process. C(pid), C(user), C(program), C(version), C(config), C(sockets) that it listens on,
    and C(secrets_in_words), the options of its command line that carry a secret.
  type: dict
  returned: success
config:
  description: What the configuration says about listeners, TLS, users and their permissions, accounts, resolver,
    JetStream and logs; C(read) says whether it could be read, C(why) why not.
  type: dict
  returned: success
server:
  description: What the server says of itself (C(/varz)), with the operators that it trusts.
  type: dict
  returned: success
connected:
  description: The users that are connected, each once, with what its JWT allows.
  type: list
  elements: dict
  returned: success
files:
  description: Files and folders that matter, with mode, owner and what is wrong with that.
  type: list
  elements: dict
  returned: success
certificates:
  description: The certificates on the disk, with serial and end.
  type: list
  elements: dict
  returned: success
log:
  description: The log's path, the kinds of secrets in it and where, who turns it over and who carries it away.
  type: dict
  returned: success
store:
  description: JetStream's folder and the files in it that can be read; null without JetStream.
  type: dict
  returned: success
tokens:
  description: The JWTs of accounts that the resolver holds, in its folder or (a memory resolver) preloaded.
  type: list
  elements: dict
  returned: success
unit:
  description: The service as systemd sees it, with its exposure; null where there is none.
  type: dict
  returned: success
reasons:
  description: Empty, for nothing changes.
  type: list
  elements: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.node.verb_audit import AUDIT
from ..module_utils.plan.verb import run_module


def main() -> None:
    run_module(AnsibleModule(**AUDIT.module_arguments()), AUDIT)


if __name__ == "__main__":
    main()
