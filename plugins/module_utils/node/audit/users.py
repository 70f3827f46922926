# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is connected to a server, as its monitoring endpoint tells: claims of users, never their tokens.

/connz?auth=1 answers with whole user JWTs. One of a bearer is all that it takes to log in, so it is read here and
does not leave the host.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Container, Iterable, Mapping
from typing import Any, Optional


def connected(connections: Iterable[Mapping[str, Any]], names: Container[str] = ()) -> list[dict[str, Any]]:
    """One entry a user: name, key, account, issuer, permissions, bearer, when it ends; those without a JWT by name.

    names: of the configuration's users. What is none of them is not told: older servers give a token as a user's name.
    """
    found: dict[str, dict[str, Any]] = {}
    for connection in connections:
        name = str(connection.get("authorized_user") or "")
        user = claims_of(str(connection.get("jwt") or "")) or {"name": name if name in names else "", "key": ""}
        entry = {**user, "account": connection.get("account") or "", "connections": 0}
        key = user["key"] or f"{entry['account']}/{user['name']}"
        found.setdefault(key, entry)["connections"] += 1
    return [found[key] for key in sorted(found)]


def claims_of(token: str) -> Optional[dict[str, Any]]:
    """What a user's JWT says; its signature was verified by the server that let the user in."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error):
        return None
    nats = claims.get("nats") if isinstance(claims, dict) else None
    if not isinstance(nats, dict):
        return None
    return {
        "name": str(claims.get("name") or ""),
        "key": str(claims.get("sub") or ""),
        "issuer": str(claims.get("iss") or ""),
        "issuer_account": str(nats.get("issuer_account") or claims.get("iss") or ""),
        "expires": claims.get("exp"),
        **limits_of(nats),
    }


def limits_of(nats: Mapping[str, Any]) -> dict[str, Any]:
    """What a user's claims, or the template of a scoped signing key, let a user do."""
    return {
        "bearer": bool(nats.get("bearer_token")),
        "permissions": permissions_of(nats),
        "source_networks": nats.get("src") or [],
        "connection_types": nats.get("allowed_connection_types") or [],
    }


def permissions_of(nats: Mapping[str, Any]) -> Optional[dict[str, Any]]:
    """Of a user's claims or a signing key's template, as of a configuration's users. None: everything is allowed, or
    the account's signing key says what is."""
    found: dict[str, Any] = {}
    for side, name in (("pub", "publish"), ("sub", "subscribe")):
        said = nats.get(side) or {}
        found[name] = {"allow": said.get("allow") or None, "deny": said.get("deny") or []}
    if nats.get("resp") and found["publish"]["allow"] is None:
        found["publish"]["allow"] = []
    return found if any(part["allow"] is not None or part["deny"] for part in found.values()) else None
