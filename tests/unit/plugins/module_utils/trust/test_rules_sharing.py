# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What accounts share: the rules that stand by themselves (those of whole trees are tested with the tree's)."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.plugins.module_utils.trust.rules_sharing import (
    check_export_overlap,
    check_import_overlap,
    check_mappings,
)
from ansible_collections.aegis.nats.plugins.module_utils.trust.sharing import Export, Import, Mapped, Target


def mapped(*weights: tuple[int, str]) -> Mapped:
    return Mapped(subject="a", to=tuple(Target(subject="b", weight=weight, cluster=name) for weight, name in weights))


@pytest.mark.parametrize(
    ("mappings", "faults"),
    [
        ([mapped((100, ""))], 0),
        ([mapped((50, ""), (50, ""))], 0),
        ([mapped((100, ""), (100, "east"), (100, "west"))], 0),
        ([mapped((100, "east"), (1, "east"))], 1),
        ([mapped((100, "")), mapped((100, ""))], 1),
    ],
)
def test_weights_are_shares_of_one_whole_in_each_cluster(mappings: list[Mapped], faults: int) -> None:
    problems = Problems()
    check_mappings(mappings, "m", problems)
    assert len(problems) == faults


def test_overlaps() -> None:
    problems = Problems()
    exports = [Export(subject=each, type="stream") for each in ("a.>", "b", "a.b")]
    check_export_overlap([*exports, Export(subject="b", type="service")], "x", problems)
    imports = [Import(account="A", subject="a.*", local_subject="l.$1", type="service")]
    imports += [Import(account=name, subject="l.b", type="service") for name in ("A", "B")]
    check_import_overlap(imports, "x", problems)
    assert [each.path for each in problems] == ["x.exports[2].subject", "x.imports[1]"]
