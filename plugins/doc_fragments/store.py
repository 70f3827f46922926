# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that the modules on a trust store share."""

from __future__ import annotations


class ModuleDocFragment:
    """Where the store is, and what its entities have in common."""

    DOCUMENTATION = r"""
requirements:
  - nkeys, cryptography 38 and PyJWT 2.7 or newer, where this runs
options:
  path:
    description: Folder of the store. Relative paths start at the playbook's folder.
    type: path
    required: true
  seal:
    description:
      - Whether files that hold a secret are written as Ansible Vault files, with the play's vault secret.
      - When not said, they are when the play has a vault secret. On another host than the controller they never are.
    type: bool
"""

    TOKENS = r"""
attributes:
  check_mode:
    description: Says the changes and reasons of the run that would follow; keys not made yet are shown as examples.
    support: full
  diff_mode:
    description: Shows the claims before and after, without secrets.
    support: full
"""

    CARRYING = r"""
options:
  operator_request:
    description:
      - File that asks for a change of the operator's token where its root key is not in the store. Without it such a
        change is an error that names the key.
      - The rest of the tree is applied, signed as servers take it now; RV(pending) and a warning say what waits. The
        task does not fail.
      - It holds the claims that are wanted, the token they replace, the key that must sign, what changes in words, and
        a digest; no secret. M(aegis.nats.operator_sign) answers it.
      - It is removed once it is not open any more. The way of it is in C(docs/offline_root.md).
    type: path
  operator_response:
    description:
      - File with the signed token that came back; when not said, the file beside O(operator_request) with C(.response)
        behind its name.
      - It is read when a change of the operator is due and the root key is not in the store, refused with reasons
        where it is not signed by that key, not later than the token in force, or not what the tree wants now, and
        removed once it is in force.
    type: path
"""

    ENTITY = r"""
options:
  renew_before:
    description: >-
      How long before its end it is issued again; a third of the lifetime when not said. Written as duration
      such as 12h, 90d or 1y.
    type: raw
  tags:
    description: 'Tags. Written as list of: tag, written in lower case.'
    type: list
    elements: str
"""

    MEMBER = r"""
options:
  operator:
    description: Name of the operator. Needed only where the store holds several.
    type: str
  state:
    description: Whether it is there, or is revoked and removed.
    type: str
    choices: [present, absent]
    default: present
  expires:
    description: >-
      Lifetime of its token, from issue; never when not said. Written as duration such as 12h, 90d or 1y.
    type: raw
  not_before:
    description: >-
      From when its token is taken; from issue when not said. Written as time such as "2026-11-23T12:00:00Z".
    type: raw
"""
