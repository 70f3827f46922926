# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Claims in the very bytes of the official library: order, omitted zeros and escapes of Go's encoder (jwt/v2 2.8.2).

A ``Struct`` repeats the order of a Go struct. ``arrange`` brings any claims into that order and leaves out what Go's
``omitempty`` leaves out; what a struct does not know is kept, sorted, behind the rest.
"""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

from . import libraries

Claims = Mapping[str, Any]


@dataclass(frozen=True)
class Struct:
    """The JSON names of a Go struct in order.

    always: written even when empty (structs, and fields without omitempty).
    inner: how the value of a field is arranged; of each element where it is a list.
    maps: fields whose value is a map from names to structs.
    """

    names: tuple[str, ...]
    always: frozenset[str] = frozenset()
    inner: Optional[Mapping[str, Struct]] = None
    maps: frozenset[str] = frozenset()

    @functools.cached_property
    def known(self) -> frozenset[str]:
        return frozenset(self.names)


def _struct(names: str, always: str = "", inner: Optional[Mapping[str, Struct]] = None, maps: str = "") -> Struct:
    return Struct(tuple(names.split()), frozenset(always.split()), inner, frozenset(maps.split()))


_GENERIC = "tags type version"
_PERMISSION = _struct("allow deny")
_RESPONSES = _struct("max ttl", always="max ttl")
_PERMISSION_FIELDS = {"pub": _PERMISSION, "sub": _PERMISSION, "resp": _RESPONSES}
_PERMISSIONS = _struct("pub sub resp", always="pub sub", inner=_PERMISSION_FIELDS)
_USER_LIMITS = "pub sub resp src times times_location subs data payload bearer_token proxy_required"
_TEMPLATE = _struct(
    f"{_USER_LIMITS} allowed_connection_types",
    always="pub sub",
    inner={**_PERMISSION_FIELDS, "times": _struct("start end")},
)
_SCOPE = _struct(
    "kind key role template description", always="kind key role template description", inner={"template": _TEMPLATE}
)
_JETSTREAM_FIELDS = (
    "mem_storage disk_storage streams consumer max_ack_pending mem_max_stream_bytes disk_max_stream_bytes "
    "max_bytes_required"
)
_JETSTREAM = _struct(_JETSTREAM_FIELDS)
JETSTREAM_NAMES = frozenset(_JETSTREAM.names)
_LIMITS = _struct(
    f"subs data payload imports exports wildcards disallow_bearer conn leaf {_JETSTREAM_FIELDS} tiered_limits",
    inner={"tiered_limits": _JETSTREAM},
    maps="tiered_limits",
)
_EXPORT = _struct(
    "name subject type token_req revocations response_type response_threshold service_latency account_token_position "
    "advertise allow_trace description info_url",
    inner={"service_latency": _struct("sampling results", always="sampling results")},
)
_IMPORT = _struct("name subject account token to local_subject type share allow_trace")
_SERVER = _struct("name host id version cluster tags xkey", always="name host id")

_BY_TYPE = {
    "operator": _struct(
        "signing_keys account_server_url operator_service_urls system_account assert_server_version "
        f"strict_signing_key_usage {_GENERIC}"
    ),
    "account": _struct(
        "imports exports limits signing_keys revocations default_permissions mappings authorization trace "
        f"cluster_traffic description info_url {_GENERIC}",
        always="limits default_permissions authorization",
        inner={
            "imports": _IMPORT,
            "exports": _EXPORT,
            "limits": _LIMITS,
            "signing_keys": _SCOPE,
            "default_permissions": _PERMISSIONS,
            "mappings": _struct("subject weight cluster", always="subject"),
            "authorization": _struct("auth_users allowed_accounts xkey"),
            "trace": _struct("dest sampling"),
        },
        maps="mappings",
    ),
    "user": _struct(
        f"{_USER_LIMITS} allowed_connection_types issuer_account {_GENERIC}",
        always="pub sub",
        inner={**_PERMISSION_FIELDS, "times": _struct("start end")},
    ),
    "activation": _struct(f"subject kind issuer_account {_GENERIC}"),
    "authorization_request": _struct(
        f"server_id user_nkey client_info connect_opts client_tls request_nonce {_GENERIC}",
        always="server_id user_nkey client_info connect_opts",
        inner={"server_id": _SERVER},
    ),
    "authorization_response": _struct(f"jwt error issuer_account {_GENERIC}"),
}
_STANDARD = _struct("aud exp jti iat iss name nbf sub")


def encode(claims: Claims) -> bytes:
    """The payload of a token: exactly the bytes that the official library writes for these claims."""
    return encode_arranged(arrange(claims))


def encode_arranged(ordered: Claims) -> bytes:
    """The payload of claims that ``arrange`` has ordered."""
    return _go_json(ordered)


def arrange(claims: Claims) -> dict[str, Any]:
    """Standard claims, then ``nats``, in the library's order and without what it omits."""
    nats = _sorted_lists(claims.get("nats", {}))
    kind = _BY_TYPE.get(nats.get("type", ""))
    ordered = _arranged(_STANDARD, {name: value for name, value in claims.items() if name != "nats"})
    ordered["nats"] = _arranged(kind, nats) if kind else {name: nats[name] for name in sorted(nats)}
    return ordered


