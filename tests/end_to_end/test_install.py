# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways to get the program: the release archive of a mirror, a file, what is there; and another version later."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate, Run, good, version_of
from ansible_collections.aegis.nats.tests.end_to_end.mirror import Mirror, by_archive, earlier, programs


def running(estate: Estate) -> list[str]:
    """The program of each server, as the kernel knows it."""
    return [os.readlink(f"/proc/{pid}/exe") for pid in estate.processes()]


def reasons(run: Run, task: str) -> dict[str, list[str]]:
    return {str(result["host"]): list(result["reasons"]) for result in run.results if result["task"] == task}


def assert_refused(estate: Estate, *words: str) -> Run:
    run = estate.deploy()
    assert run.code != 0, run.output
    assert "Traceback" not in run.output
    for word in words:
        assert word in run.text, run.output
    assert not [program for program in programs(estate) if os.path.exists(program)]
    assert estate.processes() == {}
    return run


def test_one_download_serves_all_hosts(kept: Estate, mirror: Mirror) -> None:
    by_archive(kept, mirror.url, mirror.add(kept.binary))
    before = kept.snapshot("nats")
    check = kept.deploy("--check", "--diff")
    good(check)
    assert mirror.asked == []
    assert kept.snapshot("nats") == before

    run = kept.deploy()
    good(run)
    assert sorted(path.rpartition(".")[2] for path in mirror.asked) == ["/SHA256SUMS", "gz"]
    assert set(check.changes) == set(run.changes)
    content = Path(kept.binary).read_bytes()
    assert [Path(program).read_bytes() == content for program in programs(kept)] == [True] * 3
    assert sorted(running(kept)) == sorted(programs(kept))

    mirror.close()
    again = kept.deploy()
    good(again)
    assert again.changes == []

    # What was fetched serves a host that lost its program, without the mirror.
    os.unlink(programs(kept)[1])
    healed = kept.deploy("--tags", "install")
    good(healed)
    assert healed.changes == [("n2", "Copy the binary")]


def test_a_mirror_may_be_a_folder(kept: Estate, mirror: Mirror) -> None:
    by_archive(kept, mirror.folder.as_uri(), mirror.add(kept.binary))
    run = kept.deploy("--tags", "install")
    good(run)
    assert [version_of(program) for program in programs(kept)] == [kept.settings["nats_server_version"]] * 3


def test_what_is_not_what_its_checksum_says_is_not_installed(kept: Estate, mirror: Mirror) -> None:
    version = mirror.add(kept.binary)
    by_archive(kept, mirror.url, version)
    archive = next(mirror.folder.glob("*.tar.gz"))
    archive.write_bytes(archive.read_bytes() + b"x")
    assert_refused(kept, f"{mirror.url}/{archive.name} has the SHA-256", f"but {mirror.url}/SHA256SUMS says")

    kept.settings["nats_server_archive_checksums"] = "sha256:" + "0" * 64
    assert_refused(kept, "but nats_server_archive_checksums says 000000")

    kept.settings["nats_server_archive_checksums"] = "SHA256SUMS"
    (mirror.folder / "SHA256SUMS").write_text("0" * 64 + "  other.tar.gz\n")
    assert_refused(kept, f"nats_server_archive_checksums: {mirror.url}/SHA256SUMS has no SHA-256 of {archive.name}")
    assert not list((kept.root / "nats" / "downloads").glob("*.tar.gz"))


def test_a_mirror_that_has_nothing_is_named(kept: Estate, mirror: Mirror) -> None:
    by_archive(kept, mirror.url, "2.15.99")
    assert_refused(kept, f"nats_server_archive_url: {mirror.url}/SHA256SUMS can't be fetched (HTTP 404)")
    mirror.close()
    secret = "mirror-marker-77"
    kept.settings["nats_server_archive_url"] = mirror.url.replace("//", f"//user:{secret}@")
    run = assert_refused(kept, f"nats_server_archive_url: {mirror.url}/SHA256SUMS can't be fetched", "refused")
    assert secret not in run.output


