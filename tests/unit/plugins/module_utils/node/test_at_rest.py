# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is plaintext, by the beginnings of files as servers write them (2.12.8 to 2.15.1), and of random bytes."""

from __future__ import annotations

import os
import struct
from pathlib import Path

from ansible_collections.aegis.nats.plugins.module_utils.node.at_rest import Found, is_record, look

TIME = 1_790_000_000 * 10**9
INDEX = b"\x0b\x04\x0a\x80\x08\x01" + bytes.fromhex("80a0cfc8e0c9e9d731") + b"\x0a"
STATE = b"\x16\x02dddd\x00\x00"


def record(subject: bytes = b"orders.7", body: bytes = b"hello", sequence: int = 1, time: int = TIME) -> bytes:
    text = subject + body + b"checksum"
    return struct.pack("<IQqH", 22 + len(text), sequence, time, len(subject)) + text


def store(place: Path, **files: bytes) -> Path:
    """A stream that is encrypted, but for what a test gives."""
    given = {"meta.inf": os.urandom(300), "meta.key": os.urandom(72), **files}
    for name, content in given.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return place


def test_what_is_encrypted_is_not_named(tmp_path: Path) -> None:
    blocks = {f"msgs/{number}.blk": os.urandom(500) for number in range(1, 4)}
    keys = {f"msgs/{number}.key": os.urandom(72) for number in range(1, 4)}
    store(tmp_path / "A/streams/S", **blocks, **keys, **{"msgs/index.db": os.urandom(90), "msgs/thw.db": b"\x01" * 17})
    store(tmp_path / "A/streams/S/obs/d", **{"o.dat": os.urandom(48)})
    store(tmp_path / "SYS/_js_/G", **{"msgs/1.blk": b"", "snapshots/snap.1.2": b'{"subjects"}'})
    assert look(tmp_path) == Found(3, 4, (), ())
    assert look(tmp_path / "nowhere") == Found(0, 0, (), ())


def test_everything_in_plaintext_is_named(tmp_path: Path) -> None:
    place = store(
        tmp_path / "A/streams/S",
        **{"meta.inf": b'{"name":"S"}', "msgs/1.blk": record(), "msgs/2.blk": os.urandom(90), "msgs/index.db": INDEX},
        **{"__msgs__/7.blk": record(), "msgs/9.blk.tmp": b"cmp\x01 compressed"},
    )
    (place / "meta.key").unlink()
    consumer = store(place / "obs/d", **{"o.dat": STATE})
    found = look(tmp_path)
    assert dict(found.plaintext) == {
        str(place): "meta.inf can be read",
        str(place / "msgs/1.blk"): "its messages can be read",
        str(place / "msgs/2.blk"): "has no key of its own",
        str(place / "__msgs__/7.blk"): "its messages can be read",
        str(place / "msgs/9.blk.tmp"): "its messages can be read",
        str(consumer): "o.dat can be read",
    }
    assert (str(place), "has no key of its own") in found.plaintext
    assert found.indexes == (str(place / "msgs/index.db"),)


def test_records_of_all_kinds(tmp_path: Path) -> None:
    whole = record()
    with_headers = struct.pack("<I", struct.unpack("<I", whole[:4])[0] | 1 << 31) + whole[4:]
    deleted = record(sequence=1 << 63 | 7, time=0)
    for each in (whole, with_headers, deleted, record(b"", b"", 3)):
        assert is_record(each, len(each))
    assert not is_record(whole, len(whole) - 1)
    assert not is_record(whole[:10], 10)
    # Random bytes are taken for a record once in a hundred billion.
    assert not any(is_record(os.urandom(96), 8 * 1024 * 1024) for _dummy in range(20000))


def test_a_ciphertext_may_begin_with_a_brace(tmp_path: Path) -> None:
    place = store(tmp_path / "A/streams/S", **{"meta.inf": b'{"' + bytes(range(64))})
    assert not look(str(tmp_path)).plaintext
    (place / "meta.inf").write_bytes(b'{"name":"S"}')
    assert [why for _file, why in look(str(tmp_path)).plaintext] == ["meta.inf can be read"]


def test_random_bytes_in_the_place_of_a_subject(tmp_path: Path) -> None:
    fitting = struct.pack("<IQqH", 2343425, 4547551, 1959349477976026496, 46303)
    assert is_record(fitting + b"orders.traffic.1" * 5, 8 * 1024 * 1024)
    assert not is_record(fitting + b"orders.traffic.1" * 4 + b"\x07\xf3" * 8, 8 * 1024 * 1024)
