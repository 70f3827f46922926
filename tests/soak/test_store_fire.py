# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A store under fire: killed at random moments, two runs at once, no space left, another user. No key is lost.

After whatever it was, every file is whole, every published key has its seed and every seed its published key, and the
next run ends where the first would have.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.plugins.module_utils.trust import creds, keys, tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.accounts import plain_keys, scopes
from ansible_collections.aegis.nats.tests.soak.killing import SEED

SCRIPT = str(Path(__file__).with_name("trust_run.py"))
KILLS, ACCOUNTS, USERS = 25, 8, 32
OTHER = 61234
#: Identity and signing key of the operator and of each account with SYS, the users, and SYS's own user.
SEEDS = 2 + 2 * (ACCOUNTS + 1) + ACCOUNTS * USERS + 1


def tree(tag: str = "", leave_out: int = 0, users: int = USERS) -> dict[str, Any]:
    """tag: of every second account and its users; leave_out: so many users of the first account are not in it."""
    accounts = [
        {
            "name": f"account-{account}",
            **({"description": tag} if tag and account % 2 else {}),
            "users": [
                {
                    "name": f"user-{user}",
                    "publish": {"allow": [f"own.{user}.>"]},
                    "tags": [tag] * bool(tag and account % 2),
                }
                for user in range(leave_out if account == 0 else 0, users)
            ],
        }
        for account in range(ACCOUNTS)
    ]
    return {"operator": {"name": "Fire"}, "accounts": accounts}


class Trust:
    """A run of trust in a process of its own."""

    def __init__(self, path: Path, wanted: dict[str, Any], *before: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            [*before, sys.executable, SCRIPT, str(path)],
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(wanted))
        self.process.stdin.close()
        self.process.stdin = None

    def heard(self, word: str) -> bool:
        """Wait until it says a word; whether it did before it ended."""
        assert self.process.stdout is not None
        return any(line.strip() == word for line in self.process.stdout)

    def kill_after(self, seconds: float) -> bool:
        """Whether it was still at it."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()
        return self.process.returncode == -signal.SIGKILL

    def result(self) -> dict[str, Any]:
        said, complaints = self.process.communicate(timeout=300)
        lines = said.splitlines()
        assert lines and lines[-1].startswith("{"), complaints
        found: dict[str, Any] = json.loads(lines[-1])
        return found


def run(path: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    found = Trust(path, wanted).result()
    assert not found.get("failed"), found
    return found


def seen(path: Path) -> dict[str, bytes]:
    """What the next run will see: every file but the store's own lock and cache."""
    folder = Folder(str(path), NoSeal())
    return {name: folder.read(name) or b"" for name in folder.names() if Path(name).name not in (".checked", ".lock")}


def published(files: dict[str, bytes]) -> Counter[str]:
    """Every public key that a token of operator, account or user names as its own. All of them verify."""
    found: Counter[str] = Counter()
    for name, content in files.items():
        if name.endswith(".jwt"):
            token = tokens.read(content.decode())
            found.update((token.subject, *plain_keys(token), *(str(each["key"]) for each in scopes(token))))
    return found


def seeds(files: dict[str, bytes]) -> set[str]:
    """The public keys of all seeds; each seed is whole, and that of the key it is named for."""
    found: set[str] = set()
    for name, content in files.items():
        if name.endswith(".nk"):
            assert keys.from_seed(content.decode()).public_key == Path(name).stem, name
            found.add(Path(name).stem)
    return found


def assert_whole(files: dict[str, bytes]) -> None:
    """No key without its seed, no seed without its key, and creds that log in."""
    assert published(files).keys() == seeds(files)
    assert set(published(files).values()) <= {1}, "a key was given out twice"
    users = {name for name in files if "/users/" in name}
    for name in users:
        place = name.replace("stores/", "keys/creds/", 1).replace("accounts/", "").replace("users/", "")
        held = creds.read(files[place[: -len(".jwt")] + ".creds"])
        token = tokens.read(held.token)
        assert held.token == files[name].decode()
        assert keys.from_seed(held.seed).public_key == token.subject
        owner = tokens.read(files[str(Path(name).parents[1] / f"{Path(name).parents[1].name}.jwt")].decode())
        assert token.issuer in plain_keys(owner) and token.nats["issuer_account"] == owner.subject
    assert len([name for name in files if name.endswith(".creds")]) == len(users)


def left_over(path: Path) -> list[str]:
    """What only a run that goes on may have."""
    return [
        str(each) for each in path.rglob("*") if each.name.startswith((".staging", ".journal")) or ".new" in each.name
    ]


def fractions(name: str) -> list[float]:
    """When to kill, as a share of the time that it takes: one at random in each equal part."""
    chance = random.Random(f"{SEED} {name}")
    return [(part + chance.random()) / KILLS for part in range(KILLS)]


