# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""nats_server_extra_config: every option that has no variable, and none that has one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...plan.problems import join
from ...plan.units import duration, nanoseconds
from ..conf.normal import DURATIONS
from ..conf.options import canonical, child_block, problems_for_version
from ..conf.show import is_secret
from .reader import PREFIX, Reader

# Options that the role writes -> the variable that they come from (or the words for what else decides).
VARIABLES = {
    "accounts": "accounts",
    "authorization.auth_callout": "callout",
    "authorization.default_permissions": "default_permissions",
    "authorization.password": "users",
    "authorization.timeout": "authorization_timeout",
    "authorization.token": "token",
    "authorization.user": "users",
    "authorization.users": "users",
    "client_advertise": "client_advertise",
    "cluster.advertise": "cluster_advertise",
    "cluster.authorization.password": "cluster_password",
    "cluster.authorization.timeout": "cluster_timeout",
    "cluster.authorization.user": "cluster_user",
    "cluster.compression": "cluster_compression",
    "cluster.connect_retries": "cluster_connect_retries",
    "cluster.host": "cluster_host",
    "cluster.listen": "cluster_host",
    "cluster.name": "cluster_name",
    "cluster.no_advertise": "cluster_no_advertise",
    "cluster.pool_size": "cluster_pool_size",
    "cluster.port": "cluster_port",
    "cluster.routes": "cluster_routes",
    "cluster.tls.ca_file": "tls_files",
    "cluster.tls.cert_file": "tls_files",
    "cluster.tls.cipher_suites": "cluster_tls_cipher_suites",
    "cluster.tls.curve_preferences": "cluster_tls_curve_preferences",
    "cluster.tls.key_file": "tls_files",
    "cluster.tls.min_version": "cluster_tls_min_version",
    "cluster.tls.pinned_certs": "cluster_tls_pinned_certs",
    "cluster.tls.timeout": "cluster_tls_timeout",
    "cluster.tls.verify": "cluster_tls",
    "debug": "debug",
    "host": "host",
    "http": "monitoring_host",
    "http_base_path": "monitoring_base_path",
    "http_port": "monitoring_port",
    "jetstream.cipher": "jetstream_cipher",
    "jetstream.disabled": "jetstream",
    "jetstream.domain": "jetstream_domain",
    "jetstream.enabled": "jetstream",
    "jetstream.key": "jetstream_key",
    "jetstream.max_file_store": "jetstream_max_file",
    "jetstream.max_memory_store": "jetstream_max_memory",
    "jetstream.max_outstanding_catchup": "jetstream_max_outstanding_catchup",
    "jetstream.store_dir": "jetstream_dir",
    "jetstream.sync_interval": "jetstream_sync_interval",
    "jetstream.unique_tag": "jetstream_unique_tag",
    "lame_duck_duration": "lame_duck_duration",
    "lame_duck_grace_period": "lame_duck_grace_period",
    "listen": "host",
    "log_file": "log_file",
    "log_max_num": "log_max_num",
    "log_size_limit": "log_size_limit",
    "logtime": "log_utc",
    "logtime_utc": "log_utc",
    "max_connections": "max_connections",
    "max_control_line": "max_control_line",
    "max_payload": "max_payload",
    "max_pending": "max_pending",
    "max_subscriptions": "max_subscriptions",
    "ocsp": "ocsp",
    "operator": "operator_jwt",
    "pid_file": "run_dir",
    "ping_interval": "ping_interval",
    "ping_max": "ping_max",
    "port": "port",
    "resolver": "resolver_dir",
    "resolver_preload": "resolver_preload",
    "server_metadata": "metadata",
    "server_name": "name",
    "server_tags": "tags",
    "system_account": "system_account",
    "tls.ca_file": "tls_files",
    "tls.cert_file": "tls_files",
    "tls.cipher_suites": "tls_cipher_suites",
    "tls.connection_rate_limit": "tls_connection_rate_limit",
    "tls.curve_preferences": "tls_curve_preferences",
    "tls.handshake_first": "tls_handshake_first",
    "tls.key_file": "tls_files",
    "tls.min_version": "tls_min_version",
    "tls.pinned_certs": "tls_pinned_certs",
    "tls.timeout": "tls_timeout",
    "tls.verify": "tls_verify",
    "tls.verify_and_map": "tls_verify_and_map",
    "trace": "trace",
    "write_deadline": "write_deadline",
}
# Blocks that are there only when a variable says so: an option for a block that is not written would be lost.
_SWITCHES = {"cluster": "cluster", "cluster.tls": "cluster_tls", "jetstream": "jetstream", "tls": "tls"}
_NUMBERS = frozenset(("max_payload", "max_traced_msg_len", "max_control_line", "max_pending", "log_size_limit"))
_SECONDS_TOO = frozenset(("timeout", "sync_interval"))
# Users of the configuration beside an operator: the server does not start.
_WITHOUT_OPERATOR = frozenset(
    (
        "authorization.password",
        "authorization.token",
        "authorization.user",
        "authorization.users",
        "no_auth_user",
        "trusted_keys",
    )
)
_WEAK = {
    "allow_non_tls": "clients may talk in clear text beside TLS",
    "no_auth_user": "clients without credentials are let in",
    "prof_port": "profiling has no authentication",
    "proxy_protocol": "any peer may claim any client address",
    "websocket.no_tls": "browsers talk to the server in clear text",
}


