#!/usr/bin/python

# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup
short_description: Take the controller's state and JetStream streams into one encrypted archive
version_added: 0.1.0
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Takes folders of the controller (trust store, PKI, secrets), and JetStream streams of all accounts with their
    messages and their consumers (key-value and object stores are streams), into one file.
  - Streams are taken by the servers' own snapshots, one after the other, each as it is at its moment. Nothing stops
    meanwhile. A stream whose leader moves is taken once more.
  - In operator mode nobody has to be named for it. The module signs, with the accounts' own signing keys out of the
    trust store, a user for each connection that may read JetStream and nothing else. Its key and token exist in memory
    alone.
  - The archive is encrypted (AES-256-GCM) with a key of its own, which the play's Ansible Vault secret seals, or which
    is made of O(passphrase). It is written beside its name, mode 0600, and renamed when it is whole.
  - Runs on the controller unless the task is delegated to another host. Messages and secrets leave it in the archive
    only.
options:
  archive:
    description:
      - Path of the archive.
    type: path
    required: true
  passphrase:
    description:
      - What the key is made of (scrypt), 12 characters or more. Without it, the play's Ansible Vault secret seals a
        key that is made by chance.
      - Who loses it loses the archive.
    type: str
  encrypt:
    description:
      - V(false) writes an archive that anybody can read who has the file. It is warned about.
    type: bool
    default: true
  cluster:
    description:
      - A name to know the archive by.
    type: str
    default: ""
  overwrite:
    description:
      - Whether an archive of that name is replaced. The old one stays until the new one is whole.
    type: bool
    default: false
  folders:
    description:
      - Folders of the controller by a name of their own, such as C(trust) for C(nats/trust). They are locked while
        they are read, so that they fit together. Files that are sealed stay sealed.
    type: dict
    default: {}
  streams:
    description:
      - Which streams are taken, as V(ACCOUNT/STREAM). All of them where nothing is said.
    type: list
    elements: str
    default: []
  leave_out:
    description:
      - Which streams are not taken, as V(ACCOUNT/STREAM); such as one whose only server is lost. The archive says so.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - aegis.nats.connection
  - aegis.nats.backup
  - aegis.nats.attributes.keeps
seealso:
  - module: aegis.nats.restore
  - module: aegis.nats.backup_info
"""

EXAMPLES = r"""
- name: Take everything
  aegis.nats.backup:
    archive: nats/backups/monday.nats-backup
    folders:
      trust: nats/trust
      pki: nats/pki
      secrets: nats/secrets
    trust: nats/trust
    operator: Acme
    servers:
      - tls://192.0.2.11:4222
      - tls://192.0.2.12:4222
    ca: nats/pki/ca.crt
    certificate: nats/pki/issued/clients/deploy.crt
    key: nats/pki/issued/clients/deploy.key

- name: Take one stream, with a passphrase
  aegis.nats.backup:
    archive: orders.nats-backup
    passphrase: "{{ vault_backup_passphrase }}"
    trust: nats/trust
    operator: Acme
    servers: [tls://192.0.2.11:4222]
    streams: [TeamAlpha/ORDERS]
"""

RETURN = r"""
archive:
  description: Path of the archive.
  returned: success
  type: str
  sample: /srv/ansible/nats/backups/monday.nats-backup
size:
  description: Its bytes; not in check mode.
  returned: success
  type: int
  sample: 159112
size_in_words:
  description: The same for people.
  returned: success
  type: str
  sample: 0.2 MB
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
reasons:
  description: What was taken, in plain words.
  returned: success
  type: list
  elements: str
  sample: ["trust: 30 files", "TeamAlpha/ORDERS: 197 messages"]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.backup.verb_backup import VERB
from ..module_utils.plan.verb import run_module


def main() -> None:
    """Take."""
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
