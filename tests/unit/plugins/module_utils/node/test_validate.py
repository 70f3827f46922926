# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.files import WantedFile
from ansible_collections.aegis.nats.plugins.module_utils.node.release import make_release
from ansible_collections.aegis.nats.plugins.module_utils.node.scrub import Secrets
from ansible_collections.aegis.nats.plugins.module_utils.node.validate import (
    ConfigRefused,
    Validator,
    _with_resolver_at,
)


@pytest.mark.parametrize(
    "text",
    [
        'resolver {\n  type: full\n  dir: "/var/lib/nats/resolver"\n  interval: "2m" }',
        "resolver: { type: full, dir: '/var/lib/nats/resolver' }",
        "resolver = { dir = /var/lib/nats/resolver\n type = full }",
        '{"resolver": {"type": "full", "dir": "/var/lib/nats/resolver"}}',
    ],
)
def test_the_resolver_s_folder_is_replaced(text: str) -> None:
    found = _with_resolver_at(f'store_dir: "/var/lib/nats"\n{text}'.encode(), Path("/tmp/x")).decode()
    assert "/var/lib/nats/resolver" not in found
    assert '"/tmp/x"' in found
    assert 'store_dir: "/var/lib/nats"' in found


@pytest.mark.parametrize("text", [b"resolver: MEMORY\njetstream { dir: x }", b"\xff resolver { dir: x }", b""])
def test_what_has_no_such_folder_stays(text: bytes) -> None:
    assert _with_resolver_at(text, Path("/tmp/x")) == text


def validator(folder: Path, script: str) -> Validator:
    """A program that does what a test wants in the place of the server."""
    program = folder / "program"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    (folder / "etc" / "releases").mkdir(parents=True)
    return Validator(str(program), folder / "etc", "nats-server.conf", "nats.env")


def test_the_copy_leads_to_itself_and_is_gone_afterwards(tmp_path: Path) -> None:
    asked = validator(
        tmp_path, f'cat "$3" > {tmp_path}/seen; echo "$JS_KEY" >> {tmp_path}/seen; echo sha256:{"a" * 64}'
    )
    files = [
        WantedFile("nats-server.conf", f'tls {{ cert_file: "{tmp_path}/etc/current/c.pem" }}\n'.encode()),
        WantedFile("c.pem", b"c"),
        WantedFile("nats.env", b"JS_KEY='in the environment'\n"),
    ]
    release = make_release(files, "nats-server.conf")
    assert asked.check_release(release, Secrets()) == "sha256:" + "a" * 64
    seen = (tmp_path / "seen").read_text()
    assert f"{tmp_path}/etc/releases/.check-{release.name}/c.pem" in seen
    assert "in the environment" in seen
    assert list((tmp_path / "etc" / "releases").iterdir()) == []


def test_the_words_of_a_refusal_hold_no_secret_and_no_copy(tmp_path: Path) -> None:
    asked = validator(tmp_path, 'echo "nats-server: $3:3:5: unknown field hunter2" >&2; exit 1')
    release = make_release([WantedFile("nats-server.conf", b"x")], "nats-server.conf")
    with pytest.raises(ConfigRefused) as caught:
        asked.check_release(release, Secrets(["hunter2"]))
    assert str(caught.value).endswith("nats-server.conf:3:5: unknown field ********")
    assert ".check-" not in str(caught.value)
    assert list((tmp_path / "etc" / "releases").iterdir()) == []


def test_a_version_that_tells_no_digest(tmp_path: Path) -> None:
    asked = validator(tmp_path, "echo nats-server: configuration file is valid")
    assert asked.digest_of_current({}, Secrets()) is None


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    asked = Validator(str(tmp_path / "absent"), tmp_path, "c")
    with pytest.raises(ConfigRefused, match="can't be run"):
        asked.digest_of_current({}, Secrets())