def timed(path: Path, wanted: dict[str, Any], word: str) -> float:
    """Seconds from a word of a run to its end."""
    made = Trust(path, wanted)
    assert made.heard(word)
    start = time.monotonic()
    assert not made.result().get("failed")
    return time.monotonic() - start


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store to copy."""
    path = tmp_path_factory.mktemp("made") / "trust"
    run(path, tree())
    assert len(seeds(seen(path))) == SEEDS
    return path


@pytest.fixture(scope="module")
def seconds(tmp_path_factory: pytest.TempPathFactory, made: Path) -> dict[str, float]:
    """How long planning and committing take, of a fresh store and of one that changes."""
    folder = tmp_path_factory.mktemp("seconds")
    shutil.copytree(made, folder / "changing")
    shutil.copytree(made, folder / "changing too")
    return {
        "fresh begins": timed(folder / "one", tree(), "begins"),
        "fresh commits": timed(folder / "two", tree(), "commits"),
        "changing begins": timed(folder / "changing", tree("x"), "begins"),
        "changing commits": timed(folder / "changing too", tree("x"), "commits"),
    }


landed: Counter[str] = Counter()


@pytest.mark.parametrize("number", range(KILLS))
@pytest.mark.parametrize("what", ["fresh", "changing"])
def test_killed(what: str, number: int, tmp_path: Path, made: Path, seconds: dict[str, float]) -> None:
    """Every other kill is after a share of the whole run, every other after one of its commit."""
    path, word = tmp_path / "trust", "begins" if number % 2 else "commits"
    wanted = tree()
    if what == "changing":
        shutil.copytree(made, path)
        # New tokens for half of the users, and some who leave.
        wanted = {**tree("x", leave_out=5), "purge": True}
    before = seen(path) if what == "changing" else {}
    victim = Trust(path, wanted)
    assert victim.heard(word)
    timed_as, start = f"{what} {word}", time.monotonic()
    inside = victim.kill_after(fractions(timed_as)[number] * seconds[timed_as])
    landed[what] += inside
    if not inside:
        # The machine has less to do than when it was timed: the kills that follow come as much sooner.
        seconds[timed_as] = min(seconds[timed_as], time.monotonic() - start)
    after = seen(path) if path.exists() else {}
    # All or nothing: what is there is the store before, or the store that was wanted.
    assert not after or set(after) == set(before) or len(seeds(after)) == SEEDS - 5 * (what == "changing")
    if after:
        assert_whole(after)
    run(path, wanted)
    now = seen(path)
    assert_whole(now)
    assert seeds(after) - leaving(before) <= seeds(now), "a key was lost"
    assert len(seeds(now)) == SEEDS - 5 * (what == "changing"), "a key was made twice"
    assert left_over(path) == []
    assert run(path, wanted)["changed"] is False


def leaving(files: dict[str, bytes]) -> set[str]:
    """The users of a store that leave it while it changes."""
    gone = [f"stores/Fire/accounts/account-0/users/user-{user}.jwt" for user in range(5)]
    return {tokens.read(files[name].decode()).subject for name in gone if name in files}


@pytest.mark.parametrize("what", ["fresh", "changing"])
def test_most_kills_fell_within_a_run(what: str) -> None:
    """A kill after the end proves nothing."""
    if sum(landed.values()) == 0:
        pytest.skip("run it with the kills")
    assert landed[what] >= KILLS // 2, landed


def test_two_at_once_make_no_key_twice(tmp_path: Path) -> None:
    path = tmp_path / "trust"
    both = [Trust(path, tree()) for _dummy in range(2)]
    found = [each.result() for each in both]
    assert not [each for each in found if each.get("failed")]
    assert sorted(each["changed"] for each in found) == [False, True], "the second finds what the first has made"
    assert_whole(seen(path))
    assert len(seeds(seen(path))) == SEEDS


def test_two_at_once_that_want_different_things_end_as_one_of_them_says(tmp_path: Path, made: Path) -> None:
    path = tmp_path / "trust"
    shutil.copytree(made, path)
    both = [Trust(path, tree(tag)) for tag in ("x", "y")]
    assert not [each for each in [each.result() for each in both] if each.get("failed")]
    now = seen(path)
    assert_whole(now)
    assert seeds(now) == seeds(seen(made))
    tags = {
        tuple(tokens.read(content.decode()).nats.get("tags", ())) for name, content in now.items() if "/users/" in name
    }
    assert tags in ({(), ("x",)}, {(), ("y",)})


def test_the_second_says_so_when_it_has_waited_long_enough(tmp_path: Path, made: Path) -> None:
    path = tmp_path / "trust"
    shutil.copytree(made, path)
    before = seen(path)
    with Folder(str(path), NoSeal()).locked():
        found = Trust(path, tree("x")).result()
    assert f"{path}: another run holds the lock" in found["msg"]
    assert seen(path) == before


def small_disk(kind: str, folder: Path) -> Path:
    """A disk with room for less than half a store, mounted; skips where that can't be."""
    place, image = folder / "disk", folder / "image"
    place.mkdir()
    commands = [["mount", "-t", "tmpfs", "-o", "size=1536k", "tmpfs", str(place)]]
    if kind == "ext4":
        image.write_bytes(b"")
        os.truncate(image, 3 << 20)
        commands = [
            ["mkfs.ext4", "-q", "-F", "-N", "2000", str(image)],
            ["mount", "-o", "loop", str(image), str(place)],
        ]
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False) if os.geteuid() == 0 else None
        if done is None or done.returncode != 0:
            pytest.skip(f"NOT TESTED: a full disk needs root and mount ({done.stderr.strip() if done else 'no root'})")
    return place


