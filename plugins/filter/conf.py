# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters that write values in the NATS configuration language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.node.conf.accounts import accounts_of, callout_of, permissions_of, users_of
from ..module_utils.node.conf.extra import options_of
from ..module_utils.node.conf.quote import quote
from ..module_utils.node.conf.render import render, render_value


def conf_quote(text: object) -> str:
    """A string literal; a number or a boolean is taken as the text it prints as."""
    if isinstance(text, (bool, int, float)):
        text = str(text).lower() if isinstance(text, bool) else str(text)
    if not isinstance(text, str):
        raise AnsibleFilterError(f"aegis.nats.conf_quote: takes text, not a {type(text).__name__}")
    try:
        return quote(text)
    except ValueError as error:
        raise AnsibleFilterError(f"aegis.nats.conf_quote: {error}") from None


def conf_value(value: object, indent: int = 0) -> str:
    """Any value; the lines after the first are indented by ``indent`` steps of two spaces."""
    try:
        return render_value(value, indent)
    except ValueError as error:
        raise AnsibleFilterError(f"aegis.nats.conf_value: {error}") from None


def conf_options(options: object, indent: int = 0) -> str:
    """A dictionary as options, one a line; null leaves an option out."""
    if not isinstance(options, Mapping):
        raise AnsibleFilterError(f"aegis.nats.conf_options: takes a dictionary, not a {type(options).__name__}")
    try:
        return render(options, indent)
    except ValueError as error:
        raise AnsibleFilterError(f"aegis.nats.conf_options: {error}") from None


def conf_extra(extra: object, block: str = "", indent: int = 0) -> str:
    """The options of ``extra`` that stand directly in a block; without a block, those beside all written blocks."""
    if not isinstance(extra, Mapping):
        raise AnsibleFilterError(f"aegis.nats.conf_extra: takes a dictionary, not a {type(extra).__name__}")
    try:
        return render(options_of(extra, block), indent)
    except ValueError as error:
        raise AnsibleFilterError(f"aegis.nats.conf_extra: {error}") from None


def _in_words(name: str, convert: Callable[[object], Any]) -> Callable[[object], Any]:
    """A filter from the tree's words to those of nats-server; its errors tell the place and never a value."""

    def converted(value: object) -> Any:
        try:
            return convert(value)
        except ValueError as error:
            raise AnsibleFilterError(f"aegis.nats.{name}: {error}") from None

    return converted


_TREE: Mapping[str, Callable[[object], Any]] = {
    "conf_accounts": accounts_of,
    "conf_users": users_of,
    "conf_permissions": permissions_of,
    "conf_callout": callout_of,
}


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters by name."""
        return {
            "conf_quote": conf_quote,
            "conf_value": conf_value,
            "conf_options": conf_options,
            "conf_extra": conf_extra,
            **{name: _in_words(name, convert) for name, convert in _TREE.items()},
        }
