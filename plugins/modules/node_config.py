#!/usr/bin/python
# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.node_config: the files of a server as one transaction."""

from __future__ import annotations

DOCUMENTATION = r"""
module: node_config
short_description: The files of a server as one transaction - staged, validated, switched, proved, rolled back
version_added: "0.1.0"
author:
  - aegis.nats contributors (@aegis-nats)
description:
  - O(state=staged) lays the files of a server on the host as one release, a folder named by its digest, after
    C(nats-server -t) accepted them, and says whether switching it in takes nothing, a reload or a restart, and why.
    The running server is not touched.
  - O(state=active) switches the release in by one rename, starts, reloads or restarts the server, and proves that it
    runs it. If it does not, the previous release comes back and the task fails with the server's last words.
  - A new program may be part of it (O(program)).
  - The configuration refers to files of its own release as C(CONFIG_DIR/current/NAME).
  - It may be killed at any moment. What it leaves is swept or finished by the next run.
notes:
  - Runs on the cluster host and needs nothing but Python 3.9 or newer there. O(files[].src) is read on the
    controller, opened there when it is sealed with Ansible Vault, and sent as the content of the file.
  - Secrets lie in the files of the release, with the mode and owner that each entry names. They appear in no
    argument of a process. The server's words are told without passwords, keys and tokens; files with
    O(files[].secret) are in no diff.
attributes:
  action:
    description: An action plugin reads O(files[].src) and shows O(announce) on the controller.
    support: full
  check_mode:
    description: The same answer, nothing written but a private copy that C(nats-server -t) reads, where there are
      releases already.
    support: full
  diff_mode:
    description: Shows the files that change, without secrets.
    support: full
options:
  state:
    description: How far to go.
    type: str
    choices: [staged, active]
    required: true
  config_dir:
    description: The folder that C(releases), C(current) and C(loaded) lie in.
    type: path
    default: /etc/nats
  config_file:
    description: The configuration inside the release.
    type: str
    default: nats-server.conf
  environment_file:
    description:
      - The file of the release that holds the server's environment, C(KEY="value") lines as in a systemd
        C(EnvironmentFile).
      - C(nats-server -t) gets it too. A change of it is a restart.
    type: str
  owner:
    description: Owner of the release's folders, and of files that name none.
    type: str
  group:
    description: Group of the release's folders, and of files that name none. With a group the folders are 0750, else
      0700.
    type: str
  run_as:
    description: The user that the server runs as; O(owner) when not given. Root validates as this user, and with
      O(service_manager=process) starts the server as it.
    type: str
  files:
    description: All files of the release. Needed to stage; with O(state=active) they are staged first.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Where, relative to the release.
        type: str
        required: true
      content:
        description: The file's text.
        type: str
      src:
        description: A file on the controller to take the text from; a relative path begins at the playbook. It may be
          sealed with Ansible Vault.
        type: path
      pending:
        description: In check mode, whether O(files[].src) is made anew by the run that follows. It then counts as
          changed. A file that is not there yet does in any case.
        type: bool
        default: false
      mode:
        description: Permission bits.
        type: str
        default: "0640"
      owner:
        description: Owner, if another than O(owner).
        type: str
      group:
        description: Group, if another than O(group).
        type: str
      secret:
        description: Whether the content must never be shown.
        type: bool
        default: false
  partial:
    description: Whether O(files) are only some of the release. All others are those of the release that is in use, and
      of O(files) those count that it has. Without O(files) it is the release in use as it is.
    type: bool
    default: false
  system_files:
    description: Files outside the release, such as the systemd unit. They are written when the release is switched
      in. A changed unit is a restart.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Where, absolute.
        type: str
        required: true
      content:
        description: The file's text.
        type: str
      src:
        description: A file on the controller to take the text from.
        type: path
      pending:
        description: As for O(files[].pending).
        type: bool
        default: false
      mode:
        description: Permission bits.
        type: str
        default: "0640"
      owner:
        description: Owner; the caller's own when not given.
        type: str
      group:
        description: Group; the caller's own when not given.
        type: str
      secret:
        description: Whether the content must never be shown.
        type: bool
        default: false
  directories:
    description: Folders that must be there, in this order; made or corrected while staging. A mere path stands for an
      entry with this path.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Where, absolute.
        type: path
        required: true
      mode:
        description: Permission bits.
        type: str
        default: "0750"
      owner:
        description: Owner, if another than O(owner).
        type: str
      group:
        description: Group, if another than O(group).
        type: str
  jetstream:
    description:
      - Where JetStream's data lie, and the key that the server reads them with. A release whose key could not read
        what is there is refused, while staging and before it is switched in. nats-server itself would end, or run
        without its streams.
      - Data in plaintext are no obstacle to a key, the server encrypts them when it starts. If such a release fails
        after that has begun, the server stays stopped, as the release before could not read them any more.
    type: dict
    suboptions:
      path:
        description: JetStream's folder, as C(store_dir) of the configuration has it.
        type: path
        required: true
      key_variable:
        description: The variable in O(environment_file) that holds the key.
        type: str
        required: true
      fresh:
        description:
          - Whether a release with another key may be switched in with empty data, which the server makes anew from
            the others of its cluster. What only this server has is lost; M(aegis.nats.jetstream_peer) tells whether
            there is anything.
          - The data are set aside within O(jetstream.path) while the server is stopped, and deleted when it runs
            with its new ones. They come back where it does not. Releases with other keys are removed then.
        type: bool
        default: false
  release:
    description: The release to switch in, as staging returned it. Needed with O(state=active) without O(files).
    type: str
  keep:
    description: How many releases to keep besides the current and the previous one.
    type: int
    default: 3
  enabled:
    description: Whether the unit shall start with the host. V(false) leaves it alone.
    type: bool
    default: true
  validate:
    description: In check mode, whether C(nats-server -t) is asked. The action turns it off where files of the release
      are only made by the run that follows. Out of check mode it always is.
    type: bool
    default: true
  lame_duck:
    description: Whether a restart goes through lame duck mode. With systemd this is the unit's C(ExecStop).
    type: bool
    default: true
  start_timeout:
    description: Seconds that the server may take until a start or a reload is proved.
    type: float
    default: 30.0
  restart_older_than:
    description: Restart the server, whatever else it needs, if it has been running for longer than so many seconds by
      the host's own clock. So a rolling restart that was stopped goes on with those that are left.
    type: float
  server_version:
    description: Version of the server, for what a reload can do. That of the program when not given.
    type: str
  program:
    description:
      - A program on the host that replaces O(binary) when the release is switched in, by a rename; so it must lie in
        the same folder. It is the one that is asked about the configuration, and a running server needs a restart.
      - The program before is kept as C(BINARY.before) until the new one is proved. When it is not, the one before
        comes back with its release. After a run that was killed in between, the next run proves it or takes it back.
      - Nothing comes where there is no such file, or where it is the same as O(binary).
    type: path
  program_coming:
    description: In check mode, whether O(program) is only brought by the run that follows, of O(server_version) when
      that is known. The present program is then not asked about the configuration; a running server needs a restart.
    type: bool
    default: false
  announce:
    description: A line that the action shows on the controller before the module runs. Not in check mode.
    type: str
  peers:
    description: With O(state=staged), servers that must have a route to this one for RV(whole); else nobody is asked.
    type: list
    elements: str
  jetstream_servers:
    description: How many servers JetStream's meta group has, for RV(whole); as many as O(peers) has when not given.
      With 0 JetStream is not asked.
    type: int
extends_documentation_fragment:
  - aegis.nats.server
  - aegis.nats.server.monitor
seealso:
  - module: aegis.nats.node_info
  - module: aegis.nats.node_service
  - module: aegis.nats.cluster_wait
"""

