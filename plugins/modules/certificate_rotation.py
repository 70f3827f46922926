#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.certificate_rotation: the rotation of certificates or of their authority, phase by phase."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate_rotation
short_description: Begins the rotation of certificates or of their authority, takes it up, and moves it on
version_added: "0.1.0"
description:
  - Keeps the record of a rotation beside the certificates. M(aegis.nats.certificate) and M(aegis.nats.authority) read
    it, so that every run in between, a deploy as well, stays in the present phase.
  - With O(kind=certificates) the one phase V(issue) has M(aegis.nats.certificate) issue anew what was issued before.
  - With O(kind=authority) phase V(trust) puts the next root beside the present one in C(ca.crt), which peers trust;
    V(issue) makes the next authority the present one, so that everything is issued anew below it; V(drop) leaves the
    root before out of C(ca.crt). Each has to be brought to every server and verified there before the next begins.
  - The next authority is made by M(aegis.nats.authority) in the folder C(next) below O(path) before it begins. The one
    before lies in C(previous) from V(issue) on and, when all is done, in C(retired), with its key.
  - The playbooks C(aegis.nats.rotate_certificates) and C(aegis.nats.rotate_ca) do all of that;
    C(docs/certificate_rotation.md) tells how.
  - Runs on the controller, inside the Ansible process, unless the task is delegated to another host.
author: [aegis.nats contributors (@aegis-nats)]
requirements:
  - cryptography 38 or newer, where this runs
options:
  path:
    description: Folder of the authorities and certificates. Relative paths start at the playbook's folder.
    type: path
    default: nats/pki
  kind:
    description: What is rotated, the V(certificates) or the V(authority).
    type: str
    required: true
    choices: [certificates, authority]
  authorities:
    description: The authorities that take turns, V(ca) and what stands below it.
    type: list
    elements: str
    default: [ca]
  begin:
    description: Whether it begins where none is under way. V(false) says whether the next authority is to be made.
    type: bool
    default: true
  to:
    description: The last phase that may begin.
    type: str
    choices: [trust, issue, drop]
    default: drop
  again:
    description: Whether that is rotated which was rotated before.
    type: bool
    default: false
  verified:
    description: The phase that was verified with every server just now. Not said begins, or takes up what is under way.
    type: str
    choices: [trust, issue, drop]
  seal:
    description:
      - Whether files that hold a secret are written as Ansible Vault files, with the play's vault secret.
      - When not said, they are when the play has a vault secret. On another host than the controller they never are.
    type: bool
attributes:
  check_mode:
    description: Says the phases that would run.
    support: full
  diff_mode:
    description: There is nothing to show beyond the reasons.
    support: none
seealso:
  - module: aegis.nats.authority
  - module: aegis.nats.certificate
  - module: aegis.nats.handshake
"""

EXAMPLES = r"""
- name: Have all certificates issued anew by the next run of aegis.nats.certificate
  aegis.nats.certificate_rotation:
    path: nats/pki
    kind: certificates
  register: rotation
"""

RETURN = r"""
phase:
  description: The phase to bring to the servers now; empty when there is none.
  returned: success
  type: str
  sample: trust
to_come:
  description: The phases that are still to be run, this one among them.
  returned: success
  type: list
  elements: str
wants_next:
  description: Whether the next authority is to be made first, in C(next).
  returned: success
  type: bool
waiting:
  description: Whether the next phase waits for O(to).
  returned: success
  type: bool
finished:
  description: Whether no rotation is under way.
  returned: success
  type: bool
message:
  description: Where it stands and what is to be done, in plain words.
  returned: success
  type: str
old_path:
  description: The folder of the authority that is rotated, in this phase; empty when certificates are.
  returned: success
  type: str
new_path:
  description: The folder of the authority that follows it, in this phase; empty when certificates are.
  returned: success
  type: str
reasons:
  description: What changes and why, in plain words.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.pki.verb_certificate_rotation import VERB
from ..module_utils.plan.verb import run_module


def main() -> None:
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
