# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rendering a template of a role, as ansible-core 2.18 does it and as later ones do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

try:
    from ansible.template import trust_as_template
except ImportError:
    # ansible-core 2.18 trusts all text, and has to be told to leave it as it is.
    def trust_as_template(value: str) -> str:
        return value

    _AS_IT_IS: dict[str, bool] = {"preserve_trailing_newlines": True, "convert_data": False}
else:
    _AS_IT_IS = {}


def render(templar: Any, place: str, folders: Sequence[str], known: Mapping[str, Any]) -> str:
    """The text of the template at ``place``. folders: where those are that it includes; known: the variables."""
    text = trust_as_template(Path(place).read_text(encoding="utf-8"))
    own = templar.copy_with_new_env(searchpath=list(folders), available_variables=known)
    return str(own.template(text, escape_backslashes=False, **_AS_IT_IS))
