# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps what servers tell of failed logins and ended connections, without its secrets: nats_events.py SETTINGS."""

import sys

from aegis_nats.events import main

sys.exit(main(sys.argv[1:]))
