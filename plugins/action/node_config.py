# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.node_config: reads the files' sources on the controller; everything else happens on the host."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

from ansible.errors import AnsibleActionFail
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ..module_utils.plan.errors import SealError
from ..plugin_utils.seal import VaultSeal


class ActionModule(ActionBase):  # type: ignore[misc]
    """Turns ``src`` into ``content``, opened when it is sealed, so that no secret is templated into a task."""

    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        self._still_to_be_made = False
        for name in ("files", "system_files"):
            if isinstance(arguments.get(name), list):
                arguments[name] = [
                    self._with_content(entry, name, index) for index, entry in enumerate(arguments[name])
                ]
        if self._still_to_be_made:
            arguments["validate"] = False
        folders = arguments.get("directories")
        if isinstance(folders, list):
            arguments["directories"] = [{"path": entry} if isinstance(entry, str) else entry for entry in folders]
        result: dict[str, Any] = self._execute_module(
            module_name="aegis.nats.node_config", module_args=arguments, task_vars=task_vars
        )
        return result

    def _with_content(self, entry: Any, name: str, index: int) -> Any:
        if not isinstance(entry, dict) or not entry.get("src"):
            return entry
        where = f"{name}[{index}].src"
        if entry.get("content") is not None:
            raise AnsibleActionFail(f"{where}: content is given too: leave one of the two out")
        path = self._loader.path_dwim(entry["src"])
        pending = boolean(entry.get("pending", False))
        entry = {key: value for key, value in entry.items() if key not in ("src", "pending")}
        if self._task.check_mode and (pending or not Path(path).exists()):
            self._still_to_be_made = True
            return {**entry, "content": f"# made by the run that follows: {Path(path).name}\n"}
        try:
            content = VaultSeal(self._loader, None).open(Path(path).read_bytes(), path).decode("utf-8")
        except OSError as error:
            raise AnsibleActionFail(f"{where}: {path} can't be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise AnsibleActionFail(f"{where}: {path} is not a text file") from error
        except SealError as error:
            raise AnsibleActionFail(f"{where}: {error}") from error
        return {**entry, "content": content}
