# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb of aegis.nats.node_audit: what can be seen of a server's security on its host. It changes nothing."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Optional

from ..plan.errors import NatsError
from ..plan.verb import Outcome, Surroundings, Verb
from . import at_rest, expiry
from .audit import configuration, logs, places, process, unit, users
from .host import binary_version
from .keys.der import read_certificate
from .monitor import HttpMonitor, Unreachable

_SPEC: Mapping[str, Any] = {
    "pid": {"type": "int"},
    "pid_file": {"type": "path"},
    "monitor": {"type": "str"},
    "monitor_ca": {"type": "path"},
    "search": {"type": "list", "elements": "path", "default": ["/etc/nats"]},
    "timeout": {"type": "float", "default": 5.0},
}
MOST_TOKENS = 5000
#: What /varz says that an audit asks about.
_TOLD = (
    "server_name",
    "version",
    "config_load_time",
    "system_account",
    "routes",
)
_MOST_CONNECTIONS = 10_000


def _run(params: Mapping[str, Any], _surroundings: Surroundings) -> Outcome:
    pid = _pid(params)
    found = process.look(pid)
    if found is None:
        raise NatsError(f"process {pid} can't be looked at: run this as root (become: true), or as the server's user")
    loaded, why = _loaded(found)
    said = configuration.facts(loaded, found.folder) if loaded else {}
    monitor = _monitor(params, said)
    varz = _asked(monitor, "/varz")
    return Outcome(
        values={
            "hostname": socket.gethostname(),
            "process": {
                "pid": found.pid,
                "user": found.user,
                "program": found.program,
                "version": varz.get("version") or _version(found.program),
                "secrets_in_words": found.secret_words,
                "config": found.config,
                "sockets": [{"address": address, "port": port} for address, port in found.sockets],
            },
            "config": {
                "read": loaded is not None,
                "why": why,
                "changed_at": loaded.changed_at if loaded else None,
                "deployed": _deployed(found.config, varz),
                **said,
            },
            "server": _server(varz),
            "connected": users.connected(_connections(monitor), _names(said)),
            "files": [asdict(place) for place in _places(found, loaded, said, params["search"])],
            "certificates": _certificates(said),
            "log": _log(said),
            "store": _store(said, varz, found.folder),
            "tokens": [*_tokens(said), *(configuration.preloaded(loaded) if loaded else [])],
            "unit": unit.look(unit.unit_of(found.pid) or "", found.pid),
        }
    )


def _pid(params: Mapping[str, Any]) -> int:
    """The server's process: that of the task, or the only one that there is."""
    if params["pid"]:
        return int(params["pid"])
    if params["pid_file"]:
        try:
            return int(Path(params["pid_file"]).read_text(encoding="ascii"))
        except (OSError, ValueError) as error:
            raise NatsError(f"pid_file: {params['pid_file']} has no process number: is the server running?") from error
    pids = process.running()
    if len(pids) != 1:
        count = "no" if not pids else "more than one"
        raise NatsError(f"there is {count} process of nats-server here: start it, or say which with pid_file or pid")
    return pids[0]


def _loaded(found: process.Process) -> tuple[Optional[configuration.Loaded], str]:
    if found.config is None:
        return None, "it was started without a configuration file"
    try:
        return configuration.load(found.config, found.environment), ""
    except (configuration.ConfigError, OSError) as error:
        return None, f"{found.config} can't be read: {error}"


def _deployed(config: Optional[str], varz: Mapping[str, Any]) -> dict[str, bool]:
    """Of a configuration that the collection has deployed: in which way the server or the disk is away from it."""
    place = Path(config or "")
    if place.parent.name != "current":
        return {}
    return dict(expiry.drift(str(place.parent.parent), lambda: varz))


def _monitor(params: Mapping[str, Any], said: Mapping[str, Any]) -> Optional[HttpMonitor]:
    """Where the task says, or else where the server listens itself."""
    url = params["monitor"]
    for listener in said.get("listeners", []):
        if not url and listener["kind"] == "monitoring":
            address = "127.0.0.1" if listener["address"] in ("0.0.0.0", "::") else listener["address"]
            host = f"[{address}]" if ":" in address else address
            url = f"{'https' if listener['tls'] is not None else 'http'}://{host}:{listener['port']}"
    return HttpMonitor(url, params["timeout"], params["monitor_ca"]) if url else None


def _asked(monitor: Optional[HttpMonitor], path: str) -> Mapping[str, Any]:
    try:
        return monitor.raw(path) if monitor else {}
    except Unreachable:
        return {}


def _version(program: str) -> str:
    """What the program says that it is; nothing where it does not."""
    try:
        return binary_version(program)
    except NatsError:
        return ""


