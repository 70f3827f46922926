# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.files import Ownership, WantedFile, write_file
from ansible_collections.aegis.nats.plugins.module_utils.node.release import (
    check_name,
    find_drift,
    make_release,
    read_contents,
)
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import InputError, NatsError

CONFIG = WantedFile("nats-server.conf", b"port: 4222\n")
KEY = WantedFile("tls/server.key", b"k", 0o600, secret=True)


def test_the_same_input_is_the_same_release() -> None:
    name = make_release([CONFIG, KEY], "nats-server.conf").name
    assert make_release([KEY, CONFIG], "nats-server.conf").name == name
    assert check_name(name) == name
    others = [
        replace(KEY, content=b"l"),
        replace(KEY, mode=0o640),
        replace(KEY, path="tls/other.key"),
        replace(KEY, ownership=Ownership("root")),
        replace(KEY, ownership=Ownership(None, "root")),
    ]
    names = {make_release([CONFIG, other], "nats-server.conf").name for other in others}
    assert len(names | {name}) == 6


def test_all_wrong_paths_are_told_at_once() -> None:
    wrong = [replace(CONFIG, path=path) for path in ("/abs", "../up", "a/../b", "a//b", "", "x", "x")]
    with pytest.raises(InputError) as caught:
        make_release(wrong, "nats-server.conf")
    assert [problem.path for problem in caught.value.problems] == [
        *(f"files[{number}].path" for number in (0, 1, 2, 3, 4, 6)),
        "config_file",
    ]


@pytest.mark.parametrize("name", ["", "../etc", "ABC", "a b", "."])
def test_what_is_no_name_of_a_release(name: str) -> None:
    with pytest.raises(NatsError, match="release"):
        check_name(name)


def test_drift(tmp_path: Path) -> None:
    release = make_release([CONFIG, KEY], "nats-server.conf")
    assert read_contents(tmp_path / "absent") is None
    (tmp_path / "tls").mkdir()
    write_file(tmp_path / "nats-server.conf", CONFIG)
    write_file(tmp_path / "tls/server.key", KEY)
    assert not find_drift(tmp_path, release)
    assert read_contents(tmp_path) == release.contents()
    (tmp_path / "nats-server.conf").write_text("port: 4223\n")
    (tmp_path / "tls/server.key").chmod(0o644)
    (tmp_path / "tls/foreign").write_text("x")
    drift = find_drift(tmp_path, release)
    assert drift.reasons("r") == [
        "release r: nats-server.conf content differs, put right",
        "release r: tls/server.key mode 0644 becomes 0600, put right",
        "release r: tls/foreign does not belong to it, removed",
    ]
    (tmp_path / "nats-server.conf").unlink()
    assert find_drift(tmp_path, release).changed["nats-server.conf"] == ("is not there",)
