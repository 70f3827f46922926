# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of an action that delivers files to a host: their sources are read, and opened, on the controller."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Callable, Optional

from ansible.errors import AnsibleActionFail
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils.node.client_files import NAMES
from ..module_utils.plan.errors import SealError
from .seal import VaultSeal

display = Display()

Deliver = Callable[[Mapping[str, Any], Any, bool], dict[str, Any]]


class DeliveringAction(ActionBase):  # type: ignore[misc]
    """Runs ``module`` on the host with the contents of the files that its arguments name; a subclass names both.

    What the task wants announced is shown before, where the module then does something.
    """

    module: str
    deliver: Deliver
    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        arguments = self.deliver(self._task.args, self._loader, bool(self._task.check_mode))
        if arguments.get("announce") and not (self._task.check_mode or self._task.no_log):
            display.display(str(arguments["announce"]))
        result: dict[str, Any] = self._execute_module(
            module_name=self.module,
            module_args=arguments,
            # The host's log would get the arguments with what is secret in them: Ansible does not recognize a text of
            # several lines inside a list.
            task_vars={**(task_vars or {}), "ansible_no_target_syslog": True},
        )
        return result


def delivered(arguments: Mapping[str, Any], loader: Any, check_mode: bool) -> dict[str, Any]:
    """A task's arguments with ``content`` in the place of every ``src``, and mere paths of folders as entries.

    So no secret is ever templated into a task. In check mode a source that the run would make first counts as
    changed, and the configuration that refers to it is not validated. Raises AnsibleActionFail with the place.
    """
    found = dict(arguments)
    for name in ("files", "system_files"):
        entries = found.get(name)
        if not isinstance(entries, list):
            continue
        if check_mode and any(_is_still_to_be_made(entry, loader) for entry in entries):
            found["validate"] = False
        found[name] = [
            _with_content(entry, f"{name}[{index}].src", loader, check_mode) for index, entry in enumerate(entries)
        ]
    folders = found.get("directories")
    if isinstance(folders, list):
        found["directories"] = [{"path": entry} if isinstance(entry, str) else entry for entry in folders]
    return found


def _is_still_to_be_made(entry: Any, loader: Any) -> bool:
    if not isinstance(entry, dict) or not entry.get("src"):
        return False
    return boolean(entry.get("pending", False)) or not Path(loader.path_dwim(entry["src"])).exists()


def delivered_applications(arguments: Mapping[str, Any], loader: Any, check_mode: bool) -> dict[str, Any]:
    """A task's arguments with ``contents`` in the place of the files that each application names.

    In check mode a file that the run would make first (``pending``, or not there yet) counts as changed.
    """
    found = dict(arguments)
    entries = found.get("applications")
    pending = {loader.path_dwim(path) for path in found.get("pending") or []}
    if isinstance(entries, list):
        found["applications"] = [
            _with_contents(entry, f"applications[{index}]", pending, loader, check_mode)
            for index, entry in enumerate(entries)
        ]
    return found


def delivered_clients(arguments: Mapping[str, Any], loader: Any, check_mode: bool) -> dict[str, Any]:
    """A task's arguments with ``contents`` in each of its clients: its certificate and key, in no template."""
    found = dict(arguments)
    entries = found.get("clients")
    if isinstance(entries, list):
        found["clients"] = [_as_client(entry, f"clients[{index}]", loader) for index, entry in enumerate(entries)]
    return found


def _as_client(entry: Any, where: str, loader: Any) -> Any:
    if not isinstance(entry, dict):
        return entry
    if entry.get("contents") is not None:
        raise AnsibleActionFail(f"{where}.contents: is read from the files by this action: leave it out")
    named = {what: loader.path_dwim(entry[what]) for what in ("certificate", "key") if entry.get(what)}
    return {**entry, "contents": {what: _read(path, f"{where}.{what}", loader) for what, path in named.items()}}


def _with_contents(entry: Any, where: str, pending: set[str], loader: Any, check_mode: bool) -> Any:
    if not isinstance(entry, dict) or entry.get("state") == "absent":
        return entry
    if entry.get("contents") is not None:
        raise AnsibleActionFail(f"{where}.contents: is read from the files by this action: leave it out")
    contents: dict[str, str] = {}
    for what in NAMES:
        if entry.get(what):
            path = loader.path_dwim(entry[what])
            is_coming = check_mode and (path in pending or not Path(path).exists())
            contents[what] = _coming(path) if is_coming else _read(path, f"{where}.{what}", loader)
    return {**entry, "contents": contents}


def _with_content(entry: Any, where: str, loader: Any, check_mode: bool) -> Any:
    if not isinstance(entry, dict) or not entry.get("src"):
        return entry
    if entry.get("content") is not None:
        raise AnsibleActionFail(f"{where}: content is given too: leave one of the two out")
    path = loader.path_dwim(entry["src"])
    rest = {key: value for key, value in entry.items() if key not in ("src", "pending")}
    if check_mode and _is_still_to_be_made(entry, loader):
        return {**rest, "content": _coming(path)}
    return {**rest, "content": _read(path, where, loader)}


def _coming(path: str) -> str:
    return f"# made by the run that follows: {Path(path).name}\n"


def _read(path: str, where: str, loader: Any) -> str:
    """The opened text of a file on the controller. Raises AnsibleActionFail with the place."""
    try:
        return VaultSeal(loader, None).open(Path(path).read_bytes(), path).decode("utf-8")
    except OSError as error:
        raise AnsibleActionFail(f"{where}: {path} can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise AnsibleActionFail(f"{where}: {path} is not a text file") from error
    except SealError as error:
        raise AnsibleActionFail(f"{where}: {error}") from error
