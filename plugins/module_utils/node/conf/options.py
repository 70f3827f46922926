# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which options nats-server knows: where each may stand, its other names, and since which release.

An unknown option is an error to nats-server, so a configuration depends on the version it is for. Source: opts.go of
the releases (see option_table), and for the shape of blocks the facts measured against real servers.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping

from ...plan.problems import Problem, join
from .option_table import OPTIONS

_SINCE: dict[str, dict[str, str]] = {
    block: {option: release for release, options in releases.items() for option in options.split()}
    for block, releases in OPTIONS.items()
}

# Which block opens under an option; "named" blocks hold any names with such a block under each.
_TLS = {"tls": "tls"}
_CHILDREN: dict[str, dict[str, str]] = {
    "top": {
        **_TLS,
        "accounts": "named account",
        "authorization": "authorization",
        "cluster": "cluster",
        "gateway": "gateway",
        "jetstream": "jetstream",
        "leafnodes": "leafnodes",
        "mqtt": "mqtt",
        "proxies": "proxies",
        "resolver": "resolver",
        "resolver_tls": "tls",
        "websocket": "websocket",
    },
    "account": {
        "default_permissions": "permissions",
        "exports": "export",
        "imports": "import",
        "jetstream": "account_jetstream",
        "limits": "account_limits",
        "msg_trace": "msg_trace",
        "users": "user",
    },
    "authorization": {
        "auth_callout": "auth_callout",
        "default_permissions": "permissions",
        "users": "user",
    },
    "cluster": {
        **_TLS,
        "authorization": "cluster_authorization",
        "compression": "compression",
        "permissions": "permissions",
    },
    "gateway": {**_TLS, "authorization": "cluster_authorization", "gateways": "gateway_remote"},
    "gateway_remote": _TLS,
    "jetstream": {"limits": "jetstream_limits", "tpm": "tpm"},
    "jetstream_limits": {"batch": "jetstream_limits_batch"},
    "leaf_authorization": {"users": "leaf_user"},
    "leaf_remote": {**_TLS, "compression": "compression"},
    "leafnodes": {
        **_TLS,
        "authorization": "leaf_authorization",
        "compression": "compression",
        "remotes": "leaf_remote",
    },
    "mqtt": {**_TLS, "authorization": "simple_authorization"},
    "permissions": {"allow_responses": "allow_responses", "publish": "subjects", "subscribe": "subjects"},
    "proxies": {"trusted": "trusted_proxy"},
    "user": {"permissions": "permissions"},
    "websocket": {**_TLS, "authorization": "simple_authorization"},
}
_SINCE["cluster_authorization"] = dict.fromkeys(("user", "username", "pass", "password", "timeout"), "2.0.0")

