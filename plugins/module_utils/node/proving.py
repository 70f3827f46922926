# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proofs that a server runs what it was given: a new server answers, or its configuration was loaded anew."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Callable, Optional

from ..plan.errors import NatsError
from .deployment import Deployment
from .monitor import Unreachable, Varz
from .service import LogMark

Digest = Callable[[], Optional[str]]
_REFUSED = "Failed to reload server configuration"
_RELOADED = "Reloaded server configuration"


class NotProved(NatsError):
    """The server did not come to run what it was given; the message carries its last words, without secrets."""


@dataclass(frozen=True)
class Proof:
    """What the server says of itself now; varz is None where it can't be asked. warnings: what is not well yet."""

    varz: Optional[Varz] = None
    warnings: tuple[str, ...] = ()


def any_digest() -> Optional[str]:
    """Where it does not matter what is loaded."""
    return None


def prove_start(deployment: Deployment, before: Optional[Varz], digest: Digest, timeout: float) -> Proof:
    """Wait until a new server answers with the configuration that lies in ``current``, and is healthy.

    One that answers and stays up but is not healthy in time is proved with a warning: a large store takes long to
    recover, and going back to another release would make it begin anew.
    """
    if deployment.monitor is None:
        time.sleep(min(2.0, timeout))
        if deployment.service.state().running:
            return Proof(warnings=("the server stays up; without monitoring nothing more can be proved",))
        raise NotProved("the server did not stay up")
    view = _Start(deployment, before, digest)
    try:
        return _poll(view.look, lambda: deployment.service.state().running, timeout)
    except TimeoutError as error:
        if view.unhealthy is not None and deployment.service.state().running:
            return Proof(view.unhealthy, (f"the server runs, but {view.missing} after {timeout:.0f} s",))
        raise NotProved(f"the server did not come up: {view.missing}") from error


class _Start:
    """What is seen of a server that starts, and what is missing."""

    def __init__(self, deployment: Deployment, before: Optional[Varz], digest: Digest) -> None:
        self.missing = "it does not answer"
        self.unhealthy: Optional[Varz] = None
        self._monitor = deployment.monitor
        self._before = before
        self._digest = digest

    def look(self) -> Optional[Proof]:
        self.unhealthy = None
        if self._monitor is None:
            return None
        try:
            varz = self._monitor.varz()
            # 2.10 wants a meta leader for js-server-only, which the first server of a cluster can't have.
            health = self._monitor.health("js-enabled-only=true")
        except Unreachable as error:
            self.missing = str(error)
            return None
        if self._before is not None and varz.server_id == self._before.server_id:
            self.missing = "the old process still answers"
        elif not _has(varz, self._digest):
            self.missing = f"{varz.name} answers with another configuration: another server has its monitoring port"
        elif not health.ok:
            self.missing = f"/healthz says {health.status} {health.error}"
            self.unhealthy = varz
        else:
            return Proof(varz)
        return None


def prove_reload(
    deployment: Deployment, before: Optional[Varz], digest: Digest, mark: LogMark, timeout: float
) -> Proof:
    """Wait until the time of the loaded configuration moved and its digest is that of ``current``."""

    def look() -> Optional[Proof]:
        varz = deployment.ask_varz()
        if varz is None or before is None or varz.config_load_time == before.config_load_time:
            return None
        return Proof(varz) if _has(varz, digest) else None

    def reloaded() -> Optional[Proof]:
        return Proof(deployment.ask_varz()) if _RELOADED in deployment.service.log_since(mark) else None

    def wanting() -> bool:
        return _REFUSED not in deployment.service.log_since(mark) and deployment.service.state().running

    can_ask = deployment.monitor is not None and before is not None
    try:
        return _poll(look if can_ask else reloaded, wanting, timeout)
    except TimeoutError as error:
        raise NotProved("the server refused to reload, or did not within the time") from error


def _has(varz: Varz, digest: Digest) -> bool:
    """Whether the server runs what it should; before 2.11 neither it nor its check tells."""
    if not varz.config_digest:
        return True
    wanted = digest()
    return wanted is None or wanted == varz.config_digest


def _poll(look: Callable[[], Optional[Proof]], worth_waiting: Callable[[], bool], timeout: float) -> Proof:
    """Ask until there is an answer; TimeoutError when the time is over or the server is gone twice in a row."""
    end, gone, pause = time.monotonic() + timeout, 0, 0.05
    while True:
        proof = look()
        if proof is not None:
            return proof
        gone = 0 if worth_waiting() else gone + 1
        if gone > 1 or time.monotonic() >= end:
            raise TimeoutError
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)
