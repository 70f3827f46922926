#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.client_files: what lets the applications of a host in."""

from __future__ import annotations

DOCUMENTATION = r"""
module: client_files
short_description: What lets applications of a host into NATS - creds, CA, certificate, settings, a context of the CLI
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Gives each application a folder of its own (0700) with C(user.creds) or C(user.nk), C(ca.crt), C(client.crt),
    C(client.key), C(client.env) with the settings for a shell or systemd, and C(nats/context/NAME.json), a context of
    the C(nats) CLI; all 0600, of the application's user.
  - Each file is replaced by one rename. Services that run are restarted or reloaded when what they read has changed; if
    a run ends between the two, the next one does it.
notes:
  - Runs on the application's host and needs nothing but Python 3.9 or newer there. The files are read on the
    controller, opened there when they are sealed with Ansible Vault, and travel over the connection alone.
  - No secret is in any output, diff, log or argument of a process. Nothing that the application's user puts into the
    folder is followed or changed in place.
attributes:
  action:
    description: An action plugin reads the files on the controller.
    support: full
  check_mode:
    description: The same answer, nothing written.
    support: full
  diff_mode:
    description: Shows settings and contexts; of the rest only that it changes.
    support: full
options:
  applications:
    description: The applications, as M(aegis.nats.client_applications) returns them.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the application and of its context.
        type: str
        required: true
      path:
        description: Its folder on the host.
        type: path
        required: true
      state:
        description: V(absent) removes what this module wrote, and the folder if nothing else is in it.
        type: str
        choices: [present, absent]
        default: present
      owner:
        description: Who owns folder and files; the caller when not given.
        type: str
      group:
        description: Their group; the owner's own when not given.
        type: str
      servers:
        description: URLs of the servers.
        type: list
        elements: str
        default: []
      description:
        description: What the context says of itself.
        type: str
        default: ""
      ca:
        description: The CA's certificate, a file on the controller, as the next four.
        type: path
      certificate:
        description: The application's certificate.
        type: path
      key:
        description: Its key.
        type: path
      creds:
        description: The creds of its user.
        type: path
      nkey:
        description: The seed of its user, in place of creds.
        type: path
      inbox_prefix:
        description: Prefix of the subjects on which it hears replies, where it has one of its own.
        type: str
        default: ""
      contents:
        description: What is in these files. The action fills it in; it can't be given.
        type: dict
        default: {}
      services:
        description: Units of systemd to tell.
        type: list
        elements: str
        default: []
      service_action:
        description: How they are told. One that does not run is left alone.
        type: str
        choices: [restart, reload]
        default: restart
  pending:
    description: In check mode, files on the controller that the run that follows makes anew. They count as changed.
    type: list
    elements: path
    default: []
seealso:
  - module: aegis.nats.client_applications
"""

EXAMPLES = r"""
- name: Give the order service what lets it in
  aegis.nats.client_files:
    applications:
      - name: order-service
        path: /etc/nats-clients/order-service
        owner: orders
        servers: ["tls://nats.example.com:4222"]
        ca: nats/pki/ca.crt
        certificate: nats/pki/issued/clients/app-1/order-service.crt
        key: nats/pki/issued/clients/app-1/order-service.key
        creds: nats/trust/keys/creds/Acme/TeamAlpha/order-service.creds
        services: [order-service]
"""

RETURN = r"""
applications:
  description: By name, the V(path) of its folder, whether it V(changed), and the V(services) that were told.
  type: dict
  returned: success
reasons:
  description: Why something changed, in plain words without secrets.
  type: list
  elements: str
  returned: success
problems:
  description: What is wrong, each with the V(path) in the input and a V(message).
  type: list
  elements: dict
  returned: failure
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.node.verb_client_files import VERB
from ..module_utils.plan.verb import run_module


def main() -> None:
    run_module(AnsibleModule(**VERB.module_arguments()), VERB)


if __name__ == "__main__":
    main()
