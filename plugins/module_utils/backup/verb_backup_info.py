# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb ``backup_info``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ..plan.verb import Outcome, Surroundings, Verb
from . import manifest as manifests
from .archive import opened
from .keys import Secret
from .verb_backup import OPENING


def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Read an archive from its beginning to its end; what is in it is told only when all of it is whole."""
    path = params["archive"]
    with opened(path, Secret(params.get("passphrase"), surroundings.seal), surroundings.progress) as archive:
        values = {
            **manifests.summary(archive.manifest),
            "archive": path,
            "size": os.stat(path).st_size,
            "encrypted": archive.encrypted,
        }
    return Outcome(values=values)


VERB = Verb(name="backup_info", argument_spec=OPENING, run=run, local_paths=("archive",))
