#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.audit: judge a running cluster's security by what it does."""

from __future__ import annotations

DOCUMENTATION = r"""
module: audit
short_description: Judge a running cluster's security by what it does
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Knocks at every listener of the servers, with right, wrong and missing certificates, with old versions of TLS and
    weak cipher suites, in clear text and without credentials, and judges what came of it together with what
    M(aegis.nats.node_audit) found on the hosts. No verdict comes from the variables that were to configure it.
  - For clusters of this collection and for any other. What could not be looked at is told as such, and is no pass.
  - Writes a report in several forms, and fails where more is wrong than O(fail_on) takes.
notes:
  - Runs on the controller, and needs the Python library cryptography there, for it shows a certificate that nobody has
    signed.
  - Keys, creds and passwords in O(trust_dir), O(pki_dir) and O(secrets_dir) are read to see who else may read them,
    whether they are sealed, and whether git has them; git is asked for that. Nothing of them is returned or written.
  - Some ten connections are made to each listener, none of which stays or logs in. Nothing of the cluster changes.
attributes:
  action:
    description: Runs on the controller.
    support: full
  check_mode:
    description: Looks and judges as ever; no report is written.
    support: full
  diff_mode:
    description: There is nothing to show.
    support: none
options:
  cluster:
    description: Name of the cluster, for the report.
    type: str
    default: nats
  hosts:
    description:
      - By host name, C(address), where the host is reached from here, and C(facts), what M(aegis.nats.node_audit)
        returned there.
    type: dict
    default: {}
  servers:
    description: URLs of further client listeners, V(tls://host:port), where no host can be looked at.
    type: list
    elements: str
    default: []
  ca:
    description: PEM file of the authorities that the servers' certificates must come from.
    type: path
  certificate:
    description: PEM file of a client certificate of that authority; it gets as far as the login and no further.
    type: path
  key:
    description: Key of O(certificate).
    type: path
  tls_first:
    description: Whether the O(servers) begin with the TLS handshake.
    type: bool
    default: false
  timeout:
    description: Seconds that each step of a probe may take.
    type: float
    default: 4.0
  trust_dir:
    description:
      - The store of the trust tree, as M(aegis.nats.trust) or C(nsc) keeps it. Every user whose token or creds lie
        there is judged, connected or not, by the tokens and by the accounts as the servers hold them.
      - Sealed files open with the play's vault secret. What can't be read is told as such.
    type: path
  pki_dir:
    description:
      - Folder of the certificates, as M(aegis.nats.certificate) keeps it. One of them that is for servers alone is
        shown to the listeners of peers, which have to refuse it.
    type: path
  secrets_dir:
    description: Folder in which every file is a secret, as M(aegis.nats.secret) keeps it.
    type: path
  inventory:
    description:
      - Files and folders of the inventory. They, and C(group_vars) and C(host_vars) beside them, must hold no seed and
        no private key in clear text. What is no path is passed over, so C(ansible_inventory_sources) can be given.
    type: list
    elements: str
    default: []
  waivers:
    description: What is accepted for a while, and why.
    type: list
    elements: dict
    default: []
    suboptions:
      control:
        description: Id of the control.
        type: str
        required: true
      subject:
        description: A part of the finding's subject. Empty stands for every finding of the control.
        type: str
        default: ''
      reason:
        description: Why it is accepted.
        type: str
        required: true
      until:
        description: Last day on which it is accepted, such as V(2027-06-30). Afterwards the finding counts again.
        type: str
        required: true
  report_dir:
    description:
      - Folder that the report is written to, mode 0600, as C(audit.html) (one page that needs nothing else),
        C(audit.json) (its schema is C(docs/audit.schema.json)), C(audit.xml) (JUnit) and C(audit.sarif). The JSON one
        that lies there tells when the audit before was made.
    type: path
  fail_on:
    description: Which verdicts fail the task. V(warn) takes V(fail) along, and what could not be looked at.
    type: str
    choices: [warn, fail, never]
    default: fail
  collection_version:
    description: Version of the collection, for the report. On the controller it is known without this.
    type: str
    default: ''
seealso:
  - module: aegis.nats.node_audit
"""

EXAMPLES = r"""
- name: Audit a cluster from outside
  aegis.nats.audit:
    servers: [tls://192.0.2.11:4222]
    ca: ca.crt
    certificate: client.crt
    key: client.key
    waivers:
      - control: logs
        reason: they are shipped by the hypervisor
        until: "2027-06-30"
"""

RETURN = r"""
report:
  description: The report, as C(audit.json) has it.
  type: dict
  returned: always
files:
  description: The files that were written.
  type: list
  elements: str
  returned: always
reasons:
  description: Empty, for nothing changes.
  type: list
  elements: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.audit.verb_audit import VERB
from ..module_utils.plan.verb import run_module


def main() -> None:
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
