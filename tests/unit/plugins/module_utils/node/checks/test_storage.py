# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""JetStream: limits, encryption, placement."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.checks import storage
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.checks.reading import reads

checked = reads(storage.check)


@pytest.mark.parametrize(
    ("values", "path", "message"),
    [
        ({"jetstream_key": "/etc/nats/jetstream.key"}, "jetstream_key", "is a path"),
        ({"jetstream_key": "~/keys/js"}, "jetstream_key", "is a path"),
        ({"jetstream_key": "keys/jetstream.pem"}, "jetstream_key", "is a path"),
        ({"jetstream_key": "/k"}, "jetstream_key", "is a path"),
        ({"jetstream_key": ""}, "jetstream_key", "is empty"),
        ({"jetstream_cipher": "aes-256"}, "jetstream_cipher", "is not one of chacha, aes"),
        ({"jetstream_max_memory": "4 gigs"}, "jetstream_max_memory", "is not a size"),
        ({"jetstream_max_file": "0"}, "jetstream_max_file", "above zero"),
        ({"jetstream_max_outstanding_catchup": 1.5}, "jetstream_max_outstanding_catchup", "is not a size"),
        ({"jetstream_sync_interval": 120}, "jetstream_sync_interval", "write a number with its unit"),
        ({"jetstream_domain": "a.b"}, "jetstream_domain", "write a plain word"),
        ({"jetstream_unique_tag": "a b"}, "jetstream_unique_tag", "write a plain word"),
    ],
)
def test_what_is_wrong(values: dict[str, Any], path: str, message: str) -> None:
    found = list(checked(values).problems)
    assert [problem.path for problem in found] == [f"nats_server_{path}"]
    assert message in found[0].message


@pytest.mark.parametrize(
    ("values", "path", "message"),
    [
        ({"jetstream_encryption": False}, "jetstream_encryption", "in clear text"),
        ({"jetstream_key": "short"}, "jetstream_key", "shorter than 32 characters"),
    ],
)
def test_what_is_warned_about(values: dict[str, Any], path: str, message: str) -> None:
    reader = checked(values)
    assert list(reader.problems) == []
    assert [problem.path for problem in reader.warnings] == [f"nats_server_{path}"]
    assert message in next(iter(reader.warnings)).message


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"jetstream_key": "k" * 32, "jetstream_max_file": "100GiB", "jetstream_sync_interval": "always"},
        {"jetstream_key": "/3hHqk2ZyXq+fV8JrW1mUuX0n5bTt9QeRr7Ss2aDDk8=", "jetstream_unique_tag": "az:"},
        {"jetstream_key": "/3hHqk2ZyXqfV8JrW1mUuX0n5bTt9QeRr7Ss2aDDk8A"},
        {"jetstream": False, "jetstream_key": "/etc/x"},
    ],
)
def test_what_is_fine(values: dict[str, Any]) -> None:
    reader = checked(values)
    assert list(reader.problems) + list(reader.warnings) == []
