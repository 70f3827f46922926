# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that travel between a store and the machine that has its root key: read, written, removed once served."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional

from ..plan.changes import Plan
from ..plan.errors import StoreError
from ..plan.writing import write_whole
from . import operator_request
from .operator_request import Request
from .operator_token import Elsewhere
from .plan import Planned

CARRYING: dict[str, Any] = {"operator_request": {"type": "path"}, "operator_response": {"type": "path"}}
LOCAL_PATHS = tuple(CARRYING)


class Carried:
    """The files that a task names; without names there are none. params: of the task."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        request, response = params.get("operator_request"), params.get("operator_response")
        self._request = Path(request) if request else None
        self._response = Path(response) if response else response_beside(self._request)

    def elsewhere(self) -> Elsewhere:
        """What the plan has to know of them. Raises StoreError where a request could not be written."""
        if self._request is not None and not self._request.parent.is_dir():
            raise StoreError(f"operator_request: there is no folder {self._request.parent}: make it, or mount it")
        response = read_file(self._response)
        return Elsewhere(self._request is not None, response, str(self._response or ""))

    def settle(self, plan: Plan, planned: Planned, check_mode: bool) -> Plan:
        """The plan with what becomes of the files; it is done unless in check mode."""
        if planned.pending is not None and self._request is not None:
            return self._deliver(plan, planned.pending, check_mode)
        served = self._served(planned)
        if not check_mode:
            for path, _dummy in served:
                path.unlink()
        reasons = (reason for _dummy, reason in served)
        return replace(plan, touched=plan.touched or bool(served), reasons=(*plan.reasons, *reasons))

    def pending(self, planned: Planned) -> Optional[dict[str, Any]]:
        """What a task returns of a change that waits."""
        if planned.pending is None:
            return None
        return {
            "changes": list(planned.pending.changes),
            "signer": planned.pending.signer,
            "digest": planned.pending.digest,
            "request": str(self._request),
            "response": str(self._response),
        }

    def warnings(self, planned: Planned) -> tuple[str, ...]:
        """That the operator is not yet what the tree says."""
        if planned.pending is None:
            return ()
        return (
            f"operator {planned.pending.wish.name} stays as it is until {planned.pending.signer} has signed its change "
            f"({'; '.join(planned.pending.changes)}): carry {self._request} to the machine that has that key, sign it "
            f"there with aegis.nats.operator_sign, and bring back {self._response}. The rest is applied",
        )

    def _deliver(self, plan: Plan, request: Request, check_mode: bool) -> Plan:
        place = self._request
        if place is None or _digest(read_file(place)) == request.digest:
            return plan
        if not check_mode:
            write_file(place, request.written())
        return replace(plan, touched=True, reasons=(*plan.reasons, f"the request is written to {place}"))

    def _served(self, planned: Planned) -> list[tuple[Path, str]]:
        """A request that is not open any more, and a response that is in force."""
        found: list[tuple[Path, str]] = []
        content = read_file(self._request)
        with contextlib.suppress(operator_request.RequestProblem):
            if self._request and content and operator_request.read(content).signer == planned.operator.subject:
                found.append((self._request, f"the request {self._request} is not open any more, is removed"))
        content = read_file(self._response)
        if self._response and content and content.decode("ascii", "replace").strip() == planned.operator.text:
            found.append((self._response, f"the response {self._response} is in force, is removed"))
        return found


def response_beside(request: Optional[Path]) -> Optional[Path]:
    """Where the response to a request lies when nothing else is said."""
    return request.with_name(f"{request.name}.response") if request else None


def read_file(path: Optional[Path]) -> Optional[bytes]:
    """The content of a file that travels; None where there is none."""
    try:
        return path.read_bytes() if path else None
    except FileNotFoundError:
        return None


def write_file(place: Path, content: bytes) -> None:
    """Write a file that travels, whole or not at all. It holds no secret."""
    write_whole(place, content, 0o644)


def _digest(content: Optional[bytes]) -> str:
    try:
        return operator_request.read(content or b"").digest
    except operator_request.RequestProblem:
        return ""
