# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as the same on every host; in doubt it does not."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from ansible.errors import AnsibleError
from ansible_collections.aegis.nats.plugins.plugin_utils.shared_variables import references, shared_names

HOSTS: dict[str, dict[str, Any]] = {
    name: {
        "inventory_hostname": name,
        "port": 4222,
        "own": f"value of {name}",
        "list": ["{{ port }}", {"key": "{{ far }}"}],
        "far": "{{ port }}",
        "by_name": "{{ inventory_hostname }}",
        "through": {"deep": ["{{ by_name }}"]},
        "looked_up": "{{ lookup('file', 'x') }}",
        "others": "{{ hostvars | length }}",
        "circle": "{{ round }}",
        "round": "{{ circle }}",
        "broken": "{{ port",
        "nowhere": "{{ not_defined | default('x') }}",
        **({"some_have_it": 1} if name == "n2" else {}),
    }
    for name in ("n1", "n2", "n3")
}


def test_only_what_no_host_can_change_is_shared() -> None:
    found = shared_names(HOSTS, {name for host in HOSTS.values() for name in host})
    assert found == {"port", "list", "far", "nowhere"}


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (1, set()),
        ("plain", set()),
        ("{{ a.b | default(c) }}", {"a", "c"}),
        ("{% if a %}{{ b }}{% endif %}", {"a", "b"}),
        ([{"x": "{{ a }}"}, ("{{ b }}",)], {"a", "b"}),
        (["{{ a }}", "{{ a"], None),
    ],
)
def test_the_names_that_a_value_writes(value: Any, names: Optional[set[str]]) -> None:
    assert references(value) == names


def test_what_can_not_be_compared_is_not_the_same() -> None:
    class Sealed:
        def __eq__(self, other: object) -> bool:
            raise AnsibleError("no vault secret")

        def __hash__(self) -> int:
            return 0

    assert shared_names({"n1": {"a": Sealed()}, "n2": {"a": Sealed()}}, {"a"}) == frozenset()
