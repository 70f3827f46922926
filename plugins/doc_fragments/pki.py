# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that the modules on certificates and secrets share."""

from __future__ import annotations


class ModuleDocFragment:
    """Where they run, and where things lie."""

    SIGNER = r"""
notes:
  - Runs on the controller, in the Ansible process and as the calling user, unless the task is delegated to another
    host, such as a signing host.
requirements:
  - cryptography 38 or newer, where this runs
options:
  path:
    description: The folder of the authority. On the controller a relative path begins at the playbook.
    type: path
    default: nats/pki
  authority:
    description: The name of the authority that issues the certificates.
    type: str
    default: ca
  passphrase:
    description: Opens the key of the authority, where it is encrypted.
    type: str
"""

    SECRETS = r"""
notes:
  - Runs on the controller, in the Ansible process and as the calling user, unless the task is delegated to another
    host.
options:
  path:
    description: The folder of the secrets, made with mode 0700. On the controller a relative path begins at the
      playbook.
    type: path
    default: nats/secrets
"""
