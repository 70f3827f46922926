# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.aegis.nats.plugins.module_utils.node.verb_config import CONFIG
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform

CONF = {"path": "nats-server.conf", "content": "port: 4222\n"}


def run(folder: Path, check_mode: bool = False, **params: Any) -> dict[str, Any]:
    values = {"config_dir": str(folder / "etc"), "service_manager": "process", "binary": "/absent", **params}
    checked = ArgumentSpecValidator(dict(CONFIG.argument_spec)).validate(values)
    assert not checked.error_messages
    surroundings = Surroundings(check_mode=check_mode, now=datetime.now(timezone.utc), seal=NoSeal())
    return perform(CONFIG, checked.validated_parameters, surroundings)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"state": "staged"}, "files: is empty"),
        ({"state": "active"}, "release: '' is not the name"),
        ({"state": "active", "release": "../../etc"}, "is not the name of a release"),
        ({"state": "staged", "files": [{**CONF, "path": "/etc/passwd"}]}, r"files\[0\].path: '/etc/passwd' must be"),
        ({"state": "staged", "files": [{**CONF, "path": "a.conf"}]}, "config_file: nats-server.conf is not among"),
        ({"state": "staged", "files": [{**CONF, "mode": "rw"}]}, "nats-server.conf: mode 'rw'"),
        ({"state": "staged", "files": [CONF], "system_files": [{**CONF, "path": "unit"}]}, "unit must be absolute"),
        ({"state": "staged", "files": [CONF], "directories": [{"path": "/x", "mode": "9"}]}, "/x: mode '9'"),
        ({"state": "staged", "files": [CONF], "monitor": "here"}, "monitor: 'here' is not a URL"),
    ],
)
def test_bad_input_is_told_before_anything_is_written(tmp_path: Path, params: dict[str, Any], words: str) -> None:
    result = run(tmp_path, **params)
    assert result["failed"]
    assert re.search(words, result["msg"]), result["msg"]
    assert os.listdir(tmp_path) == []


def test_check_mode_on_a_bare_host(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        check_mode=True,
        state="staged",
        owner="not-made-yet",
        group="not-made-yet",
        files=[CONF, {"path": "s.key", "content": "planted-secret", "secret": True}],
        directories=[{"path": str(tmp_path / "data")}],
        system_files=[{"path": str(tmp_path / "u.service"), "content": "unit"}],
    )
    assert (result["changed"], result["pending"], result["action"]) == (True, True, "start")
    assert result["reasons"] == [
        f"folder {tmp_path}/data: is not there",
        f"release {result['release']}: nothing is switched in yet",
        f"{tmp_path}/u.service is not there",
        "the server does not run",
    ]
    assert "planted-secret" not in str(result)
    assert os.listdir(tmp_path) == []
    active = run(tmp_path, check_mode=True, state="active", release=result["release"])
    assert (active["changed"], active["action"]) == (True, "start")


def test_a_host_without_the_program_is_told(tmp_path: Path) -> None:
    result = run(tmp_path, state="staged", files=[CONF])
    assert result["msg"] == "there is no nats-server at /absent: install it first"
    assert os.listdir(tmp_path / "etc" / "releases") == []
