# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exporter reaches hosts by a release archive or from the controller; what is not the one expected does not."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate, good
from ansible_collections.aegis.nats.tests.end_to_end.mirror import Mirror
from ansible_collections.aegis.nats.tests.end_to_end.watched import Watched, needs_prometheus, program

pytestmark = needs_prometheus
NAME = "prometheus-nats-exporter"


@pytest.fixture
def lone(tmp_path: Path, binary: str) -> Iterator[Watched]:
    """One host, whose server was not deployed yet: the exporter waits for it."""
    made = Watched(Estate(tmp_path / "estate", binary, nodes=["n1"]))
    made.estate.settings.update(
        nats_monitoring_exporter_binary_path="{{ quickstart_node_dir }}/" + NAME, nats_monitoring_expiry=False
    )
    (made.estate.root / "nodes/n1").mkdir(parents=True)
    yield made
    made.close()


def release(mirror: Mirror, version: str) -> None:
    """An archive without a folder in it, as upstream makes it, and its list."""
    machine = {"x86_64": "x86_64", "aarch64": "arm64"}[os.uname().machine]
    name = f"{NAME}-v{version}-linux-{machine}.tar.gz"
    content = Path(program("NATS_EXPORTER")).read_bytes()
    with tarfile.open(mirror.folder / name, "w:gz", compresslevel=1) as packed:
        entry = tarfile.TarInfo(NAME)
        entry.size, entry.mode = len(content), 0o755
        packed.addfile(entry, io.BytesIO(content))
    digest = hashlib.sha256((mirror.folder / name).read_bytes()).hexdigest()
    (mirror.folder / "checksums.txt").write_text(f"{digest}  {name}\n")


def test_by_an_archive(lone: Watched, mirror: Mirror) -> None:
    place = lone.estate.root / "nodes/n1" / NAME
    release(mirror, "0.20.1")
    lone.estate.settings.update(
        nats_monitoring_exporter_install_method="archive", nats_monitoring_exporter_archive_url=mirror.url
    )
    good(lone.run("--check"))
    assert mirror.asked == [] and not place.exists()
    good(lone.run())
    assert place.read_bytes() == Path(program("NATS_EXPORTER")).read_bytes() and place.stat().st_mode & 0o777 == 0o755
    assert len(lone.processes()) == 1 and len(mirror.asked) == 2
    again = good(lone.run())
    assert again.changes == [] and len(mirror.asked) == 2

    # Another version whose archive is not what the list says: nothing of it reaches the host.
    release(mirror, "0.20.2")
    with next(mirror.folder.glob("*0.20.2*")).open("ab") as archive:
        archive.write(b"x")
    lone.estate.settings["nats_monitoring_exporter_version"] = "0.20.2"
    before, running = lone.estate.snapshot("nodes"), lone.processes()
    run = lone.run()
    assert run.code != 0 and "nats_monitoring_exporter_archive_url" in run.text and "damaged" in run.text, run.told
    assert lone.estate.snapshot("nodes") == before and lone.processes() == running


def test_from_the_controller(lone: Watched) -> None:
    source = program("NATS_EXPORTER")
    digest = hashlib.sha256(Path(source).read_bytes()).hexdigest()
    lone.estate.settings.update(
        nats_monitoring_exporter_install_method="local",
        nats_monitoring_exporter_binary_src=source,
        nats_monitoring_exporter_binary_sha256="0" * 64,
    )
    run = lone.run()
    assert run.code != 0 and "has another SHA-256 than nats_monitoring_exporter_binary_sha256 says" in run.text, (
        run.told
    )
    assert list((lone.estate.root / "nodes/n1").iterdir()) == []
    lone.estate.settings["nats_monitoring_exporter_binary_sha256"] = digest.upper()
    good(lone.run())
    assert len(lone.processes()) == 1
    assert good(lone.run()).changes == []


def test_one_that_is_not_there(lone: Watched) -> None:
    run = lone.run()
    assert run.code != 0 and f"n1/{NAME} is not there: install it, or choose another" in run.text, run.told
    assert lone.processes() == []
