#!/usr/bin/python

# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_info
short_description: Tell what is in an archive, and whether all of it is whole
version_added: 0.1.0
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Reads an archive of M(aegis.nats.backup) from its beginning to its end, opens every part, makes every digest anew
    and tells its manifest. An archive that was cut, changed or put together wrongly fails, and it is said where.
  - No content of files or messages is returned, and nothing is written.
  - Runs on the controller unless the task is delegated to another host.
options:
  archive:
    description:
      - Path of the archive.
    type: path
    required: true
  passphrase:
    description:
      - The passphrase that it was made with. Where it was made with an Ansible Vault secret, the play needs that one.
    type: str
extends_documentation_fragment:
  - aegis.nats.attributes.reads
seealso:
  - module: aegis.nats.backup
  - module: aegis.nats.restore
"""

EXAMPLES = r"""
- name: See what is in an archive
  aegis.nats.backup_info:
    archive: nats/backups/monday.nats-backup
  register: found

- name: Show it
  ansible.builtin.debug:
    var: found.streams
"""

RETURN = r"""
archive:
  description: Path of the archive.
  returned: success
  type: str
  sample: /srv/ansible/nats/backups/monday.nats-backup
size:
  description: Its bytes.
  returned: success
  type: int
  sample: 159112
encrypted:
  description: Whether it is encrypted.
  returned: success
  type: bool
  sample: true
id:
  description: Random, one an archive.
  returned: success
  type: str
  sample: 53bcf296e9202f2db232fcce93f8f76a
created:
  description: When it was taken.
  returned: success
  type: str
  sample: "2026-11-24T04:33:11+00:00"
cluster:
  description: The name that was given to it.
  returned: success
  type: str
  sample: production
files:
  description: How many files of each folder of the controller are in it.
  returned: success
  type: dict
  sample: {trust: 30, pki: 23, secrets: 4}
accounts:
  description: The accounts that were looked at, and their public keys.
  returned: success
  type: dict
  sample: {TeamAlpha: ABVJPVSV42UFH3KO3KW2HMCUZY7733YTUGIUH4MW67S7B3SSBIIRAAMD}
streams:
  description: The streams in it.
  returned: success
  type: list
  elements: dict
  contains:
    account: {description: Name of its account., type: str, returned: success}
    name: {description: Its name., type: str, returned: success}
    taken: {description: When it was taken., type: str, returned: success}
    server: {description: The server that gave it and its release., type: str, returned: success}
    replicas: {description: Its replicas., type: int, returned: success}
    messages: {description: Its messages., type: int, returned: success}
    bytes: {description: Bytes of its messages in the server., type: int, returned: success}
    first_sequence: {description: Sequence of its first message., type: int, returned: success}
    last_sequence: {description: Sequence of its last message., type: int, returned: success}
    consumers: {description: Names of its consumers., type: list, elements: str, returned: success}
    in_use: {description: Whether it changed while it was taken., type: bool, returned: success}
    size: {description: Bytes of its snapshot., type: int, returned: success}
    sha256: {description: Digest of its snapshot., type: str, returned: success}
left_out:
  description: The streams that are not in it, each with account, name and reason.
  returned: success
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.backup.verb_backup_info import VERB
from ..module_utils.plan.verb import run_module


def main() -> None:
    """Tell."""
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