EXAMPLES = r"""
- name: Stage the configuration
  aegis.nats.node_config:
    state: staged
    owner: root
    group: nats
    run_as: nats
    monitor: http://127.0.0.1:8222
    files:
      - {path: nats-server.conf, content: "{{ lookup('ansible.builtin.template', 'nats-server.conf.j2') }}"}
      - {path: tls/server.pem, src: nats/pki/certs/n1-server.pem}
      - {path: tls/server.key, src: nats/pki/keys/n1-server.key, secret: true}
  register: staged

- name: Switch it in
  aegis.nats.node_config:
    state: active
    owner: root
    group: nats
    run_as: nats
    monitor: http://127.0.0.1:8222
    release: "{{ staged.release }}"
  when: staged.pending
"""

RETURN = r"""
changed:
  description: With O(state=staged) whether anything was written or is still to be switched in; with O(state=active)
    whether files or the server were touched.
  type: bool
  returned: always
reasons:
  description: Why, in plain words without secrets.
  type: list
  elements: str
  returned: always
action:
  description: What the server needs (V(none), V(start), V(reload) or V(restart)), or got. V(unknown) in check mode for
    a release that is only named and was not written.
  type: str
  returned: success
release:
  description: Name of the release.
  type: str
  returned: success
previous:
  description: Name of the release that was switched in before, or null.
  type: str
  returned: success
running:
  description: Whether the server ran before.
  type: bool
  returned: success
pending:
  description: Whether anything is left for O(state=active).
  type: bool
  returned: success
written:
  description: Whether files or folders were written by staging.
  type: bool
  returned: success
whole:
  description: Whether this server sees a whole cluster (its O(peers)) and nothing is left for O(state=active).
  type: bool
  returned: success
meta_leader:
  description: Whether this server leads JetStream's meta group now; it is the one to restart last.
  type: bool
  returned: success
missed_reload:
  description: The release is switched in already, but the running server has not loaded it.
  type: bool
  returned: success
removed:
  description: Old releases that were removed.
  type: list
  elements: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.node.verb_config import CONFIG
from ..module_utils.plan.verb import run_module


def main() -> None:
    run_module(AnsibleModule(**CONFIG.module_arguments()), CONFIG)


if __name__ == "__main__":
    main()
