# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which variables have the same value on every host, told from their texts alone: those are resolved once for all.

Ansible compiles a template each time that it resolves one. For a hundred hosts with the variables of a role that is
most of what preflight takes, though nearly all of them say the same on each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Optional

from ansible.errors import AnsibleError
from jinja2 import Environment, TemplateSyntaxError, nodes

_PARSER = Environment(autoescape=False, extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"])
#: Who uses these may see more of a host than the names that it writes.
_SEES_ALL = frozenset(("lookup", "query", "q", "vars", "hostvars", "now"))
_MISSING = object()


def shared_names(known: Mapping[str, Mapping[str, Any]], names: Iterable[str]) -> frozenset[str]:
    """Those of ``names`` whose text is the same in the variables of every host, as is all that it refers to."""
    first = next(iter(known.values()))
    sharing = _Sharing(first, _differing(first, known.values()))
    return frozenset(name for name in names if sharing.is_shared(name))


def _differing(first: Mapping[str, Any], others: Iterable[Mapping[str, Any]]) -> set[str]:
    """The names that do not say the same on every host."""
    found: set[str] = set()
    for other in others:
        for name in {*first, *other} - found:
            if not _are_same(first.get(name, _MISSING), other.get(name, _MISSING)):
                found.add(name)
    return found


def _are_same(mine: Any, theirs: Any) -> bool:
    """What can't be compared, such as a vault's text without its secret, is not the same."""
    try:
        return mine is theirs or (type(mine) is type(theirs) and bool(mine == theirs))
    except AnsibleError:
        return False


class _Sharing:
    """Follows what the variables of one host refer to."""

    def __init__(self, known: Mapping[str, Any], differing: set[str]) -> None:
        self._known = known
        # Until it is known, and so in a circle, a name is not shared.
        self._is_shared = dict.fromkeys((*differing, *_SEES_ALL), False)

    def is_shared(self, name: str) -> bool:
        told = self._is_shared.get(name)
        if told is None:
            self._is_shared[name] = False
            told = self._is_shared[name] = self._refers_to_shared(self._known.get(name))
        return told

    def _refers_to_shared(self, value: Any) -> bool:
        names = references(value)
        return names is not None and all(self.is_shared(name) for name in names)


def references(value: Any) -> Optional[set[str]]:
    """The names that the templates in a value write; None where that can't be told."""
    if isinstance(value, str):
        if "{{" not in value and "{%" not in value:
            return set()
        try:
            return {found.name for found in _PARSER.parse(value).find_all(nodes.Name)}
        except TemplateSyntaxError:
            return None
    if isinstance(value, Mapping):
        value = list(value.values())
    if not isinstance(value, (list, tuple)):
        return set()
    names: set[str] = set()
    for each in value:
        found = references(each)
        if found is None:
            return None
        names |= found
    return names
