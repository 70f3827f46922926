# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a user hears replies: a prefix of its own instead of ``_INBOX``, under which everybody else's arrive too."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Optional

from .subjects import covers

_USUAL = "_INBOX.id.reply"
#: Also written without quotes into files that a shell reads, and taken by the libraries of all languages.
PREFIX = re.compile(r"_INBOX[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*\Z")
_TEMPLATES = {"{{name()}}": "name", "{{subject()}}": "sub"}


def own_inbox(subscribe: Sequence[str]) -> Optional[str]:
    """X of a rule ``X.>`` where X begins with _INBOX; None where the usual prefix is allowed, or no such rule is.

    subscribe: subjects that the user may subscribe to, as a token has them.
    """
    if any(covers(rule, _USUAL) for rule in subscribe):
        return None
    found = (rule.removesuffix(".>") for rule in subscribe if rule.endswith(".>"))
    return next((prefix for prefix in found if PREFIX.match(prefix)), None)


def inbox_of(user: Mapping[str, Any], template: Optional[Mapping[str, Any]] = None) -> Optional[str]:
    """The prefix that a user's claims leave it. template: of the signing key that gives it its role, if one does.

    Of the functions that a template may call, those that ask for the user itself are followed.
    """
    rights = user.get("nats") or {} if template is None else template
    allow = (rights.get("sub") or {}).get("allow") or []
    return own_inbox([_filled(str(rule), user) for rule in allow])


def _filled(rule: str, user: Mapping[str, Any]) -> str:
    for call, claim in _TEMPLATES.items():
        rule = rule.replace(call, str(user.get(claim, "")))
    return rule
