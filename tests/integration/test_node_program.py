# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""node_config with another program: it comes with the release and goes back with it, wherever the run is killed.

AEGIS_NATS_SERVERS names the programs, separated by colons, oldest first.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Optional

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.host import binary_version
from ansible_collections.aegis.nats.plugins.module_utils.node.program import coming_path, kept_path
from ansible_collections.aegis.nats.tests.integration.node_host import SERVERS, Host, perform_with

pytestmark = pytest.mark.skipif(len(SERVERS) < 2, reason="AEGIS_NATS_SERVERS names less than two nats-servers")
OLD, NEW = (SERVERS[-2], SERVERS[-1]) if len(SERVERS) > 1 else ("", "")
#: Answers as the new program does until it is started.
BROKEN = (
    '#!/bin/sh\ncase "$1" in --version|-t) exec {real} "$@" ;; esac\necho "the disk of {what} is on fire"\nexit 1\n'
)


class Upgraded(Host):
    """A host whose program is a file of its own."""

    def has(self, program: str) -> None:
        shutil.copy(program, self.binary)

    def bring(self, program: str) -> Optional[str]:
        """What an install task does: the wanted program beside the one in place, where that is another."""
        if Path(program).read_bytes() == Path(self.binary).read_bytes():
            return None
        shutil.copy(program, coming_path(self.binary))
        return coming_path(self.binary)

    def wish(self, config: str, program: Optional[str], **more: Any) -> dict[str, Any]:
        return self.params(state="active", files=self.files(config), program=program, **more)

    def upgrade(self, config: str, program: str) -> dict[str, Any]:
        """Bring, stage, switch."""
        coming = self.bring(program)
        staged = perform_with("node_config", {**self.wish(config, coming), "state": "staged"})
        if staged.get("failed") or not staged["changed"]:
            return staged
        return perform_with("node_config", self.wish(config, coming, release=staged["release"]))

    @property
    def runs(self) -> str:
        """The version that the server says it is."""
        return self.monitor.varz().version

    @property
    def programs(self) -> list[str]:
        return sorted(place.name for place in Path(self.binary).parent.iterdir())


def made(tmp_path: Path) -> Upgraded:
    (tmp_path / "bin").mkdir(parents=True)
    host = Upgraded(tmp_path, str(tmp_path / "bin" / "nats-server"))
    host.has(OLD)
    return host


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Upgraded]:
    host = made(tmp_path)
    yield host
    host.close()


def good(result: dict[str, Any]) -> dict[str, Any]:
    assert not result.get("failed"), result
    return result


def broken(folder: Path, what: str = "nobody") -> str:
    """A program that says it is the new one, accepts the configuration, and does not start."""
    place = folder / f"broken-{what}"
    place.write_text(BROKEN.format(real=NEW, what=what))
    place.chmod(0o755)
    return str(place)


def info(host: Host) -> Mapping[str, Any]:
    names = ("config_dir", "service_manager", "binary", "pid_file", "log_file")
    return perform_with("node_info", {name: host.params()[name] for name in names})


@pytest.mark.parametrize(("old", "new"), list(zip(SERVERS, SERVERS[1:])), ids=lambda path: Path(path).parent.name)
def test_the_program_comes_with_the_release(host: Upgraded, old: str, new: str) -> None:
    host.has(old)
    first = good(host.upgrade(host.config(host.jetstream()), old))
    before, after = binary_version(old), binary_version(new)
    words = f"the server runs {before}, the program that comes is {after}"

    announced = host.wish(host.config(host.jetstream()), coming_path(host.binary), program_coming=True)
    announced["server_version"] = after
    checked = perform_with("node_config", {**announced, "state": "staged"}, check_mode=True)
    assert (checked["action"], checked["changed"], host.programs) == ("restart", True, ["nats-server"])

    coming = host.bring(new)
    staged = good(perform_with("node_config", {**host.wish(host.config(host.jetstream()), coming), "state": "staged"}))
    assert (staged["reasons"], staged["action"]) == ([words], "restart")
    assert staged["reasons"] == checked["reasons"]
    assert (host.runs, binary_version(host.binary)) == (before, before)

    done = good(host.upgrade(host.config(host.jetstream()), new))
    assert (done["release"], done["action"]) == (first["release"], "restart")
    assert words in done["reasons"]
    assert (host.runs, host.programs) == (after, ["nats-server"])
    assert Path(host.binary).read_bytes() == Path(new).read_bytes()
    seen = info(host)
    assert (seen["service"]["version"], seen["service"]["replaced"], seen["program_before"]) == (after, False, None)
    assert host.upgrade(host.config(host.jetstream()), new)["changed"] is False


def test_a_program_of_the_same_version_comes_too(host: Upgraded, tmp_path: Path) -> None:
    good(host.upgrade(host.config(), OLD))
    rebuilt = tmp_path / "rebuilt"
    rebuilt.write_bytes(Path(OLD).read_bytes() + b"\0")
    rebuilt.chmod(0o755)
    done = good(host.upgrade(host.config(), str(rebuilt)))
    assert done["reasons"] == ["another program comes in the place of the one that the server runs"]
    assert Path(f"/proc/{host.pid}/exe").samefile(host.binary)
    assert host.upgrade(host.config(), str(rebuilt))["changed"] is False


