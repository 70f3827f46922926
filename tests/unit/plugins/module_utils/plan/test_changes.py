# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans, and how they are shown."""

from __future__ import annotations

from ansible_collections.aegis.nats.plugins.module_utils.plan.changes import FileChange, Plan, merge, picture


def test_an_empty_plan_changes_nothing() -> None:
    assert not Plan().changed
    assert Plan().diff() == {"before": "", "after": ""}


def test_content_is_never_shown() -> None:
    assert "hunter2" not in repr(Plan((FileChange("x", b"hunter2"),)))


def test_pictures_are_stable() -> None:
    assert picture({"b": 1, "a": "é"}) == '{\n  "a": "é",\n  "b": 1\n}\n'
    assert picture({"a": 1, "b": 2}) == picture({"b": 2, "a": 1})


def test_plans_merge_in_their_order() -> None:
    one = Plan((FileChange("a", b""),), ("first",), {"x": 1}, {"x": 2})
    other = Plan((FileChange("b", None),), ("second",), {}, {"y": 3})
    whole = merge([one, other])
    assert [change.path for change in whole.changes] == ["a", "b"]
    assert (whole.reasons, whole.before, whole.after) == (("first", "second"), {"x": 1}, {"x": 2, "y": 3})
    assert whole.changed
