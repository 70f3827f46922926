# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation tokens: what an importer shows where an export wants a token (jwt/v2 activation_claims.go)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from . import subjects, tokens
from .accounts import held_item
from .draft import Draft, Identity
from .sharing import Import
from .tokens import Token
from .tree import Account


def import_tokens(draft: Draft, account: Account, identities: Mapping[str, Identity]) -> list[str]:
    """The token of each import: what the tree gives, what is there, or a new one; empty where none is needed."""
    stored = draft.existing.accounts.get(account.name)
    found: list[str] = []
    for each in account.imports:
        exporter = draft.tree.account(each.account)
        owner = identities[each.account].public_key if exporter else each.account
        claim = {"type": each.type, "account": owner, "subject": each.subject}
        held = str(held_item(claim, stored.token.nats.get("imports") if stored else None).get("token") or "")
        if each.token or exporter is None:
            found.append(each.token or held)
        elif needs_token(each, exporter):
            importer = identities[account.name].public_key
            what = f'the activation of {exporter.name}\'s "{each.subject}" for {account.name}'
            found.append(_activation(draft, identities[exporter.name], claim, (importer, held), what))
        else:
            found.append("")
    return found


def fits(token: Token, wanted: Mapping[str, Any], importer: str) -> bool:
    """Whether a token activates an import, as it stands in the importer's claims (imports.go, Import.Validate)."""
    return (
        token.kind == "activation"
        and token.subject == importer
        and wanted.get("account") in (token.issuer, token.nats.get("issuer_account"))
        and token.nats.get("kind") == wanted.get("type")
        and subjects.covers(str(token.nats.get("subject")), str(wanted.get("subject")))
    )


def needs_token(wanted: Import, exporter: Account) -> bool:
    """Whether the export that an import takes from asks for a token."""
    found = [
        each
        for each in exporter.exports
        if each.type == wanted.type and each.subject and subjects.covers(each.subject, wanted.subject)
    ]
    return any(each.token_required for each in found)


def held_token(text: object) -> Optional[Token]:
    """The activation token of an import, verified; None where there is none that can be read."""
    try:
        return tokens.read(text) if isinstance(text, str) and text else None
    except tokens.TokenProblem:
        return None


def _activation(
    draft: Draft, owner: Identity, wanted: Mapping[str, str], importer_and_held: tuple[str, str], what: str
) -> str:
    """The token that is held, as long as it activates what is wanted; else a new one."""
    importer, text = importer_and_held
    held = held_token(text)
    signers = (*owner.signing_keys, owner.public_key)
    is_valid = held and fits(held, wanted, importer) and held.issuer in (*signers, *owner.roles.values())
    if held and is_valid and (not held.expires or held.expires > draft.now):
        return text
    signer = draft.signer(signers, f"{what} has to be signed")
    if signer is None:
        return text
    nats: dict[str, Any] = {"subject": wanted["subject"], "kind": wanted["type"], "type": "activation", "version": 2}
    if signer.public_key != owner.public_key:
        nats["issuer_account"] = owner.public_key
    issued = max(draft.now, held.issued_at + 1 if held else 0)
    return tokens.sign({"iat": issued, "name": wanted["subject"], "sub": importer, "nats": nats}, signer).text