def test_a_file_of_the_controller(kept: Estate) -> None:
    kept.settings.update(
        nats_server_install_method="local",
        nats_server_binary_src=kept.binary,
        nats_server_binary_sha256=hashlib.sha256(Path(kept.binary).read_bytes()).hexdigest(),
        nats_server_binary_path="{{ quickstart_node_dir }}/bin/nats-server",
    )
    check = kept.deploy("--check", "--tags", "install")
    good(check)
    run = kept.deploy("--tags", "install")
    good(run)
    assert set(check.changes) == set(run.changes)
    assert ("n3", "Copy the binary") in run.changes
    assert kept.deploy("--tags", "install").changes == []


def test_a_program_that_is_too_old_is_refused(kept: Estate, tmp_path: Path) -> None:
    old = tmp_path / "nats-server"
    old.write_text("#!/bin/sh\necho nats-server: v2.9.25\n")
    old.chmod(0o755)
    kept.settings["nats_server_binary_path"] = str(old)
    run = kept.deploy()
    assert run.code != 0
    assert f"{old} is nats-server 2.9.25, 2.10.0 is the lowest that is supported" in run.text
    assert kept.processes() == {}


@pytest.mark.parametrize("method", [pytest.param("archive", marks=pytest.mark.long), "local"])
def test_another_version_is_installed_and_the_servers_restart_one_at_a_time(
    kept: Estate, mirror: Mirror, method: str
) -> None:
    kept.settings["nats_server_lame_duck_grace_period"] = "1s"
    first = mirror.add(earlier())
    by_archive(kept, mirror.url, first)
    run = kept.deploy()
    good(run)
    before = kept.processes()

    by_archive(kept, mirror.url, mirror.add(kept.binary))
    if method == "local":
        kept.settings.update(nats_server_install_method="local", nats_server_binary_src=kept.binary)
    check = kept.deploy("--check")
    good(check)
    assert kept.processes() == before
    run = kept.deploy()
    good(run)
    assert set(check.changes) == set(run.changes)
    words = f"the server runs {first}, the program that comes is {kept.settings['nats_server_version']}"
    for task in ("Stage the configuration and have the server check it", "Switch to the staged release"):
        told = reasons(run, task)
        assert set(told) == {"n1", "n2", "n3"}
        assert all(words in found for found in told.values()), told
        assert reasons(check, task) == told
    assert not set(before) & set(kept.processes())
    assert sorted(running(kept)) == sorted(programs(kept))
    restarts = [result["host"] for result in run.results if result["task"] == "Switch to the staged release"]
    waits = [result["task"] for result in run.results if result["task"] == "Wait until the cluster is whole"]
    assert len(set(restarts)) == 3
    assert len(waits) >= 6
    assert kept.deploy().changes == []
    assert not [
        place for program in programs(kept) for place in Path(program).parent.iterdir() if str(place) != program
    ]

    by_archive(kept, mirror.url, first)
    back, now = kept.deploy(), kept.processes()
    assert back.code != 0
    assert f"n3: the server runs {version_of(kept.binary)}, and {first} is older" in back.text, back.output
    assert kept.processes() == now


@pytest.mark.long
def test_a_rebuilt_program_of_the_same_version_restarts_too(kept: Estate, tmp_path: Path) -> None:
    source = tmp_path / "nats-server"
    shutil.copy(kept.binary, source)
    kept.settings.update(
        nats_server_lame_duck_grace_period="1s",
        nats_server_install_method="local",
        nats_server_binary_src=str(source),
        nats_server_binary_path="{{ quickstart_node_dir }}/bin/nats-server",
    )
    run = kept.deploy()
    good(run)
    with source.open("ab") as file:
        file.write(b"\0")
    words = "another program comes in the place of the one that the server runs"
    check = kept.deploy("--check")
    run = kept.deploy()
    good(run)
    told = reasons(run, "Switch to the staged release")
    assert told == reasons(check, "Switch to the staged release")
    assert all(words in found for found in told.values()), told
    assert set(check.changes) == set(run.changes)
    assert kept.deploy().changes == []
