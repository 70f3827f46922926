# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a deploy that changes nothing takes for 100 hosts over SSH, which all live on this one machine.

Each host is an sshd and a nats-server of its own, at an address of its own (127.0.1.1 to 127.0.1.100, with the ports
that the role has by default), in a folder of its own; the keys of its certificates are made there. They are three
clusters as the role makes them, deployed one after the other in one run: each a full mesh with TLS and operator mode,
JetStream on five of its servers. Ansible reaches them as it reaches any host, by ssh with ControlPersist and
pipelining. So what the hosts do costs the same processors as what the controller does, and the clock says more than it
would anywhere else.

What is not as in a fleet: no network in between; no systemd and no become; one connection between two servers instead
of a pool of three, as 20,000 connections are too much for two processors; and the servers, which do nothing but hold
the cluster together, take their share of the processors as well. It is told beside the rest.

Run it from the checkout with the interpreter of a virtual environment that has the requirements; it needs
openssh-server, 10 GB of memory and some minutes for the first run. The connections of the first run are closed before
the second, which pays for its own. It ends with status 1 when the second run changes anything, takes more than 90 s, or
an unchanged host sees more than 2 modules. --hosts N makes another number of hosts, --forks N has Ansible work on so
many at once, --clusters N makes so many clusters of them. A hundred servers of one mesh (--clusters 1) tell each other
so much that they keep half a processor busy when nobody asks them.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parents[2] / ".collections"))

from ansible_collections.aegis.nats.tests.bench.counting import CountingPythons
from ansible_collections.aegis.nats.tests.bench.processes import below, megabytes, processor, with_word
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, server_binary, wait_until
from ansible_collections.aegis.nats.tests.integration.ssh_host import SSHD, SshHost, ssh_host

HOSTS, FORKS, CLUSTERS = 100, 20, 3
#: How many of them have JetStream: more make its meta group slower, not safer.
JETSTREAM = 5
FOLDERS = {"config": "etc", "data": "data", "log": "log", "run": "run"}
AGAIN_SECONDS, AGAIN_MODULES = 90.0, 2
FIRST_TIMEOUT = 3600.0
#: How long the servers are left alone before the second run, as a new cluster talks much, and then looked at.
SETTLE_SECONDS, IDLE_SECONDS = 60, 20
#: What a host's own Python is on a distribution; where there is none, the one that runs this.
PYTHON = shutil.which("python3", path="/usr/bin:/bin") or sys.executable