def token_id(claims: Claims) -> str:
    """``jti``: base32 of SHA-512/256 over the standard claims without ``jti`` and ``nats`` (claims.go, encode)."""
    standard = {name: claims[name] for name in claims if name not in ("jti", "nats")}
    digest = libraries.sha512_256(_go_json(_arranged(_STANDARD, standard)))
    return base64.b32encode(digest).decode().rstrip("=")


def _sorted_lists(nats: Claims) -> Claims:
    """The library sorts what an account exports, imports and signs with before it encodes."""
    if nats.get("type") != "account":
        return nats
    orders = {"exports": _subject, "imports": _subject, "signing_keys": _key}
    found = {name: sorted(nats[name], key=order) for name, order in orders.items() if nats.get(name)}
    return {**nats, **found}


def _arranged(struct: Struct, value: Claims) -> dict[str, Any]:
    inner = struct.inner or _NOTHING
    ordered: dict[str, Any] = {}
    unknown = sorted(name for name in value if name not in struct.known)
    for name in (*struct.names, *unknown) if unknown else struct.names:
        raw = value.get(name)
        if name in struct.always:
            ordered[name] = _arranged(inner[name], {}) if raw is None and name in inner else _content(struct, name, raw)
        elif raw is not None:
            content = _content(struct, name, raw)
            if not _empty(content):
                ordered[name] = content
    return ordered


_NOTHING: Mapping[str, Struct] = {}
_SCALARS = (str, int, float, bool, type(None))


def _content(struct: Struct, name: str, value: Any) -> Any:
    if isinstance(value, _SCALARS):
        return value
    return _arranged_content((struct.inner or _NOTHING).get(name), value, name in struct.maps)


def _arranged_content(struct: Optional[Struct], value: Any, is_map: bool) -> Any:
    if isinstance(value, _SCALARS):
        return value
    if isinstance(value, Mapping):
        if struct is None or is_map:
            return {name: _arranged_content(struct, value[name], False) for name in sorted(value)}
        return _arranged(struct, value)
    if isinstance(value, (list, tuple)):
        return [_arranged_content(struct, item, False) for item in value]
    return value


def _empty(value: Any) -> bool:
    # Go's omitempty: false, 0, "", null, and lists and maps without elements.
    return value is None or value is False or (isinstance(value, (int, str, list, dict)) and not value)


def _subject(item: Any) -> str:
    return str(item.get("subject", "")) if isinstance(item, Mapping) else ""


def _key(item: Any) -> str:
    return str(item.get("key", "")) if isinstance(item, Mapping) else str(item)


def _go_json(value: Any) -> bytes:
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode()
