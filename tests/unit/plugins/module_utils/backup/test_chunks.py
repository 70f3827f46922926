# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outer form: what was cut, flipped, moved or made with another key is told in words."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.backup import chunks
from ansible_collections.aegis.nats.plugins.module_utils.backup.chunks import CHUNK, ChunkReader, ChunkWriter, Damaged
from ansible_collections.aegis.nats.plugins.module_utils.backup.keys import TAG, Lock, Secret, WrongKey, new_key
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.backup.samples import SECRET
from hypothesis import given, settings
from hypothesis import strategies as st

WHOLE = CHUNK + TAG


def write(path: Path, content: bytes, encrypt: bool = True) -> int:
    """An archive of that content; where its first chunk begins."""
    key, said = new_key(SECRET, encrypt, os.urandom)
    with path.open("wb") as file:
        writer = ChunkWriter(file, Lock(key), said)
        start = file.tell()
        writer.write(content)
        writer.finish()
    return start


def read(path: Path, secret: Secret = SECRET) -> bytes:
    with path.open("rb") as file:
        reader = ChunkReader(file, str(path), secret)
        return reader.read(1 << 40)


@pytest.mark.parametrize("encrypt", [True, False])
@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_what_was_written_is_read(tmp_path: Path, size: int, encrypt: bool) -> None:
    content = os.urandom(size)
    start = write(tmp_path / "a", content, encrypt)
    assert read(tmp_path / "a") == content
    assert (tmp_path / "a").stat().st_size == start + size + TAG * max(1, -(-size // CHUNK))
    if size > 16:
        assert (content[:64] in (tmp_path / "a").read_bytes()) is not encrypt


@settings(max_examples=30, deadline=None)
@given(pieces=st.lists(st.binary(max_size=400), max_size=30), where=st.integers(0, 5000), count=st.integers(0, 5000))
def test_pieces_and_places_do_not_matter(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], where: int, count: int
) -> None:
    path = tmp_path_factory.mktemp("a") / "a"
    with pytest.MonkeyPatch.context() as patch, path.open("w+b") as file:
        patch.setattr(chunks, "CHUNK", 256)
        writer = ChunkWriter(file, Lock(None), {"from": "nothing"})
        for piece in pieces:
            writer.write(piece)
        writer.finish()
        file.flush()
        reader = ChunkReader(file, "a", SECRET)
        reader.seek(where)
        assert reader.read(count) == b"".join(pieces)[where : where + count]


def flip(place: int) -> Callable[[bytes, int], bytes]:
    def change(raw: bytes, start: int) -> bytes:
        at = start + place
        return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]

    return change


@pytest.mark.parametrize("encrypt", [True, False])
@pytest.mark.parametrize(
    "change, words",
    [
        (lambda raw, start: raw[: start + WHOLE], "it ends too early, after chunk 1 of 1 .* it was cut off"),
        (lambda raw, start: raw[: start + 2 * WHOLE], "it ends too early, after chunk 2 of 2"),
        (lambda raw, start: raw[: start + 2 * WHOLE + 10], r"chunk 3 of 3 .* is damaged or cut off"),
        (lambda raw, start: raw[:-1], r"chunk 3 of 3 .* is damaged or cut off"),
        (lambda raw, start: raw[:start], r"chunk 1 of 1 .* is damaged or cut off"),
        (flip(5), r"chunk 1 of 3 .* is damaged: take another copy"),
        (flip(WHOLE + 5), r"chunk 2 of 3 .* is damaged: take another copy"),
        (flip(2 * WHOLE - 1), r"chunk 2 of 3 .* is damaged: take another copy"),
        (
            lambda raw, start: raw[:start] + raw[start + WHOLE : start + 2 * WHOLE] + raw[start : start + WHOLE],
            "chunk 1 of 2 .* is the one that belongs at place 2: chunks were moved",
        ),
        (
            lambda raw, start: raw[:start] + raw[start + WHOLE :],
            "chunk 1 of 2 .* is the one that belongs at place 2: chunks were moved or left out",
        ),
        (lambda raw, start: raw + raw[start:], r"chunk 3 of"),
        (lambda raw, start: raw[: start // 2], "its header is damaged or cut off"),
        (lambda raw, start: b"PK" + raw, "it is no archive of aegis.nats.backup"),
        (lambda raw, start: raw.replace(b"BACKUP 1", b"BACKUP 2"), "its format is of another release"),
        (lambda raw, start: b"", "it is no archive"),
    ],
)
def test_damage_is_told_in_words(
    tmp_path: Path, change: Callable[[bytes, int], bytes], words: str, encrypt: bool
) -> None:
    path = tmp_path / "a"
    start = write(path, os.urandom(2 * CHUNK + 100), encrypt)
    path.write_bytes(change(path.read_bytes(), start))
    with pytest.raises(Damaged, match=f"^{path}: {words}"):
        read(path)


def test_a_wrong_passphrase_is_not_called_damage(tmp_path: Path) -> None:
    write(tmp_path / "a", b"content")
    with pytest.raises(WrongKey, match="it is encrypted with another key: give the passphrase or vault secret"):
        read(tmp_path / "a", Secret("another passphrase", NoSeal()))


def test_a_header_that_was_changed_opens_nothing(tmp_path: Path) -> None:
    """An archive can't be declared to be one without encryption."""
    path = tmp_path / "a"
    write(path, b"content")
    path.write_bytes(path.read_bytes().replace(b"AES-256-GCM", b"AES-256-GCX"))
    with pytest.raises(WrongKey):
        read(path)
