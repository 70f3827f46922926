# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release that is the one in use but for some of its files."""

from __future__ import annotations

import stat
from collections.abc import Sequence

from ..plan.errors import NatsError
from .files import Ownership, WantedFile
from .transaction import Releases


def in_use_but(releases: Releases, files: Sequence[WantedFile], ownership: Ownership) -> list[WantedFile]:
    """All files of the release in use, with ``files`` in the place of those of the same name; what it does not have is
    left out, since nothing in it could refer to that. Raises NatsError where no release is in use."""
    name = releases.current()
    present = releases.contents(name)
    if name is None or present is None:
        raise NatsError(f"{releases.folder}: no release is in use that some files of could change: stage a whole one")
    given = {file.path: file for file in files}
    folder = releases.path(name)
    return [
        given[path]
        if path in given
        else WantedFile(path, content, stat.S_IMODE((folder / path).stat().st_mode), ownership, secret=True)
        for path, content in present.items()
    ]
