# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of docs/tree.md, from the fields of the tree. Run as a module it writes them into the page."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

from ansible_collections.aegis.nats.plugins.module_utils.trust import rights, sharing, tree
from ansible_collections.aegis.nats.plugins.module_utils.trust.fields import (
    Block,
    Either,
    Keyed,
    Kind,
    Many,
    Shape,
    Table,
    shape_of,
)

PAGE = Path(__file__).resolve().parents[5] / "docs" / "tree.md"
START, END = "<!-- tables: start -->", "<!-- tables: end -->"
BLOCKS: dict[str, type[Any]] = {
    "operator": tree.Operator,
    "system_account, accounts[]": tree.Account,
    "limits of an account": tree.Limits,
    "limits.jetstream, limits.jetstream_tiers.NAME": tree.JetStream,
    "default_permissions": rights.Permissions,
    "exports[]": sharing.Export,
    "latency of an export": sharing.Latency,
    "revocations of an export": sharing.Withdrawal,
    "imports[]": sharing.Import,
    "signing_keys[]": tree.ScopedKey,
    "template of a signing key": rights.Rights,
    "mappings[]": sharing.Mapped,
    "mappings[].to[]": sharing.Target,
    "trace": tree.Trace,
    "auth_callout": tree.AuthCallout,
    "users[]": tree.User,
    "revocations[]": tree.Revocation,
    "publish": rights.Publish,
    "subscribe": rights.Subscribe,
    "responses": rights.Responses,
    "limits of a user": rights.UserLimits,
    "times[]": rights.TimeRange,
}


def _value(shape: Shape) -> str:
    if isinstance(shape, Kind):
        return shape.label
    if isinstance(shape, Block):
        return "mapping, see below"
    if isinstance(shape, Either):
        return f"{_value(shape.kind)}; or {_value(shape.other)}"
    if isinstance(shape, Table):
        return "mapping from names to mappings, see below"
    return (
        f"list of: {_value(shape.of)}"
        if isinstance(shape, Many) and isinstance(shape.of, Kind)
        else "list of mappings, see below"
    )


def _default(each: Field[Any]) -> str:
    if each.metadata["required"]:
        return "**needed**"
    default, shape = each.default, shape_of(each)
    if default in (None, "", (), MISSING) or isinstance(shape, (Block, Keyed, Many, Table)):
        return ""
    if isinstance(shape, (Kind, Either)):
        default = (shape if isinstance(shape, Kind) else shape.kind).show(default)
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def tables() -> str:
    """Every block with its fields."""
    lines: list[str] = []
    for title, block in BLOCKS.items():
        lines += [f"### {title}", "", str(block.__doc__), ""]
        lines += ["| name | value | default | claim | what it is |", "|---|---|---|---|---|"]
        for each in sorted(fields(block), key=lambda each: not each.metadata["required"] or each.name != "name"):
            claim = f"`{each.metadata['claim']}`" if each.metadata["claim"] else ""
            cells = (f"`{each.name}`", _value(shape_of(each)), _default(each), claim, each.metadata["text"])
            lines.append("| " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    before, _dummy, rest = PAGE.read_text(encoding="utf-8").partition(START)
    PAGE.write_text(f"{before}{START}\n\n{tables()}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
