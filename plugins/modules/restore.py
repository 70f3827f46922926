#!/usr/bin/python

# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: restore
short_description: Put back the controller's state, or JetStream streams, out of an archive
version_added: 0.1.0
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Puts back what M(aegis.nats.backup) took. Folders of the controller are one thing, streams another, since a cluster
    has to be deployed in between; the playbook C(aegis.nats.restore) does all three.
  - The archive is read to its end first. What is wrong, with it or with what is there, is told all together, before
    anything is written.
  - Files and streams that are there and are not what was taken are refused unless O(overwrite) is said. Those that are
    the same stay as they are. A stream that was never written to, as applications make them when they find none, is
    made anew.
  - Each stream is verified against the manifest before the next one is begun - its configuration, counts and sequences,
    how far each consumer has acknowledged, and that every replica has caught up. Until then it bears a mark in its
    metadata (C(aegis.nats.restore)), so that a further run knows what one that was killed had begun, and begins it
    anew.
  - A consumer goes on behind the message up to which all were acknowledged. What was delivered later than that is
    delivered again, acknowledged or not; so do servers restore consumers.
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
  folders:
    description:
      - Folders to put back, each by the name that it has in the archive, such as C(trust) for C(nats/trust). One that
        is not in the archive is left as it is, with a warning where it holds anything.
    type: dict
    default: {}
  streams:
    description:
      - Which streams are put back, as V(ACCOUNT/STREAM). All of the archive where nothing is said. Accounts are known
        by their names.
      - A stream that is named is put back or the module fails. Of those that are not named, one that is there as it
        was taken and was in use since is left as it is, with a warning.
    type: list
    elements: str
    default: []
  leave_out:
    description:
      - Which streams are not put back, as V(ACCOUNT/STREAM).
    type: list
    elements: str
    default: []
  replicas:
    description:
      - The most replicas that a stream gets, for a cluster that is smaller than the one it comes from.
    type: int
  overwrite:
    description:
      - Whether what is there and differs is replaced. A folder becomes exactly what was taken of it. A stream is
        deleted first, with its messages and consumers.
    type: bool
    default: false
extends_documentation_fragment:
  - aegis.nats.connection
  - aegis.nats.backup
  - aegis.nats.attributes.keeps
seealso:
  - module: aegis.nats.backup
  - module: aegis.nats.backup_info
"""

EXAMPLES = r"""
- name: Put the controller's state back
  aegis.nats.restore:
    archive: nats/backups/monday.nats-backup
    folders:
      trust: nats/trust
      pki: nats/pki
      secrets: nats/secrets

- name: Put one stream back
  aegis.nats.restore:
    archive: nats/backups/monday.nats-backup
    trust: nats/trust
    operator: Acme
    servers: [tls://192.0.2.11:4222]
    ca: nats/pki/ca.crt
    certificate: nats/pki/issued/clients/deploy.crt
    key: nats/pki/issued/clients/deploy.key
    streams: [TeamAlpha/ORDERS]
"""

RETURN = r"""
restored:
  description: The streams that were put back and verified; in check mode, those that would be.
  returned: when streams are asked for
  type: list
  elements: str
  sample: [TeamAlpha/ORDERS]
unchanged:
  description: The streams that were there as they were taken.
  returned: when streams are asked for
  type: list
  elements: str
  sample: []
in_use:
  description: The streams that were there as they were taken and had been in use since. They are left as they are.
  returned: when streams are asked for
  type: list
  elements: str
  sample: []
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
  description: What was put back and why, in plain words.
  returned: success
  type: list
  elements: str
  sample: ["TeamAlpha/ORDERS: is not there: 197 messages"]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.backup.verb_restore import VERB
from ..module_utils.plan.verb import run_module


def main() -> None:
    """Put back."""
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
