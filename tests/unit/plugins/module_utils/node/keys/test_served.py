# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Days left of what is served, and keys that nobody needs any more."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

from ansible_collections.aegis.nats.plugins.module_utils.node.files import NOBODY_NAMED
from ansible_collections.aegis.nats.plugins.module_utils.node.keys.served import drop_unused, served
from ansible_collections.aegis.nats.plugins.module_utils.node.transaction import Releases
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.keys.test_der import certificate

UNTIL = datetime(2027, 3, 1, tzinfo=timezone.utc)


def releases(root: Path, **contents: dict[str, str]) -> Releases:
    for name, files in contents.items():
        for path, text in files.items():
            place = root / "releases" / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
    found = Releases(str(root), NOBODY_NAMED)
    found.switch(sorted(contents)[-1])
    return found


def test_the_days_that_are_left(tmp_path: Path) -> None:
    old, new = certificate(UNTIL, 7)[0], certificate(UNTIL + timedelta(days=90), 8)[0]
    found = releases(
        tmp_path,
        r1={"tls/client.crt": old, "tls/route.crt": old, "tls/ca.crt": old},
        r2={"tls/client.crt": new, "tls/route.crt": old, "tls/ca.crt": old, "tls/broken.crt": "hello"},
    )
    told = {one["file"]: one for one in served(found, "r1", UNTIL - timedelta(days=10))}
    assert set(told) == {"tls/client.crt", "tls/route.crt", "tls/broken.crt"}
    assert (told["tls/client.crt"]["days_left"], told["tls/client.crt"]["served"]) == (100, False)
    assert (told["tls/route.crt"]["days_left"], told["tls/route.crt"]["served"]) == (10, True)
    assert told["tls/route.crt"]["not_after"] == "2027-03-01T00:00:00Z"
    assert (told["tls/client.crt"]["serial"], told["tls/broken.crt"]["serial"]) == ("08", None)
    assert all(one["served"] for one in served(found, "r2", UNTIL))


def test_nothing_is_switched_in(tmp_path: Path) -> None:
    assert served(Releases(str(tmp_path), NOBODY_NAMED), None, UNTIL) == []


def test_old_keys_go_with_the_last_release_that_names_them(tmp_path: Path) -> None:
    folders = [f"server-{letter * 16}" for letter in "abcd"]
    for number, folder in enumerate(folders):
        (tmp_path / "keys" / folder).mkdir(parents=True)
        (tmp_path / "keys" / folder / "tls.key").write_text("k")
        os.utime(tmp_path / "keys" / folder / "tls.key", (number, number))
    conf = {f"r{number}": {"nats-server.conf": f'"{tmp_path}/keys/{folders[number]}/tls.key"'} for number in (1, 2)}
    found = releases(tmp_path, **conf)
    assert drop_unused(found) == [f"keys/{folders[0]}"]
    assert sorted(place.name for place in (tmp_path / "keys").iterdir()) == folders[1:]
    assert drop_unused(found) == []
