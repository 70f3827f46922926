# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that a module documents, those of its fragments among them, as an argument spec."""

from __future__ import annotations

import importlib
from typing import Any

import yaml
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import Verb

PLUGINS = "ansible_collections.aegis.nats.plugins"


def fragment(name: str) -> str:
    """The text of aegis.nats.FILE or aegis.nats.FILE.VARIABLE."""
    _aegis, _nats, file, *variable = name.split(".")
    holder = importlib.import_module(f"{PLUGINS}.doc_fragments.{file}").ModuleDocFragment
    return str(getattr(holder, variable[0].upper() if variable else "DOCUMENTATION"))


def documented(verb: Verb) -> dict[str, dict[str, Any]]:
    """Its options without their descriptions."""
    told = yaml.safe_load(importlib.import_module(f"{PLUGINS}.modules.{verb.name}").DOCUMENTATION)
    parts = [yaml.safe_load(fragment(name)) for name in told.get("extends_documentation_fragment", [])]
    options = {name: said for part in (*parts, told) for name, said in part.get("options", {}).items()}
    return {name: {k: v for k, v in said.items() if k != "description"} for name, said in options.items()}


def spec_of(verb: Verb) -> dict[str, dict[str, Any]]:
    """Its argument spec, but for what is not documented."""
    return {name: {k: v for k, v in spec.items() if k != "no_log"} for name, spec in verb.argument_spec.items()}
