# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""May a server leave JetStream, what lies on it, and what is still waited for: judged by what the servers said."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from .servers import Asset, Seen


def on(seen: Seen, name: str) -> tuple[Asset, ...]:
    """Streams and consumers that a server has a replica of."""
    return tuple(asset for asset in seen.assets if name in asset.names)


def streams_on(seen: Seen, name: str) -> tuple[Asset, ...]:
    """Streams that a server has a replica of, or that a consumer of theirs keeps there."""
    keys = {(asset.account, asset.stream) for asset in on(seen, name)}
    return tuple(asset for asset in seen.assets if not asset.consumer and (asset.account, asset.stream) in keys)


def obstacles(seen: Seen, name: str) -> list[str]:
    """Everything that keeps a server's streams from being moved off it, before anything is."""
    found = list(quorum(seen, name))
    staying = sorted(member.name for member in seen.meta.others(name) if not member.offline)
    for asset in streams_on(seen, name):
        if not asset.leader:
            found.append(
                f"{asset.label}: has no leader, so it can't be moved: start the servers that hold it "
                f"({', '.join(asset.names)})"
            )
        fit = [server for server in staying if set(asset.tags) <= seen.tags.get(server, frozenset())]
        if len(fit) < asset.replicas:
            tagged = f" with its placement tags {', '.join(asset.tags)}" if asset.tags else ""
            found.append(
                f"{asset.label}: has {asset.replicas} replicas, and only {len(fit)} servers{tagged} would be left "
                f"({', '.join(fit) or 'none'}): lower its num_replicas, or add a server first"
            )
    return found


def quorum(seen: Seen, name: str) -> Iterator[str]:
    """Why JetStream could decide nothing more without a server, where that is so."""
    staying = seen.meta.others(name)
    away = sorted(member.name for member in staying if member.offline)
    if (len(staying) - len(away)) * 2 <= len(staying):
        yield (
            f"without {name}, JetStream's meta group would have {len(staying)} servers, of which {len(away)} are away "
            f"({', '.join(away)}): start them first"
            if staying
            else f"{name} is the only server of JetStream's meta group: there is no other to take its streams"
        )


def waits(asset: Asset, name: str) -> str:
    """What a stream or consumer still waits for until it has left a server; empty when it has, and is complete."""
    behind = [f"replica {member.name} {member.trouble}" for member in asset.members if member.trouble]
    if not asset.leader:
        behind = ["an election"]
    elif name in asset.names and not behind:
        behind = [f"{name}, which still has a replica"]
    return f"{asset.label} waits for {', '.join(behind)}" if behind else ""


def moving(asset: Asset) -> bool:
    """Whether a stream has the replicas of both places just now."""
    return len(asset.members) > asset.replicas


def unnamed(assets: Collection[Asset], named: Collection[str]) -> tuple[Asset, ...]:
    """Streams that nobody named as ``ACCOUNT/STREAM``, by the name of the account or by its public key."""
    return tuple(
        asset
        for asset in assets
        if not {f"{asset.account_name}/{asset.stream}", f"{asset.account}/{asset.stream}"} & set(named)
    )