@pytest.fixture(params=["tmpfs", "ext4"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    place = small_disk(str(request.param), tmp_path)
    yield place
    subprocess.run(["umount", str(place)], check=True)


def fill(disk: Path, leave: int) -> Path:
    """A file that leaves so many bytes."""
    ballast = disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb") as file:
        while True:
            file.write(b"\0" * 4096)
            file.flush()
    with ballast.open("r+b") as file:
        file.truncate(max(0, ballast.stat().st_size - leave))
    return ballast


def test_no_space_left_for_a_new_store(disk: Path) -> None:
    found = Trust(disk / "trust", tree(users=100)).result()
    assert "nothing was changed: No space left on device" in found["msg"]
    assert seen(disk / "trust") == {}
    assert left_over(disk / "trust") == []
    assert run(disk / "trust", tree(users=1))["changed"], "what fits is made"
    assert_whole(seen(disk / "trust"))


@pytest.mark.parametrize("leave", [0, 8192, 65536])
def test_no_space_left_for_a_change(leave: int, disk: Path) -> None:
    path, wanted = disk / "trust", tree(users=3)
    run(path, wanted)
    before = seen(path)
    ballast = fill(disk, leave)
    found = Trust(path, tree("x", users=20)).result()
    assert "No space left on device" in found["msg"]
    assert seen(path) == before
    assert left_over(path) == []
    ballast.unlink()
    assert run(path, tree("x", users=4))["changed"]
    assert_whole(seen(path))
    assert seeds(before) < seeds(seen(path))


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user reaches; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="aegis-fire-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def as_other(path: Path, wanted: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A run of another user, who gets a copy of the code."""
    program = shutil.which("setpriv")
    if os.geteuid() != 0 or program is None:
        pytest.skip("NOT TESTED: running as another user needs root and setpriv")
    root = Path(__file__).resolve().parents[2]
    home = folder / "collections/ansible_collections/aegis/nats"
    if not home.exists():
        shutil.copytree(root / "plugins", home / "plugins")
        (home / "tests/soak").mkdir(parents=True)
        shutil.copy(SCRIPT, home / "tests/soak/trust_run.py")
        subprocess.run(["chmod", "-R", "a+rX", str(folder / "collections")], check=True)
    python = other_python()
    done = subprocess.run(
        [
            program,
            f"--reuid={OTHER}",
            f"--regid={OTHER}",
            "--clear-groups",
            python,
            str(home / "tests/soak/trust_run.py"),
            str(path),
        ],
        input=json.dumps(wanted),
        env={"PYTHONPATH": f"{folder / 'collections'}:{sysconfig.get_path('purelib')}", "HOME": "/"},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def other_python() -> str:
    """A Python of this version that another user may start."""
    for program in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}", "/usr/bin/python3"):
        probe: Optional[subprocess.CompletedProcess[bytes]] = None
        with contextlib.suppress(OSError):
            probe = subprocess.run(
                [program, "-c", "import jwt, nkeys, cryptography"],
                user=OTHER,
                group=OTHER,
                extra_groups=[],
                env={"PYTHONPATH": sysconfig.get_path("purelib")},
                cwd="/",
                capture_output=True,
                check=False,
            )
        if probe is not None and probe.returncode == 0:
            return program
    pytest.skip("NOT TESTED: no Python of this version can be run by another user")


@pytest.mark.parametrize("mode", [0o700, 0o755, 0o777])
def test_another_user_changes_nothing(mode: int, open_folder: Path) -> None:
    """Whatever of a store another user may list, it makes no second set of keys of what it can't read."""
    path = open_folder / "trust"
    run(path, tree(users=3))
    path.chmod(mode)
    before = seen(path)
    found = as_other(path, tree("x", users=3), open_folder)
    assert found["failed"]
    assert "ermission denied" in found["msg"] and str(path) in found["msg"]
    assert seen(path) == before
    assert left_over(path) == []
    path.chmod(0o700)
    assert run(path, tree(users=3))["changed"] is False


def test_the_other_users_own_store_is_its_own(open_folder: Path) -> None:
    """The control: that user can run it at all."""
    (open_folder / "home").mkdir()
    os.chown(open_folder / "home", OTHER, OTHER)
    found = as_other(open_folder / "home/trust", tree(users=3), open_folder)
    assert found["changed"], found
    assert_whole(seen(open_folder / "home/trust"))
    assert {each.stat().st_uid for each in (open_folder / "home").rglob("*")} == {OTHER}
