# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ansible_collections.aegis.nats.plugins.module_utils.node.verb_removal import REMOVAL
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform


def remove(check: bool = False, **given: Any) -> dict[str, Any]:
    params = {
        "config_file": "nats-server.conf",
        "data": [],
        "with_data": False,
        "folders": [],
        "service_manager": "process",
        "service_name": "nats-server",
        "binary": "/none/nats-server",
        "pid_file": None,
        "log_file": None,
        **given,
    }
    return perform(REMOVAL, params, Surroundings(check, datetime.now(timezone.utc), NoSeal()))


def test_a_check_lists_what_goes(tmp_path: Path) -> None:
    (tmp_path / "etc/releases").mkdir(parents=True)
    checked = remove(check=True, config_dir=str(tmp_path / "etc"))
    assert checked["removed"] == [str(tmp_path / "etc/releases"), str(tmp_path / "etc")] and checked["changed"]
    done = remove(config_dir=str(tmp_path / "etc"))
    assert (done["removed"], done["reasons"]) == (checked["removed"], checked["reasons"])
    assert not (tmp_path / "etc").exists()
    assert not remove(config_dir=str(tmp_path / "etc"))["changed"]


def test_folders_of_everybody_are_refused_all_at_once() -> None:
    result = remove(config_dir="/etc", data=["/", "/var/lib/nats"], folders=["/var"])
    assert [problem["path"] for problem in result["problems"]] == ["config_dir", "data", "folders"]