class Fleet(Estate):
    """An estate whose nodes are reached by ssh, each at an address of its own."""

    def __init__(self, root: Path, ways: list[SshHost], forks: int, clusters: int) -> None:
        super().__init__(root, server_binary(), [f"n{number}" for number in range(1, len(ways) + 1)])
        self.ways = ways
        self.forks = forks
        self.pythons = CountingPythons(self.scratch / "pythons", self.nodes, PYTHON)
        self.groups = {
            f"cluster_{number}": {"hosts": {name: {} for name in self.nodes[number::clusters]}}
            for number in range(clusters)
        }
        self.hosts = {name: self._host(number, clusters) for number, name in enumerate(self.nodes)}
        # As an inventory has it that is written for such hosts: values, not the quickstart's expressions.
        shared = {"nats_pki_dir": "nats/pki", "nats_trust_dir": "nats/trust", "nats_server_secrets_dir": "nats/secrets"}
        self.settings.update(
            {name: str(self.root / place) for name, place in shared.items()},
            ansible_python_interpreter=self.pythons.variable,
            nats_server_binary_path=self.binary,
            nats_pki_keys="host",
            # A hundred servers that begin at once on two processors take their time.
            nats_server_cluster_pool_size=-1,
            nats_server_start_timeout=600,
            nats_server_wait_timeout=900,
        )
        ports = [f"nats_server_{kind}port" for kind in ("", "cluster_", "monitoring_")]
        folders = [f"nats_server_{kind}_dir" for kind in FOLDERS]
        for name in ("ansible_connection", "quickstart_ports", "quickstart_node_dir", *ports, *folders):
            del self.settings[name]

    def _host(self, number: int, clusters: int) -> dict[str, object]:
        """What the inventory says of one host."""
        way, place = self.ways[number], self.root / "nodes" / self.nodes[number]
        return {
            **way.variables,
            "nats_server_address": way.address,
            "nats_server_host": way.address,
            "nats_server_monitoring_host": way.address,
            "nats_server_cluster_name": f"fleet-{number % clusters}",
            "nats_server_jetstream": number < JETSTREAM * clusters,
            **{f"nats_server_{kind}_dir": str(place / below) for kind, below in FOLDERS.items()},
        }

    def _playbook(self) -> str:
        """What an operator of several clusters runs: one deploy after the other."""
        plays = [
            {"import_playbook": str(ROOT / "playbooks" / "deploy.yml"), "vars": {"nats_group": name}}
            for name in self.groups
        ]
        place = self.root / "site.yml"
        place.write_text(yaml.safe_dump(plays), encoding="utf-8")
        return str(place)

    def connections(self) -> list[int]:
        """The ssh clients that hold connections open."""
        return with_word(str(self.home / ".ansible" / "cp"))

    def disconnect(self) -> None:
        """Close them, and wait until the hosts know."""
        for pid in self.connections():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        listening = [way.pid for way in self.ways]
        wait_until(lambda: len(below(listening)) == len(listening), 30)

    def measure(self, name: str) -> tuple[float, int, int]:
        """One run: its seconds, its changes, and the most modules that one host saw."""
        self.disconnect()
        self.pythons.forget()
        playbook = self._playbook()
        listening = [way.pid for way in self.ways]
        theirs, servers = processor(below(listening)), processor(self.processes())
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run = self.deploy(
            playbook=playbook, timeout=FIRST_TIMEOUT, ANSIBLE_FORKS=str(self.forks), ANSIBLE_PIPELINING="1"
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if run.code:
            sys.exit(run.output)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime + processor(self.connections())
        theirs, servers = processor(below(listening)) - theirs, processor(self.processes()) - servers
        work = self.pythons.work()
        modules = [work[host].modules for host in self.nodes]
        print(
            f"{name:14} {run.seconds:6.1f} s   {len(run.changes):4} changes   CPU: controller {cpu:6.1f} s, "
            f"hosts {theirs:6.1f} s (modules {sum(each.seconds for each in work.values()):6.1f} s), "
            f"servers {servers:6.1f} s   modules a host: {min(modules)} to {max(modules)}",
            flush=True,
        )
        return run.seconds, len(run.changes), max(modules)

    def close(self) -> None:
        self.disconnect()
        super().close()


@contextlib.contextmanager
def fleet(root: Path, hosts: int, forks: int, clusters: int) -> Iterator[Fleet]:
    """So many hosts, reached by ssh; whatever runs ends with the block."""
    with contextlib.ExitStack() as stack:
        ways = [
            stack.enter_context(ssh_host(root / "ssh" / str(number), address=f"127.0.1.{number}"))
            for number in range(1, hosts + 1)
        ]
        made = Fleet(root / "estate", ways, forks, clusters)
        stack.callback(made.close)
        yield made


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--hosts", type=int, default=HOSTS, help="from 3 to 250; %(default)s")
    parser.add_argument("--forks", type=int, default=FORKS, help="%(default)s")
    parser.add_argument("--clusters", type=int, default=CLUSTERS, help="%(default)s")
    options = parser.parse_args()
    if not SSHD:
        sys.exit("fleet: there is no sshd: install your distribution's openssh-server (it need not run)")
    # Ended from outside, it still ends what it started.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    with (
        tempfile.TemporaryDirectory(prefix="fleet") as folder,
        fleet(Path(folder), options.hosts, options.forks, options.clusters) as made,
    ):
        made.measure("from nothing")
        time.sleep(SETTLE_SECONDS)
        servers = made.processes()
        before = processor(servers)
        time.sleep(IDLE_SECONDS)
        idle = (processor(servers) - before) / IDLE_SECONDS
        print(f"{len(servers)} servers with {megabytes(servers):.0f} MB of memory, left alone {idle:.2f} processors")
        again, changes, modules = made.measure("again")
    return int(again > AGAIN_SECONDS or changes > 0 or modules > AGAIN_MODULES)


if __name__ == "__main__":
    sys.exit(main())
