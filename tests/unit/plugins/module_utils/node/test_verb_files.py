# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders and files in one run: what differs is written and told, nothing else is touched."""

from __future__ import annotations

import os
import stat
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.aegis.nats.plugins.module_utils.node.verb_files import VERB
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform

SECRET = "planted-in-a-file-19c2"


def run(params: dict[str, Any], check_mode: bool = False) -> dict[str, Any]:
    checked = ArgumentSpecValidator(dict(VERB.argument_spec)).validate(params)
    assert not checked.error_messages
    return perform(VERB, checked.validated_parameters, Surroundings(check_mode, datetime.now(timezone.utc), NoSeal()))


def wanted(root: Path) -> dict[str, Any]:
    return {
        "folders": [{"path": str(root / "etc")}, {"path": str(root / "lib/below"), "mode": "0750", "owner": ""}],
        "files": [
            {"path": str(root / "etc/said.json"), "content": "{\n}\n"},
            {"path": str(root / "lib/below/key"), "content": SECRET, "mode": "0600", "secret": True},
        ],
    }


def look(root: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        str(place.relative_to(root)): (
            stat.S_IMODE(place.stat().st_mode),
            place.stat().st_ino,
            place.read_bytes() if place.is_file() else b"",
        )
        for place in sorted(root.rglob("*"))
    }


def test_check_run_and_again(tmp_path: Path) -> None:
    said = run(wanted(tmp_path), check_mode=True)
    assert said["changed"] and look(tmp_path) == {}
    before = os.umask(0o077)
    done = run(wanted(tmp_path))
    os.umask(before)
    assert done["reasons"] == said["reasons"] and len(done["reasons"]) == 4
    found = look(tmp_path)
    assert {path: (mode, content) for path, (mode, _inode, content) in found.items()} == {
        "etc": (0o755, b""),
        "etc/said.json": (0o644, b"{\n}\n"),
        "lib": (0o700, b""),  # the umask of the caller has its say in a parent that nobody named
        "lib/below": (0o750, b""),
        "lib/below/key": (0o600, SECRET.encode()),
    }
    again = run(wanted(tmp_path))
    assert (again["changed"], again["reasons"]) == (False, [])
    assert look(tmp_path) == found


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    run(wanted(tmp_path))
    before = look(tmp_path)
    (tmp_path / "etc/said.json").write_text("{}\n")
    (tmp_path / "lib/below").chmod(0o755)
    done = run(wanted(tmp_path))
    assert done["reasons"] == [
        f"folder {tmp_path}/lib/below: mode 0755 becomes 0750",
        f"{tmp_path}/etc/said.json: content differs",
    ]
    now = look(tmp_path)
    assert now["lib/below/key"] == before["lib/below/key"]
    assert now["etc/said.json"][2] == b"{\n}\n"


def test_the_diff_shows_texts_and_no_secret(tmp_path: Path) -> None:
    run(wanted(tmp_path))
    changed = wanted(tmp_path)
    changed["files"][0]["content"] = "{\n  1\n}\n"
    changed["files"][1]["content"] = "another-" + SECRET
    told = run(changed)
    assert "  1" in told["diff"]["after"] and "  1" not in told["diff"]["before"]
    assert SECRET not in str(told)


@pytest.mark.parametrize(
    ("kind", "entry", "message"),
    [
        ("files", {"path": "{}/f", "content": "x", "mode": "rw"}, 'write it quoted, such as "0640"'),
        ("folders", {"path": "{}/file"}, "is a file, a folder is needed there"),
        ("files", {"path": "{}/gone/f", "content": "x"}, "No such file or directory"),
        ("files", {"path": "{}/f", "content": "x", "owner": "no-such-user"}, "there is no user no-such-user"),
    ],
)
def test_what_can_not_be(tmp_path: Path, kind: str, entry: dict[str, str], message: str) -> None:
    (tmp_path / "file").write_text("")
    before = look(tmp_path)
    told = run({kind: [{name: text.format(tmp_path) for name, text in entry.items()}]})
    assert told["failed"] and message in told["msg"]
    assert look(tmp_path) == before


def test_nothing_is_written_beside_a_name_that_nobody_knows(tmp_path: Path) -> None:
    params = wanted(tmp_path)
    params["files"][1]["group"] = "no-such-group"
    told = run(params)
    assert told["failed"] and "there is no group no-such-group" in told["msg"]
    assert look(tmp_path) == {}


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("kept")
    (tmp_path / "f").symlink_to("other")
    assert run({"files": [{"path": str(tmp_path / "f"), "content": "new"}]})["changed"]
    assert not (tmp_path / "f").is_symlink() and (tmp_path / "other").read_text() == "kept"
