# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, Optional

import pytest
from ansible.errors import AnsibleActionFail
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.aegis.nats.plugins.action import client_files, handshake, node_config
from ansible_collections.aegis.nats.plugins.plugin_utils import delivery
from ansible_collections.aegis.nats.plugins.plugin_utils.delivery import (
    DeliveringAction,
    delivered,
    delivered_applications,
    delivered_clients,
)


def loader(folder: Path, password: Optional[bytes] = b"pw") -> Any:
    vault = VaultLib([("default", VaultSecret(password))] if password else [])
    return SimpleNamespace(_vault=vault, path_dwim=lambda path: str(folder / path))


def test_sources_become_contents(tmp_path: Path) -> None:
    (tmp_path / "open.pem").write_text("é")
    (tmp_path / "sealed.key").write_bytes(loader(tmp_path)._vault.encrypt(b"secret"))
    arguments = {
        "state": "staged",
        "files": [
            {"path": "a", "content": "given"},
            {"path": "b", "src": "open.pem", "mode": "0644", "pending": False},
            {"path": "c", "src": "sealed.key", "secret": True},
        ],
        "directories": ["/var/lib/nats", {"path": "/var/log/nats", "mode": "0700"}],
    }
    found = delivered(arguments, loader(tmp_path), check_mode=False)
    assert found == {
        "state": "staged",
        "files": [
            {"path": "a", "content": "given"},
            {"path": "b", "content": "é", "mode": "0644"},
            {"path": "c", "content": "secret", "secret": True},
        ],
        "directories": [{"path": "/var/lib/nats"}, {"path": "/var/log/nats", "mode": "0700"}],
    }
    assert "src" in arguments["files"][1]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"src": "absent"}, r"files\[0\].src: .*absent can't be read: No such file"),
        ({"src": "binary"}, "is not a text file"),
        ({"src": "sealed"}, r"files\[0\].src: .*sealed"),
        ({"src": "open", "content": "x"}, "content is given too"),
    ],
)
def test_what_can_t_be_delivered_is_told(tmp_path: Path, entry: dict[str, Any], words: str) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "open").write_text("x")
    (tmp_path / "sealed").write_bytes(loader(tmp_path)._vault.encrypt(b"secret"))
    with pytest.raises(AnsibleActionFail, match=words):
        delivered({"files": [{"path": "a", **entry}]}, loader(tmp_path, None), check_mode=False)


@pytest.mark.parametrize(
    "entry", [{"src": "absent"}, {"src": "there", "pending": True}, {"src": "there", "pending": "yes"}]
)
def test_in_check_mode_what_the_run_makes_first_counts_as_changed(tmp_path: Path, entry: dict[str, Any]) -> None:
    (tmp_path / "there").write_text("old")
    found = delivered({"files": [{"path": "a", **entry}]}, loader(tmp_path), check_mode=True)
    assert found["validate"] is False
    assert "made by the run that follows" in found["files"][0]["content"]


def test_in_check_mode_what_is_there_is_validated(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("old")
    found = delivered({"files": [{"path": "a", "src": "there"}]}, loader(tmp_path), check_mode=True)
    assert found == {"files": [{"path": "a", "content": "old"}]}


def test_what_is_no_list_is_left_to_the_module(tmp_path: Path) -> None:
    arguments = {"files": "x", "system_files": None, "directories": "y"}
    assert delivered(arguments, loader(tmp_path), check_mode=True) == arguments


def test_applications_get_the_contents_of_their_files(tmp_path: Path) -> None:
    (tmp_path / "ca").write_text("the ca")
    (tmp_path / "creds").write_bytes(loader(tmp_path)._vault.encrypt(b"the creds"))
    entries = [
        {"name": "a", "ca": "ca", "creds": "creds", "key": None},
        {"name": "b", "state": "absent", "ca": "x"},
        "odd",
    ]
    found = delivered_applications({"applications": entries}, loader(tmp_path), check_mode=False)
    assert found["applications"] == [{**entries[0], "contents": {"ca": "the ca", "creds": "the creds"}}, *entries[1:]]
    assert delivered_applications({"applications": "odd"}, loader(tmp_path), False) == {"applications": "odd"}


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"creds": "absent"}, r"applications\[0\].creds: .*absent can't be read: No such file"),
        ({"creds": "sealed"}, r"applications\[0\].creds: .*sealed"),
        ({"contents": {}}, r"applications\[0\].contents: is read from the files"),
    ],
)
def test_an_application_s_files_that_can_t_be_read(tmp_path: Path, entry: dict[str, Any], words: str) -> None:
    (tmp_path / "sealed").write_bytes(loader(tmp_path)._vault.encrypt(b"x"))
    with pytest.raises(AnsibleActionFail, match=words):
        delivered_applications({"applications": [entry]}, loader(tmp_path, None), check_mode=False)


