# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.aegis.nats.plugins.module_utils.node.deployment import Surveyed
from ansible_collections.aegis.nats.plugins.module_utils.node.files import WantedFile
from ansible_collections.aegis.nats.plugins.module_utils.node.release import Release, make_release
from ansible_collections.aegis.nats.plugins.module_utils.node.scrub import Secrets
from ansible_collections.aegis.nats.plugins.module_utils.node.staging import _changed_files, _pictures, outside_reasons


def release(**contents: str) -> Release:
    files = [
        WantedFile(path.replace("_", "."), text.encode(), secret=path == "s_key") for path, text in contents.items()
    ]
    return make_release(files, files[0].path)


def test_changed_files_are_named() -> None:
    wanted = release(a_conf="1", b_conf="2", s_key="k")
    assert _changed_files({"a.conf": b"1", "b.conf": b"old", "c.conf": b"x"}, wanted) == [
        "b.conf changed",
        "c.conf is left out",
        "s.key is new",
    ]
    assert _changed_files(None, wanted) == [f"release {wanted.name}: nothing is switched in yet"]
    assert _changed_files(wanted.contents(), wanted) == [f"release {wanted.name}: modes or owners changed"]


def test_pictures_hold_no_secret() -> None:
    wanted = release(a_conf='password: "hunter2"\nport: 2\n', s_key="hunter2", same_conf="x")
    old = {"a.conf": b"port: 1\nuser: known\n", "s.key": b"hunter1", "gone.key": b"hunter0", "same.conf": b"x"}
    before, after = _pictures(old, wanted, Secrets(["known"]))
    assert before == {"a.conf": ["port: 1", "user: ********"], "s.key": "not shown", "gone.key": "not shown"}
    assert after == {"a.conf": ["password: ********", "port: 2"], "s.key": "not shown, changed"}
    assert "hunter" not in f"{before}{after}"


def test_what_changes_outside() -> None:
    found = Surveyed(True, None, None, None, None, {"/etc/u.service": ["content differs", "mode"]}, enabling=True)
    assert outside_reasons(found) == [
        "/etc/u.service content differs, mode",
        "the service starts with the host from now on",
    ]
    assert outside_reasons(Surveyed(True, None, None, None, None)) == []
