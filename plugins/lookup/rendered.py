# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup aegis.nats.rendered: a template's text, without a copy of all variables."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rendered
short_description: The text of a template, rendered with the variables of the host
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - Renders templates as P(ansible.builtin.template#lookup) does, with its defaults.
  - That one copies all variables of the host first, to add some about the file (C(template_path) and so on). With many
    hosts the copy takes longer than the rendering. This one adds none, and copies nothing.
options:
  _terms:
    description: Names of templates, looked for as P(ansible.builtin.template#lookup) looks for them.
    required: true
seealso:
  - plugin: ansible.builtin.template
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Show a configuration
  ansible.builtin.debug:
    msg: "{{ lookup('aegis.nats.rendered', 'nats-server.conf.j2') }}"
"""

RETURN = r"""
_raw:
  description: The texts, in the order of the names.
  type: list
  elements: str
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Optional

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..plugin_utils.templating import render


class LookupModule(LookupBase):  # type: ignore[misc]
    """Ansible's entry point."""

    def run(self, terms: Sequence[str], variables: Optional[Mapping[str, Any]] = None, **kwargs: Any) -> list[str]:
        known = variables or {}
        self.set_options(var_options=known, direct=kwargs)
        return list(self._rendered(terms, known))

    def _rendered(self, terms: Sequence[str], known: Mapping[str, Any]) -> Iterator[str]:
        for term in terms:
            place = self.find_file_in_search_path(known, "templates", term)
            if not place:
                raise AnsibleLookupError(f"{term}: there is no such template")
            # Where the other templates are that it includes.
            searched = known.get("ansible_search_path", [])
            folders = [os.path.join(path, below) for path in searched for below in ("templates", "")]
            yield render(self._templar, place, [os.path.dirname(place), *folders], known)
