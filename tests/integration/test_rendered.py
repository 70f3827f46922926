# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup aegis.nats.rendered says what Ansible's own template lookup says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT

ANSIBLE = str(Path(sys.executable).parent / "ansible-playbook")
PLAY = """
- hosts: localhost
  gather_facts: false
  vars:
    number: 4222
    names: [a, b]
    text: "{{ '{{ not a template }}' }}"
    inner: "{{ number + 1 }}"
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  tasks:
    - ansible.builtin.copy:
        content: >-
          {{ {'own': lookup('aegis.nats.rendered', file), 'theirs': lookup('ansible.builtin.template', file)}
             | to_json }}
        dest: "{{ playbook_dir }}/said.json"
        mode: "0600"
"""
TEMPLATES = {
    "plain.j2": "number: {{ number }}\n\n",
    "blocks.j2": "{% for name in names %}\n  {{ name }}\n{% endfor %}\nend\n",
    "includes.j2": "{% include 'plain.j2' %}{# nothing #}\n{{ inner }}: {{ lookup('ansible.builtin.vars', 'inner') }}",
    "backslash.j2": "a\\nb {{ 'c\\\\d' }}\n",
    "braces.j2": "{{ text }} and {{ '{%' }}\n",
    "list.j2": "{{ names }}\n",
}


def said(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    (folder / "templates").mkdir()
    for each, text in TEMPLATES.items():
        (folder / "templates" / each).write_text(text, encoding="utf-8")
    (folder / "play.yml").write_text(PLAY, encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")}
    environment = {**kept, "HOME": str(folder), "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
    command = [ANSIBLE, "-i", "localhost,", "-c", "local", "-e", f"file={name}", str(folder / "play.yml")]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_says_the_same(tmp_path: Path, name: str) -> None:
    done = said(tmp_path, name)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads((tmp_path / "said.json").read_text())
    # Theirs makes a list of what looks like one; a file is text.
    assert told["own"] == str(told["theirs"]) and told["own"]


def test_a_template_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = said(tmp_path, "absent.j2")
    assert done.returncode != 0 and "absent.j2: there is no such template" in " ".join(done.stdout.split())
