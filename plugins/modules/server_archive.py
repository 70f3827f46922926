#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: server_archive
author: aegis.nats contributors (@aegis-nats)
version_added: 0.1.0
short_description: The official release of nats-server, fetched once to the controller for all hosts
description:
  - Looks at all hosts of the play and fetches each release archive that one of them needs, one for each version and
    architecture, from a mirror.
  - An archive is used only after its SHA-256 is proven, against the mirror's list of checksums or a checksum from the
    inventory. What was fetched is kept in the cache, and proven again before each use.
  - Runs on the controller, inside the Ansible process; it connects to no host. In check mode nothing is fetched.
options:
  variable:
    description:
      - Name of a variable of the role that tells for each host what it needs. Empty where it needs nothing, otherwise a
        dictionary with the key V(archive), which has the keys V(url) (the mirror's folder), V(name) (of the archive,
        without C(.tar.gz)) and V(checksums) (name of the list in that folder, or V(sha256:...)). V(program) is the name
        of another program than C(nats-server), V(prefix) that of the variables that its role is told by.
    type: str
    required: true
  cache:
    description: Folder on the controller for the archives and the programs in them. It is made when it is missing.
    type: path
    required: true
attributes:
  action:
    description: Runs on the controller.
    support: full
  check_mode:
    description: Tells what would be fetched, from what is in the cache.
    support: full
  diff_mode:
    description: Has nothing to show.
    support: none
extends_documentation_fragment: []
"""

EXAMPLES = r"""
- name: Fetch the releases that hosts need
  aegis.nats.server_archive:
    variable: __nats_server_archive
    cache: "{{ inventory_dir }}/nats/downloads"
  run_once: true
  register: nats_server_archives
"""

RETURN = r"""
archives:
  description: The archives that hosts need, by their names.
  type: dict
  returned: success
  contains:
    NAME:
      description: One archive.
      type: dict
      contains:
        binary:
          description: Where the program lies on the controller, or will lie after a run that is not in check mode.
          type: str
        is_there:
          description: Whether it lies there.
          type: bool
reasons:
  description: What was fetched, or would be.
  type: list
  elements: str
  returned: success
"""
