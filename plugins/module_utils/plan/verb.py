# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A verb: one thing that can be asked for, its argument spec written once, run by a module or by an action."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Callable, Optional, Protocol

from .changes import Plan
from .errors import InputError, NatsError, SealError
from .sealed import is_sealed


class Seal(Protocol):
    """How secrets lie on disk. The controller's seal is Ansible Vault; without one they lie open, 0600."""

    @property
    def active(self) -> bool:
        """Whether new secrets are sealed."""

    def close(self, content: bytes) -> bytes:
        """The bytes to write for a secret."""

    def open(self, content: bytes, path: str) -> bytes:
        """The secret from the bytes read at ``path``; raises SealError."""


class NoSeal:
    """Secrets lie open; a sealed file is an error that says so."""

    @property
    def active(self) -> bool:
        return False

    def close(self, content: bytes) -> bytes:
        return content

    def open(self, content: bytes, path: str) -> bytes:
        if is_sealed(content):
            raise SealError(
                f"{path} is sealed with Ansible Vault and this play has no vault secret: "
                "run it with --vault-password-file or --ask-vault-pass"
            )
        return content


@dataclass(frozen=True)
class Surroundings:
    """What a verb may know of the world: time, randomness, seal and check mode are handed in.

    diff: whether anybody looks at the diff; that of ten thousand users takes a second to write.
    """

    check_mode: bool
    now: datetime
    seal: Seal
    random: Callable[[int], bytes] = os.urandom
    progress: Callable[[str], None] = field(default=lambda line: None)
    diff: bool = True


@dataclass(frozen=True)
class Outcome:
    """What a verb reports: a plan (applied unless in check mode), values to return, warnings."""

    plan: Plan = field(default_factory=Plan)
    values: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verb:
    """name: of the module; argument_spec and constraints: as AnsibleModule takes them; run: does it.

    local_paths: parameters that name files or folders; on the controller they are relative to the playbook's folder.
    """

    name: str
    argument_spec: Mapping[str, Any]
    run: Callable[[Mapping[str, Any], Surroundings], Outcome]
    constraints: Mapping[str, Any] = field(default_factory=dict)
    local_paths: tuple[str, ...] = ("path",)

    def module_arguments(self) -> dict[str, Any]:
        """Keyword arguments of AnsibleModule."""
        return {"argument_spec": dict(self.argument_spec), "supports_check_mode": True, **self.constraints}


class ModuleLike(Protocol):
    """The part of AnsibleModule that a front needs."""

    params: dict[str, Any]
    check_mode: bool

    def exit_json(self, **kwargs: Any) -> None: ...
    def fail_json(self, msg: str, **kwargs: Any) -> None: ...
    def warn(self, warning: str) -> None: ...


def perform(verb: Verb, params: Mapping[str, Any], surroundings: Surroundings) -> dict[str, Any]:
    """Run a verb and return the result dict of a module; the one place where errors become ``failed``."""
    try:
        outcome = verb.run(params, surroundings)
    except InputError as error:
        return {
            "failed": True,
            "changed": False,
            "msg": str(error),
            "problems": [{"path": problem.path, "message": problem.message} for problem in error.problems],
        }
    except NatsError as error:
        return {"failed": True, "changed": False, "msg": str(error)}
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return {"failed": True, "changed": False, "msg": f"{where}{error.strerror or error}"}
    result: dict[str, Any] = {
        **outcome.values,
        "changed": outcome.plan.changed,
        "reasons": list(outcome.plan.reasons),
    }
    if surroundings.diff:
        result["diff"] = outcome.plan.diff()
    if outcome.warnings:
        result["warnings"] = list(outcome.warnings)
    return result


def run_module(module: ModuleLike, verb: Verb, seal: Optional[Seal] = None) -> None:
    """The whole body of a module: run its verb where the module runs, and report."""
    surroundings = Surroundings(
        check_mode=module.check_mode,
        now=datetime.now(timezone.utc),
        seal=seal or NoSeal(),
        diff=bool(getattr(module, "_diff", True)),
    )
    result = perform(verb, module.params, surroundings)
    if result.pop("failed", False):
        module.fail_json(**result)
        return
    for warning in result.pop("warnings", []):
        module.warn(warning)
    module.exit_json(**result)
