# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.removal import Places, carry_out, plan


@pytest.fixture
def host(tmp_path: Path) -> Path:
    for name in (
        "etc/releases/a/nats-server.conf",
        "etc/keys/server-1/tls.key",
        "etc/loaded",
        "log/nats.log",
        "log/nats.log.2026.11.24.04",
        "log/startup.log",
        "data/jetstream/SYS/meta",
        "run/nats.pid",
        "units/nats-server.service",
    ):
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("x")
    (tmp_path / "etc/current").symlink_to("releases/a")
    (tmp_path / "data/resolver").mkdir()
    return tmp_path


def places(host: Path) -> Places:
    return Places(
        str(host / "etc"),
        (str(host / "units/nats-server.service"),),
        str(host / "log/nats.log"),
        str(host / "run/nats.pid"),
        (str(host / "data/jetstream"), str(host / "data/resolver")),
        (str(host / "log"), str(host / "data"), str(host / "run")),
    )


def test_programs_that_a_killed_change_left_go(host: Path) -> None:
    for name in ("nats-server", "nats-server.before"):
        (host / name).write_text("x")
    programs = tuple(str(host / name) for name in ("nats-server.coming", "nats-server.before"))
    carry_out(plan(replace(places(host), programs=programs), with_data=False))
    assert (host / "nats-server").exists() and not (host / "nats-server.before").exists()


def left(host: Path) -> list[str]:
    return sorted(str(each.relative_to(host)) for each in host.rglob("*"))


def test_everything_but_the_data_goes(host: Path) -> None:
    removal = plan(places(host), with_data=False)
    assert removal.kept == (f"{host}/data/jetstream: data",)
    carry_out(removal)
    assert left(host) == ["data", "data/jetstream", "data/jetstream/SYS", "data/jetstream/SYS/meta", "units"]
    assert plan(places(host), with_data=False).paths == ()


def test_data_goes_by_wish(host: Path) -> None:
    carry_out(plan(places(host), with_data=True))
    assert left(host) == ["units"]
    assert plan(places(host), with_data=True) == plan(places(host), with_data=False)


def test_what_is_not_the_server_s_stays_and_is_told(host: Path) -> None:
    (host / "etc/own.conf").write_text("mine")
    (host / "log/other.log").write_text("mine")
    removal = plan(places(host), with_data=True)
    assert removal.kept == (f"{host}/etc/own.conf: not of this server", f"{host}/log/other.log: not of this server")
    carry_out(removal)
    assert left(host) == ["etc", "etc/own.conf", "log", "log/other.log", "units"]


def test_a_killed_run_is_ended_by_the_next(host: Path) -> None:
    removal = plan(places(host), with_data=True)
    for count in range(len(removal.paths)):
        carry_out(type(removal)(removal.paths[:count]))
    carry_out(plan(places(host), with_data=True))
    assert left(host) == ["units"]
    carry_out(removal)


def test_links_are_removed_and_not_followed(host: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("x")
    (host / "data/resolver").rmdir()
    (host / "data/resolver").symlink_to(elsewhere)
    carry_out(plan(places(host), with_data=True))
    assert (elsewhere / "precious").exists() and not (host / "data").exists()
