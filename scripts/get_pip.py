# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""In place of the get-pip.py that ansible-test would download: the interpreter's own pip, then what was asked for.

ensurepip runs in a process of its own, because it empties pip's configuration in the one that it runs in.
"""

from __future__ import annotations

import subprocess
import sys


def main() -> int:
    """Put pip into the environment of this interpreter and install the packages of the command line."""
    wanted = [argument for argument in sys.argv[1:] if argument not in {"--no-setuptools", "--no-wheel"}]
    subprocess.run([sys.executable, "-m", "ensurepip", "--default-pip"], check=True, stdout=subprocess.DEVNULL)
    return subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *wanted], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