_LOGIN = "username=user pass=password"
_LISTENER = "net=host"
_ALIASES: dict[str, str] = {
    "top": (
        "net=host monitor_port=http_port pidfile=pid_file system=system_account no_system=no_system_account "
        "no_sys_acc=no_system_account logfile=log_file logfile_size_limit=log_size_limit logfile_max_num=log_max_num "
        "max_conn=max_connections max_subs=max_subscriptions max_subscription_tokens=max_sub_tokens "
        "no_sublist_cache=disable_sublist_cache operators=operator roots=operator root=operator "
        "root_operators=operator root_operator=operator trusted=trusted_keys account_resolver=resolver "
        "accounts_resolver=resolver leaf=leafnodes ws=websocket maps=mappings storedir=store_dir"
    ),
    "account": "maps=mappings trace_dest=msg_trace",
    "account_limits": "max_conn=max_connections max_subs=max_subscriptions max_pay=max_payload max_leafs=max_leafnodes",
    "auth_callout": "users=auth_users acc=account key=xkey",
    "authorization": f"{_LOGIN} permissions=default_permissions default_permission=default_permissions "
    "auth_hook=auth_callout",
    "cluster": f"{_LISTENER} cluster_advertise=advertise",
    "cluster_authorization": _LOGIN,
    "gateway": f"{_LISTENER} reject_unknown=reject_unknown_cluster",
    "gateway_remote": "url=urls",
    "jetstream": (
        "enable=enabled disable=disabled store=store_dir storedir=store_dir max_mem=max_memory_store "
        "max_mem_store=max_memory_store max_file=max_file_store ek=key encryption_key=key "
        "prev_ek=prev_encryption_key prev_key=prev_encryption_key sync=sync_interval"
    ),
    "leaf_authorization": _LOGIN,
    "leaf_remote": (
        "url=urls local=account creds=credentials seed=nkey deny_import=deny_imports deny_export=deny_exports "
        "dont_randomize=no_randomize js_cluster_migrate=jetstream_cluster_migrate isolate=isolate_leafnode_interest "
        "ws_compress=ws_compression websocket_compress=ws_compression websocket_compression=ws_compression "
        "websocket_no_masking=ws_no_masking"
    ),
    "leaf_user": _LOGIN,
    "leafnodes": f"{_LISTENER} leafnode_advertise=advertise reconnect_delay=reconnect reconnect_interval=reconnect "
    "minimum_version=min_version isolate=isolate_leafnode_interest",
    "mqtt": f"{_LISTENER} authentication=authorization ackwait=ack_wait api_timeout=js_api_timeout "
    "max_inflight=max_ack_pending consumer_auto_cleanup=consumer_inactive_threshold",
    "permissions": "pub=publish import=publish sub=subscribe export=subscribe publish_allow_responses=allow_responses",
    "simple_authorization": _LOGIN,
    "tls": "certificates=certs first=handshake_first immediate=handshake_first",
    "trusted_proxy": "public_key=key",
    "user": f"{_LOGIN} permission=permissions authorization=permissions clients=allowed_connection_types "
    "connection_types=allowed_connection_types",
    "websocket": f"{_LISTENER} compress=compression authentication=authorization origins=allowed_origins "
    "origin=allowed_origins allowed_origin=allowed_origins allow_origins=allowed_origins "
    "allow_origin=allowed_origins",
}
_CANONICAL: dict[str, dict[str, str]] = {
    block: dict(pair.split("=") for pair in pairs.split()) for block, pairs in _ALIASES.items()
}


def canonical(block: str, option: str) -> str:
    """The first name of an option of a block; option names ignore case."""
    name = option.lower()
    return _CANONICAL.get(block, {}).get(name, name)


def child_block(block: str, option: str) -> str:
    """The block that opens under an option, ``named x`` for a map of names with an x under each, or nothing."""
    return _CHILDREN.get(block, {}).get(canonical(block, option), "")


def version_tuple(version: str) -> tuple[int, ...]:
    """``v2.12.8-beta.1`` is (2, 12, 8). Raises ValueError for what is no version."""
    match = re.match(r"v?(\d+)\.(\d+)\.(\d+)", version)
    if not match:
        raise ValueError(f"{version!r} is not a version: write it like 2.15.1")
    return tuple(int(part) for part in match.groups())


def problems_for_version(config: Mapping[str, object], version: str) -> list[Problem]:
    """Options that a nats-server of ``version`` does not know, each with its path in ``config``.

    Values are not looked at, nor what stands below options whose keys are free (tags, mappings, headers).
    """
    return list(_walk(config, "top", "", version_tuple(version), version))


def _walk(
    config: Mapping[str, object], block: str, path: str, wanted: tuple[int, ...], version: str
) -> Iterator[Problem]:
    known = _SINCE[block]
    for option, value in config.items():
        here = join(path, str(option))
        since = known.get(str(option).lower())
        if since is None:
            yield Problem(here, _unknown(str(option), known))
            continue
        if version_tuple(since) > wanted:
            yield Problem(
                here, f"nats-server {version} does not know this option, {since} is the first that does: leave it out"
            )
            continue
        child = child_block(block, str(option))
        for step, inner in _below(value, child):
            yield from _walk(inner, child.split()[-1], join(here, step), wanted, version)


def _below(value: object, child: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The blocks under an option: one, one a list item, or one a name."""
    if not child:
        return
    if child.startswith("named ") and isinstance(value, Mapping):
        yield from ((str(name), inner) for name, inner in value.items() if isinstance(inner, Mapping))
    elif isinstance(value, Mapping):
        yield "", value
    elif isinstance(value, (list, tuple)):
        yield from ((f"[{index}]", inner) for index, inner in enumerate(value) if isinstance(inner, Mapping))


def _unknown(option: str, known: Mapping[str, str]) -> str:
    close = difflib.get_close_matches(option.lower(), known, n=1)
    return "no nats-server knows this option" + (f", did you mean {close[0]}?" if close else "")
