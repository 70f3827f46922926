# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hook to somebody else's authority: a program that gets a request on its input and writes the certificate.

It is started without a shell. What the request is for it is told in its environment, ``NATS_CERTIFICATE_*``. It ends
with status 0 and writes the certificate in PEM form, those between it and the root below it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

from ..plan.errors import StoreError
from .wanted import Wanted

SECONDS = 60
_SHOWN = 300


def environment(wanted: Wanted) -> dict[str, str]:
    """What the program is told besides the request."""
    return {
        "NATS_CERTIFICATE_NAME": wanted.name,
        "NATS_CERTIFICATE_PROFILE": wanted.profile.value,
        "NATS_CERTIFICATE_COMMON_NAME": wanted.common_name,
        "NATS_CERTIFICATE_DAYS": str(wanted.days),
        **{f"NATS_CERTIFICATE_{kind.upper()}": ",".join(names) for kind, names in wanted.names.kinds()},
    }


def sign(command: Sequence[str], request: bytes, wanted: Wanted) -> bytes:
    """What the program wrote. Raises StoreError when it fails, with the end of what it said."""
    try:
        done = subprocess.run(
            list(command),
            input=request,
            capture_output=True,
            check=False,
            timeout=SECONDS,
            env={**os.environ, **environment(wanted)},
        )
    except subprocess.TimeoutExpired:
        raise StoreError(f"{wanted.name}: {command[0]} took longer than {SECONDS} seconds") from None
    except OSError as error:
        raise StoreError(f"{wanted.name}: {command[0]} can't be started: {error.strerror}") from error
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip()[-_SHOWN:]
        raise StoreError(
            f"{wanted.name}: {command[0]} ended with status {done.returncode}: {said or 'it says nothing'}"
        )
    return done.stdout
