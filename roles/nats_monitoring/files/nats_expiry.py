# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells what ends, and what has drifted, to Prometheus' node exporter: nats_expiry.py SETTINGS [--every SECONDS]."""

import sys

from aegis_nats.expiry import main

main(sys.argv[1:])
