# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.host import Binary
from ansible_collections.aegis.nats.plugins.module_utils.node.program import (
    Coming,
    Programs,
    coming_path,
    kept_path,
    running_version,
)
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import NatsError


def program(place: Path, version: str) -> str:
    place.write_text(f"#!/bin/sh\necho nats-server: v{version}\n")
    place.chmod(0o755)
    return str(place)


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    """2.14.4 is in place, 2.15.1 comes."""
    binary = program(tmp_path / "nats-server", "2.14.4")
    return Programs(binary, program(tmp_path / "nats-server.coming", "2.15.1"))


def there(programs: Programs) -> list[str]:
    return sorted(place.name for place in Path(programs.binary).parent.iterdir())


def version_in(path: str) -> str:
    return Path(path).read_text().split("v")[-1].strip()


def test_what_comes(programs: Programs) -> None:
    assert programs.coming() == Coming("2.15.1")
    assert programs.next == coming_path(programs.binary)
    assert Programs(programs.binary).coming() is None
    assert Programs(programs.binary, "/absent").coming() is None
    assert Programs(programs.binary, "/absent", Coming(None)).coming() == Coming(None)
    shutil.copy(programs.binary, coming_path(programs.binary))
    assert (programs.coming(), programs.next) == (None, programs.binary)


def test_what_is_no_server_does_not_come(programs: Programs) -> None:
    Path(coming_path(programs.binary)).write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(NatsError, match="does not answer to --version"):
        programs.coming()


def test_into_place_and_proved(programs: Programs) -> None:
    programs.switch_in(None)
    assert there(programs) == ["nats-server", "nats-server.before"]
    assert (version_in(programs.binary), version_in(programs.kept)) == ("2.15.1", "2.14.4")
    assert programs.is_unproved()
    programs.switch_in(None)
    assert version_in(programs.kept) == "2.14.4"
    programs.forget()
    assert (there(programs), programs.is_unproved()) == (["nats-server"], False)


def test_into_place_and_back(programs: Programs) -> None:
    inode = os.stat(programs.binary).st_ino
    programs.switch_in(None)
    assert programs.take_back()
    assert (there(programs), os.stat(programs.binary).st_ino) == (["nats-server"], inode)
    assert not programs.take_back()


def test_the_first_program_has_none_before(programs: Programs) -> None:
    os.unlink(programs.binary)
    programs.switch_in(None)
    assert there(programs) == ["nats-server"]
    assert not programs.take_back()


def test_where_links_can_t_be_made_it_is_copied(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_of: object, **_more: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refused)
    programs.switch_in(None)
    assert version_in(programs.kept) == "2.14.4"
    assert os.access(programs.kept, os.X_OK)


def test_a_symlink_is_kept_as_one(programs: Programs, tmp_path: Path) -> None:
    real = shutil.move(programs.binary, tmp_path / "nats-server-2.14.4")
    os.symlink(real, programs.binary)
    programs.switch_in(None)
    assert not os.path.islink(programs.binary)
    assert programs.take_back()
    assert os.readlink(programs.binary) == str(real)


def test_a_third_program_keeps_the_one_that_was_proved(programs: Programs, tmp_path: Path) -> None:
    """2.15.1 came and was never proved; 2.15.2 comes in its place."""
    programs.switch_in(None)
    program(tmp_path / "nats-server.coming", "2.15.2")
    programs.switch_in(None)
    assert (version_in(programs.binary), version_in(programs.kept)) == ("2.15.2", "2.14.4")


def test_a_third_program_keeps_the_one_that_runs(tmp_path: Path) -> None:
    programs = Programs(str(tmp_path / "nats-server"), str(tmp_path / "nats-server.coming"))
    shutil.copy("/bin/sleep", programs.binary)
    program(Path(programs.kept), "2.12.8")
    program(tmp_path / "nats-server.coming", "2.15.1")
    with subprocess.Popen([programs.binary, "30"]) as sleeping:
        programs.switch_in(sleeping.pid)
        assert Path(programs.kept).read_bytes() == Path("/bin/sleep").read_bytes()
        with pytest.raises(NatsError, match="starts another program"):
            programs.prove_running(sleeping.pid)
        programs.take_back()
        programs.prove_running(sleeping.pid)
        sleeping.kill()


def test_what_a_killed_run_left_is_swept(programs: Programs) -> None:
    os.link(programs.binary, kept_path(programs.binary))
    Path(f"{programs.kept}.new").write_text("half")
    programs.sweep()
    assert there(programs) == ["nats-server", "nats-server.coming"]
    programs.switch_in(None)
    shutil.copy(programs.binary, coming_path(programs.binary))
    programs.sweep()
    assert there(programs) == ["nats-server", "nats-server.before"]


@pytest.fixture
def sleeping(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    shutil.copy("/bin/sleep", tmp_path / "sleep")
    with subprocess.Popen([str(tmp_path / "sleep"), "30"]) as process:
        yield process
        process.kill()


def test_the_version_that_runs(sleeping: subprocess.Popen[bytes], tmp_path: Path) -> None:
    assert running_version(None, None) is None
    assert running_version(sleeping.pid, Binary(str(tmp_path / "sleep"), "2.15.1", "")) == "2.15.1"
    # It has a version, which is not that of a nats-server.
    assert running_version(sleeping.pid, Binary("/bin/true", "2.15.1", "")) is None