def check(server: Reader) -> None:
    extra = server.mapping("extra_config")
    release = server.text("version")
    seen: set[str] = set()
    for path, plain, value in walk(extra, "top", "", ""):
        if plain in _WITHOUT_OPERATOR and server.raw("auth") in (None, "operator"):
            seen.add(path)
            server.wrong("extra_config", "can't stand beside an operator: users come from the trust tree", f".{path}")
            continue
        variable = VARIABLES.get(plain)
        if variable is not None:
            seen.add(path)
            server.wrong("extra_config", f"the role writes this option: set {PREFIX}{variable} instead", f".{path}")
            continue
        if plain in ("https", "https_port") and server.flag("monitoring", default=True):
            server.wrong(
                "extra_config",
                "can't stand beside plain monitoring, the server would not start: leave it out, or set "
                f"{PREFIX}monitoring to false",
                f".{path}",
            )
        _switch(server, path, plain)
        _value(server, path, plain, value)
    if not release:
        return
    try:
        unknown = problems_for_version(extra, release)
    except ValueError:
        return  # told as a problem of the version
    server.take([problem for problem in unknown if problem.path not in seen], "extra_config")


def walk(options: Mapping[str, object], block: str, path: str, plain: str) -> Iterator[tuple[str, str, object]]:
    """Every option: its path as written, its path by first names, its value. Stops at what has a variable."""
    for option, value in options.items():
        here, first = join(path, str(option)), join(plain, canonical(block, str(option)))
        yield here, first, value
        child = child_block(block, str(option)).split(" ")[-1]
        if first in VARIABLES or not child:
            continue
        if isinstance(value, Mapping):
            yield from walk(value, child, here, first)
        for index, entry in enumerate(value if isinstance(value, list) else []):
            if isinstance(entry, Mapping):
                yield from walk(entry, child, f"{here}[{index}]", first)


def _switch(server: Reader, path: str, plain: str) -> None:
    switch = _SWITCHES.get(plain)
    if switch is not None and not server.flag(switch, default=True):
        server.wrong("extra_config", f"has nowhere to go: {PREFIX}{switch} is false", f".{path}")


def _value(server: Reader, path: str, plain: str, value: object) -> None:
    name = plain.rpartition(".")[2]
    below = f".{path}"
    if name in _NUMBERS and isinstance(value, str):
        server.wrong("extra_config", "is text, which nats-server refuses here: write a number of bytes", below)
    if name in DURATIONS:
        _duration(server, name, below, value)
    if isinstance(value, Mapping) and value.get("verify_and_map") is True and value.get("verify") is False:
        server.wrong("extra_config", "verify: false beside verify_and_map: true counts at random: drop verify", below)
    if isinstance(value, str) and is_secret(plain):
        server.warn("extra_config", "is a secret: keep it in Ansible Vault", below)
    if plain in _WEAK and value not in (False, None, ""):
        server.warn("extra_config", _WEAK[plain], below)


def _duration(server: Reader, name: str, below: str, value: object) -> None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if name not in _SECONDS_TOO:
            server.wrong("extra_config", f'is a bare number: write a duration in quotes, such as "{value}s"', below)
        return
    if not isinstance(value, str) or value == "always":
        return
    try:
        nanos = nanoseconds(value)
    except ValueError as error:
        server.wrong("extra_config", str(error), below)
        return
    if any(unit in value for unit in "dwy"):
        server.wrong("extra_config", f"has a unit that nats-server does not know: write {duration(nanos)}", below)