@pytest.mark.parametrize("options", [{}, {"max_pending": "32MB"}], ids=["program alone", "with its release"])
def test_a_program_that_does_not_start_goes_back_with_its_release(
    host: Upgraded, tmp_path: Path, options: dict[str, str]
) -> None:
    before = good(host.upgrade(host.config(), OLD))
    result = host.upgrade(host.config(**options), broken(tmp_path))
    assert "the disk of nobody is on fire" in result["msg"]
    assert f"Rolled back to release {before['release']} with nats-server {binary_version(OLD)}" in result["msg"]
    assert (host.runs, host.programs) == (binary_version(OLD), ["nats-server"])
    assert os.readlink(host.current) == f"releases/{before['release']}"
    assert Path(host.binary).read_bytes() == Path(OLD).read_bytes()
    assert host.upgrade(host.config(), OLD)["changed"] is False
    assert host.upgrade(host.config(), NEW)["action"] == "restart"
    assert host.runs == binary_version(NEW)


def test_a_configuration_that_the_new_program_does_not_start_with(host: Upgraded) -> None:
    before = good(host.upgrade(host.config(), OLD))
    result = host.upgrade(host.config("max_payload: 128MB\nmax_pending: 1MB"), NEW)
    assert "cannot be higher than max_pending" in result["msg"]
    assert (host.runs, host.programs) == (binary_version(OLD), ["nats-server"])
    assert os.readlink(host.current) == f"releases/{before['release']}"


def test_the_program_that_comes_judges_the_configuration(host: Upgraded, tmp_path: Path) -> None:
    good(host.upgrade(host.config(), OLD))
    picky = tmp_path / "picky"
    picky.write_text(f'#!/bin/sh\n[ "$1" = -t ] && {{ echo "not with me"; exit 1; }}\nexec {NEW} "$@"\n')
    picky.chmod(0o755)
    pid = host.pid
    assert "not with me" in host.upgrade(host.config(max_pending="32MB"), str(picky))["msg"]
    foreign = tmp_path / "foreign"
    foreign.write_text("#!/bin/sh\nexit 3\n")
    foreign.chmod(0o755)
    assert "does not answer to --version" in host.upgrade(host.config(), str(foreign))["msg"]
    assert (host.pid, host.runs, kept_path(host.binary)) == (pid, binary_version(OLD), f"{host.binary}.before")
    assert not Path(kept_path(host.binary)).exists()


def test_a_server_that_does_not_run_gets_it_too(host: Upgraded) -> None:
    good(host.upgrade(host.config(), OLD))
    host.kill()
    done = good(host.upgrade(host.config(), NEW))
    assert done["reasons"] == ["the server does not run", f"the program that comes is {binary_version(NEW)}"]
    assert (host.runs, host.programs) == (binary_version(NEW), ["nats-server"])


def test_the_words_of_the_new_program_are_not_lost_in_those_of_the_old_one(host: Upgraded, tmp_path: Path) -> None:
    """A server that ends says much, one that does not start may say little, and not in the log."""
    good(host.upgrade(host.config(debug="true"), OLD))
    with contextlib.ExitStack() as connected:
        for _dummy in range(20):
            connected.enter_context(socket.create_connection(("127.0.0.1", host.port)))
        result = host.upgrade(host.config(debug="true"), broken(tmp_path))
    assert "the disk of nobody is on fire" in result["msg"], result["msg"]


@pytest.mark.parametrize("options", [{}, {"max_pending": "32MB"}], ids=["program alone", "with its release"])
def test_killed_at_any_change_the_next_run_ends_well(host: Upgraded, options: dict[str, str]) -> None:
    """Each moment in turn with AEGIS_NATS_THOROUGH=1, else every ninth. There and back, as node_config has no rule."""
    stride = 1 if os.environ.get("AEGIS_NATS_THOROUGH") else 9
    good(host.upgrade(host.config(), OLD))
    wishes = ((host.config(**options), NEW), (host.config(), OLD))
    code, change, turn = 137, 1, 0
    while code == 137:
        config, program = wishes[turn % 2]
        code, words = host.killed_at(change, host.wish(config, host.bring(program)))
        assert code in (0, 137), words
        good(host.upgrade(config, program))
        assert (host.runs, host.programs) == (binary_version(program), ["nats-server"]), change
        assert Path(f"/proc/{host.pid}/exe").samefile(host.binary)
        assert (host.current / "nats-server.conf").read_text() == config
        again = host.upgrade(config, program)
        assert (again["changed"], again["reasons"]) == (False, []), change
        change, turn = change + stride, turn + 1
    assert change > 15


@pytest.mark.parametrize("options", [{}, {"max_pending": "32MB"}], ids=["program alone", "with its release"])
def test_killed_with_a_program_that_does_not_start_the_next_run_goes_back(
    host: Upgraded, tmp_path: Path, options: dict[str, str]
) -> None:
    """The roll-back is killed too: whatever stands there then, the next run ends with the old program and release."""
    stride = 1 if os.environ.get("AEGIS_NATS_THOROUGH") else 9
    before = good(host.upgrade(host.config(), OLD))
    code, change = 137, 1
    while code == 137:
        bad = broken(tmp_path, f"change {change}")
        code, words = host.killed_at(change, host.wish(host.config(**options), host.bring(bad)))
        assert code in (1, 137), words
        result = host.upgrade(host.config(**options), bad)
        assert f"change {change} is on fire" in result["msg"], (change, result)
        assert f"Rolled back to release {before['release']}" in result["msg"], (change, result)
        assert (host.runs, host.programs) == (binary_version(OLD), ["nats-server"]), change
        assert os.readlink(host.current) == f"releases/{before['release']}"
        again = host.upgrade(host.config(), OLD)
        assert (again["changed"], again["reasons"]) == (False, []), change
        change += stride
    assert change > 15
