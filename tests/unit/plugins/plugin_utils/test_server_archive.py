# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One archive a version and architecture, however many hosts need it."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path
from typing import Any

import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.plugins.plugin_utils.server_archive import provide_all, wanted_archives

ROLE = Path(__file__).resolve().parents[4] / "roles" / "nats_server"


def need(architecture: str, installed: str | None = None, **more: Any) -> Any:
    """What the role says a host needs."""
    text = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())
    names = ("__nats_server_archive_wanted", "__nats_server_archive_name", "__nats_server_binary_differs")
    variables = {
        **{name: trust_as_template(text[name]) for name in names},
        "nats_server_version": "2.15.1",
        "nats_server_install_method": "archive",
        "nats_server_archive_url": "http://mirror",
        "nats_server_archive_checksums": "SHA256SUMS",
        "nats_server_survey": {
            "architecture": architecture,
            "binary": {"version": installed, "sha256": "0"} if installed else None,
        },
        **more,
    }
    return Templar(loader=DataLoader(), variables=variables).template(variables["__nats_server_archive_wanted"])


def test_each_architecture_has_its_archive_once() -> None:
    hosts = [need("amd64"), need("arm64"), need("amd64", "2.14.4"), need("arm64", "2.15.1")]
    assert [archive.name for archive in wanted_archives(hosts)] == [
        "nats-server-v2.15.1-linux-amd64",
        "nats-server-v2.15.1-linux-arm64",
    ]


def test_other_ways_to_install_need_no_archive() -> None:
    assert wanted_archives([need("amd64", nats_server_install_method="preinstalled"), None]) == []


def test_all_that_can_not_be_had_is_told(tmp_path: Path) -> None:
    mirror, name = tmp_path / "mirror", "nats-server-v2.15.1-linux-arm64"
    mirror.mkdir()
    with tarfile.open(mirror / f"{name}.tar.gz", "w:gz") as packed:
        entry = tarfile.TarInfo(f"{name}/nats-server")
        entry.size = 3
        packed.addfile(entry, io.BytesIO(b"elf"))
    digest = hashlib.sha256((mirror / f"{name}.tar.gz").read_bytes()).hexdigest()
    (mirror / "SHA256SUMS").write_text(f"{digest}  {name}.tar.gz\n")
    here = {"nats_server_archive_url": mirror.as_uri()}
    wanted = wanted_archives([need("arm64", **here), need("amd64", **here)])

    problems = Problems()
    looked = provide_all(wanted, tmp_path / "cache", problems, check_mode=True)
    assert not (tmp_path / "cache").exists()
    assert looked["reasons"] == [f"{archive.name}.tar.gz is fetched" for archive in wanted]
    assert not looked["archives"][name]["is_there"]

    found = provide_all(wanted, tmp_path / "cache", problems, check_mode=False)
    assert found["changed"]
    assert Path(found["archives"][name]["binary"]).read_bytes() == b"elf"
    assert [problem.message.partition(" has no")[0] for problem in problems] == [
        f"nats_server_archive_checksums: {mirror.as_uri()}/SHA256SUMS"
    ]