def test_in_check_mode_an_application_s_files_may_be_coming(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("old")
    (tmp_path / "kept").write_text("kept")
    arguments = {"applications": [{"creds": "absent", "key": "old", "ca": "kept"}], "pending": ["old"]}
    contents = delivered_applications(arguments, loader(tmp_path), check_mode=True)["applications"][0]["contents"]
    assert contents["ca"] == "kept"
    assert contents["key"] == "# made by the run that follows: old\n"
    assert contents["creds"] == "# made by the run that follows: absent\n"
    arguments["applications"][0]["creds"] = "kept"
    now = delivered_applications(arguments, loader(tmp_path), check_mode=False)
    assert now["applications"][0]["contents"]["key"] == "old"


def test_clients_get_the_contents_of_their_files(tmp_path: Path) -> None:
    (tmp_path / "crt").write_text("the certificate")
    (tmp_path / "key").write_bytes(loader(tmp_path)._vault.encrypt(b"the key"))
    entries = [{"name": "a", "certificate": "crt", "key": "key", "allowed": False}, "odd"]
    found = delivered_clients({"clients": entries}, loader(tmp_path), check_mode=False)
    contents = {"certificate": "the certificate", "key": "the key"}
    assert found["clients"] == [{**entries[0], "contents": contents}, "odd"]
    assert delivered_clients({"clients": "odd"}, loader(tmp_path), False) == {"clients": "odd"}
    for entry, words in (
        ({"certificate": "absent", "key": "key"}, r"clients\[0\].certificate: .*absent can't be read"),
        ({"certificate": "crt", "key": "key", "contents": {}}, r"clients\[0\].contents: is read from the files"),
    ):
        with pytest.raises(AnsibleActionFail, match=words):
            delivered_clients({"clients": [entry]}, loader(tmp_path), check_mode=False)
    with pytest.raises(AnsibleActionFail, match=r"clients\[0\].key: .*sealed"):
        delivered_clients({"clients": entries}, loader(tmp_path, None), check_mode=False)


class Recording:
    """An action of a kind whose module writes down how it was run."""

    def __init__(self, front: type[DeliveringAction], folder: Path, **task: Any) -> None:
        self.executed: list[dict[str, Any]] = []
        self.action = front.__new__(front)
        defaults = {
            "args": {},
            "check_mode": False,
            "async_val": 0,
            "diff": False,
            "delegate_to": None,
            "no_log": False,
        }
        self.action._task = SimpleNamespace(**{**defaults, **task})
        self.action._loader = loader(folder)
        self.action._connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir="x"))
        self.action._execute_module = self._execute_module

    def _execute_module(self, **arguments: Any) -> dict[str, Any]:
        self.executed.append(arguments)
        return {"changed": False}


@pytest.mark.parametrize("front", [client_files.ActionModule, handshake.ActionModule, node_config.ActionModule])
def test_the_host_s_log_gets_no_arguments(tmp_path: Path, front: type[DeliveringAction]) -> None:
    """Ansible writes a module's arguments there, and sees no secret in a text of several lines inside a list."""
    recording = Recording(front, tmp_path)
    recording.action.run(task_vars={"ansible_no_target_syslog": False, "other": 1})
    assert recording.executed[0]["module_name"] == front.module
    assert recording.executed[0]["task_vars"] == {"ansible_no_target_syslog": True, "other": 1}


@pytest.mark.parametrize(
    ("announce", "task", "said"),
    [
        ("n2 restarts", {}, ["n2 restarts"]),
        ("n2 restarts", {"check_mode": True}, []),
        ("n2 restarts", {"no_log": True}, []),
        (None, {}, []),
    ],
)
def test_what_is_announced_is_shown_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, announce: Optional[str], task: dict[str, Any], said: list[str]
) -> None:
    order: list[object] = []
    monkeypatch.setattr(delivery.display, "display", order.append)
    recording = Recording(node_config.ActionModule, tmp_path, args={"announce": announce}, **task)
    recording.executed = order  # type: ignore[assignment]
    recording.action.run(task_vars={})
    assert order[:-1] == said
    assert isinstance(order[-1], dict)