def _server(varz: Mapping[str, Any]) -> dict[str, Any]:
    operators = [
        {
            "name": str(claims.get("name") or ""),
            "key": str(claims.get("sub") or ""),
            "signing_keys": list((claims.get("nats") or {}).get("signing_keys") or []),
            "strict": bool((claims.get("nats") or {}).get("strict_signing_key_usage")),
            "expires": claims.get("exp"),
        }
        for claims in varz.get("trusted_operators_claim") or []
        if isinstance(claims, Mapping)
    ]
    return {"reached": bool(varz), **{name: varz[name] for name in _TOLD if name in varz}, "operators": operators}


def _connections(monitor: Optional[HttpMonitor]) -> Sequence[Mapping[str, Any]]:
    found = _asked(monitor, f"/connz?auth=1&limit={_MOST_CONNECTIONS}").get("connections")
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _names(said: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(user["name"] for user in configuration.users(said))


def _places(
    found: process.Process, loaded: Optional[configuration.Loaded], said: Mapping[str, Any], search: Sequence[str]
) -> list[places.Place]:
    """Every file that matters; those that are as they should be count too."""
    wanted: list[tuple[str, str, bool]] = [(path, "configuration", False) for path in (loaded.files if loaded else [])]
    for listener in said.get("listeners", []):
        keys = [pair["key_file"] for pair in configuration.pairs(listener["tls"]) if pair.get("key_file")]
        wanted += [(str(key), "private key", False) for key in keys]
    for what, path in (
        ("log", (said.get("logging") or {}).get("log_file")),
        ("resolver", _dir(said)),
        ("data", _store_dir(said)),
    ):
        wanted += [(str(path), what, False)] if path else []
    looked = [places.look(path, what, found.user, readable) for path, what, readable in dict.fromkeys(wanted)]
    return [place for place in looked if place] + places.lying_about(search, found.user)


def _certificates(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for listener in said.get("listeners", []):
        for path in (pair["cert_file"] for pair in configuration.pairs(listener["tls"])):
            try:
                facts = read_certificate(Path(path).read_text(encoding="ascii"))
            except (OSError, ValueError, IndexError):
                continue
            ends = facts.not_after.strftime("%Y-%m-%dT%H:%M:%SZ")
            found.append({"kind": listener["kind"], "path": path, "serial": facts.serial, "not_after": ends})
    return found


def _log(said: Mapping[str, Any]) -> dict[str, Any]:
    logging = said.get("logging") or {}
    path = logging.get("log_file")
    found: dict[str, Any] = {"path": path, "secrets": [], "read": False}
    if path:
        with contextlib.suppress(OSError):
            found.update(secrets=logs.search(str(path)), read=True)
    turned = logs.turned_over_by(str(path) if path else None, logging)
    return {
        **found,
        "turned_over_by": turned,
        "shipped_by": logs.shippers(logs.programs()),
        "traces": bool(logging.get("trace")),
    }


def _store(said: Mapping[str, Any], varz: Mapping[str, Any], base: str) -> Optional[dict[str, Any]]:
    """What lies in JetStream's folder, judged by its bytes; None without JetStream."""
    folder = ((varz.get("jetstream") or {}).get("config") or {}).get("store_dir") or _store_dir(said)
    if not folder:
        return None
    folder = os.path.join(base, folder)
    if not os.access(folder, os.R_OK | os.X_OK):
        return {"path": folder, "read": False}
    looked = at_rest.look(Path(folder))
    plaintext = [{"path": path, "why": why} for path, why in looked.plaintext[:20]]
    return {"path": folder, "read": True, "stores": looked.stores, "blocks": looked.blocks, "plaintext": plaintext,
            "in_plaintext": len(looked.plaintext), "indexes": len(looked.indexes)}  # fmt: skip


def _store_dir(said: Mapping[str, Any]) -> Optional[str]:
    jetstream = said.get("jetstream") or {}
    return f"{str(jetstream['store_dir']).rstrip('/')}/jetstream" if jetstream.get("store_dir") else None


def _dir(said: Mapping[str, Any]) -> Optional[str]:
    return (said.get("resolver") or {}).get("dir")


def _tokens(said: Mapping[str, Any]) -> list[dict[str, str]]:
    """The JWTs of accounts that the resolver holds; they are public."""
    folder = _dir(said)
    found = []
    for path in sorted(Path(folder).rglob("*.jwt"))[:MOST_TOKENS] if folder else []:
        try:
            found.append({"file": path.name, "token": path.read_text(encoding="ascii").strip()})
        except (OSError, ValueError):
            found.append({"file": path.name, "token": ""})
    return found


AUDIT = Verb(name="node_audit", argument_spec=_SPEC, run=_run, local_paths=())
