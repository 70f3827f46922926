# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release that is the one in use but for some of its files."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.files import NOBODY_NAMED, WantedFile
from ansible_collections.aegis.nats.plugins.module_utils.node.partial import in_use_but
from ansible_collections.aegis.nats.plugins.module_utils.node.release import Release, make_release
from ansible_collections.aegis.nats.plugins.module_utils.node.transaction import Releases
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import NatsError

CONFIG = WantedFile("nats-server.conf", b'include "pins.conf"', 0o600, secret=True)
PINS = WantedFile("pins.conf", b"old", 0o644)
KEY = WantedFile("tls/route.key", b"key", 0o600, secret=True)


def using(path: Path, *files: WantedFile) -> Releases:
    releases = Releases(str(path), NOBODY_NAMED)
    release = Release({file.path: file for file in files})
    with releases.locked(check_mode=False):
        releases.stage(release)
        releases.switch(release.name)
    return releases


def test_the_same_files_are_the_same_release(tmp_path: Path) -> None:
    releases = using(tmp_path, CONFIG, PINS, KEY)
    same = in_use_but(releases, [PINS], NOBODY_NAMED)
    assert make_release(same, CONFIG.path).name == releases.current()


def test_some_change_and_the_others_stay(tmp_path: Path) -> None:
    releases = using(tmp_path, CONFIG, PINS, KEY)
    coming = WantedFile("pins.conf", b"new", 0o644)
    found = {file.path: file for file in in_use_but(releases, [coming], NOBODY_NAMED)}
    assert found == {CONFIG.path: CONFIG, KEY.path: KEY, PINS.path: coming}


def test_a_file_that_nothing_refers_to_is_left_out(tmp_path: Path) -> None:
    releases = using(tmp_path, CONFIG, KEY)
    found = in_use_but(releases, [PINS], NOBODY_NAMED)
    assert {file.path for file in found} == {CONFIG.path, KEY.path}


def test_where_no_release_is_in_use(tmp_path: Path) -> None:
    with pytest.raises(NatsError, match="no release is in use that some files of could change"):
        in_use_but(Releases(str(tmp_path), NOBODY_NAMED), [PINS], NOBODY_NAMED)
