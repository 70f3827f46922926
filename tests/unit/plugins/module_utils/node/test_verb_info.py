# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.aegis.nats.plugins.module_utils.node.keys.openssl import find_openssl
from ansible_collections.aegis.nats.plugins.module_utils.node.verb_info import INFO
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform


def test_a_bare_host(tmp_path: Path) -> None:
    values = {
        "config_dir": str(tmp_path / "etc"),
        "binary": str(tmp_path / "absent"),
        "service_manager": "process",
        "user": "nobody-has-this-name",
        "ports": [{"address": "192.0.2.1", "port": 4222, "purpose": "clients"}],
    }
    checked = ArgumentSpecValidator(dict(INFO.argument_spec)).validate(values)
    result = perform(INFO, checked.validated_parameters, Surroundings(True, datetime.now(timezone.utc), NoSeal()))
    assert result["changed"] is False
    assert result["binary"] is None
    assert result["release"] is None
    assert result["user"] == {"exists": False, "uid": None}
    service = {"manager": "process", "state": "stopped", "pid": None, "version": None, "replaced": False}
    assert result["service"] == service
    assert result["program_coming"] == {"path": str(tmp_path / "absent.coming"), "exists": False}
    assert result["program_before"] is None
    assert [taken["purpose"] for taken in result["ports_taken"]] == ["clients"]
    assert (result["tls_keys"], result["certificates"]) == ([], [])
    assert result["openssl"] == find_openssl()
    assert result["is_root"] is (os.geteuid() == 0)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("checksum", [True, False])
@pytest.mark.parametrize("same", [True, False])
def test_the_program_before_counts_where_it_is_another(tmp_path: Path, checksum: bool, same: bool) -> None:
    for name, version in (("nats-server", "2.15.1"), ("nats-server.before", "2.15.1" if same else "2.14.4")):
        (tmp_path / name).write_text(f"#!/bin/sh\necho nats-server: v{version}\n")
        (tmp_path / name).chmod(0o755)
    values = {
        "config_dir": str(tmp_path / "etc"),
        "service_manager": "process",
        "binary": str(tmp_path / "nats-server"),
    }
    checked = ArgumentSpecValidator(dict(INFO.argument_spec)).validate({**values, "checksum": checksum})
    result = perform(INFO, checked.validated_parameters, Surroundings(True, datetime.now(timezone.utc), NoSeal()))
    assert (result["program_before"] is None) is same
    assert (result["binary"]["sha256"] is None) is not checksum


def test_what_is_switched_in_and_what_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to("releases/0123")
    (tmp_path / "loaded").write_text('{"release": "4567"}')
    values = {"config_dir": f"{tmp_path}/", "service_manager": "process", "binary": "/absent"}
    checked = ArgumentSpecValidator(dict(INFO.argument_spec)).validate(values)
    result = perform(INFO, checked.validated_parameters, Surroundings(False, datetime.now(timezone.utc), NoSeal()))
    assert result["release"] == {"name": "0123", "loaded": "4567"}
