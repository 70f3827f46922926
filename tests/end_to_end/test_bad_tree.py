# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong trust trees: told before anything is made."""

from __future__ import annotations

from ansible_collections.aegis.nats.tests.end_to_end.bad_input import Bad, assert_refused, united
from ansible_collections.aegis.nats.tests.end_to_end.estate import REMOVE, Estate

ALPHA = "nats_trust_accounts[0]"
PARTNER = "nats_trust_accounts[1]"
ORDERS = f"{ALPHA}.users[0]"


@united(
    Bad(
        "operator name with a slash",
        [("operator.name", "it becomes a file name, so no / or")],
        {"nats_trust_operator.name": "My/Company"},
    ),
    Bad(
        "operator without a name",
        [("operator.name", "is missing")],
        {"nats_trust_operator.name": REMOVE},
    ),
    Bad(
        "operator name empty",
        [("operator.name", "is not a name: it is empty")],
        {"nats_trust_operator.name": ""},
    ),
    Bad(
        "operator key misspelt",
        [("operator.signing_key", "did you mean signing_keys?")],
        {"nats_trust_operator.signing_key": 2},
    ),
    Bad(
        "strict operator without signing keys",
        [("operator.signing_keys", "is 0, but strict_signing_key_usage needs one")],
        {"nats_trust_operator.signing_keys": 0},
    ),
    Bad(
        "service URL with a password",
        [("operator.service_urls[0]", "has a user or password in it")],
        {"nats_trust_operator.service_urls": ["tls://user:secret@nats.example.com:4222"]},
    ),
    Bad(
        "account name that climbs",
        [("accounts.../up.name", "it becomes a file name")],
        {f"{PARTNER}.name": "../up"},
        alone=True,
    ),
    Bad(
        "account name with white space at its end",
        [
            ("accounts.TeamAlpha .name", "has white space at an end"),
            ("accounts.ExternalPartner.imports[0].account", "is not in the tree"),
        ],
        {f"{ALPHA}.name": "TeamAlpha "},
        alone=True,
    ),
    Bad(
        "account twice",
        [("accounts[2].name", '"TeamAlpha" is also the name of accounts[0].name')],
        {"nats_trust_accounts[+]": {"name": "TeamAlpha"}},
    ),
    Bad(
        "account called as the system account",
        [("accounts[2].name", '"SYS" is also the name of system_account')],
        {"nats_trust_accounts[+]": {"name": "SYS"}},
    ),
    Bad(
        "account key misspelt",
        [("accounts.TeamAlpha.limit", "did you mean limits?")],
        {f"{ALPHA}.limit": {"connections": 1}},
    ),
    Bad(
        "system account with JetStream",
        [("system_account.limits.jetstream", "the system account can't have JetStream")],
        {"nats_trust_system_account.limits.jetstream": {"memory": "1G"}},
    ),
    Bad(
        "user twice",
        [("accounts.TeamAlpha.users[1].name", '"order-service" is also the name of users[0]')],
        {f"{ALPHA}.users[1].name": "order-service"},
    ),
    Bad(
        "user name with a slash",
        [("accounts.TeamAlpha.users[0].name", "it becomes a file name")],
        {f"{ORDERS}.name": "orders/service"},
        alone=True,
    ),
    Bad(
        "user key misspelt",
        [("accounts.TeamAlpha.users[0].publsh", "did you mean publish?")],
        {f"{ORDERS}.publsh": {"allow": ["a"]}},
    ),
    Bad(
        "users as a mapping",
        [("accounts.TeamAlpha.users", "must be a list, not a mapping")],
        {f"{ALPHA}.users": {"order-service": {}}},
    ),
    Bad(
        "wildcard that is not last",
        [("accounts.TeamAlpha.users[0].publish.allow[0]", '">" must be the last token')],
        {f"{ORDERS}.publish.allow[0]": "orders.>.new"},
    ),
    Bad(
        "subject with an empty token",
        [("accounts.TeamAlpha.users[0].subscribe.deny[0]", "has an empty token")],
        {f"{ORDERS}.subscribe.deny": ["orders..new"]},
    ),
    Bad(
        "queue group where one publishes",
        [("accounts.TeamAlpha.users[0].publish.allow[0]", "a queue group may only be named where one subscribes")],
        {f"{ORDERS}.publish.allow[0]": "orders.new workers"},
    ),
    Bad(
        "subject allowed and denied",
        [("accounts.TeamAlpha.users[0].publish.allow[0]", '"orders.>" is also in deny')],
        {f"{ORDERS}.publish.deny": ["orders.>"]},
    ),
    Bad(
        "subject twice",
        [("accounts.TeamAlpha.users[0].publish.allow[1]", "stands twice in the list")],
        {f"{ORDERS}.publish.allow": ["orders.>", "orders.>"]},
    ),
    Bad(
        "response without unit",
        [("accounts.TeamAlpha.users[0].responses.ttl", "5s")],
        {f"{ORDERS}.responses.ttl": "5 parsecs"},
    ),
    Bad(
        "renewal without an end",
        [("accounts.TeamAlpha.users[0].renew_before", "there is no expires")],
        {f"{ORDERS}.renew_before": "30d"},
    ),
    Bad(
        "renewal longer than the life",
        [("accounts.TeamAlpha.users[0].renew_before", "is not shorter than expires")],
        {f"{ORDERS}.expires": "10d", f"{ORDERS}.renew_before": "30d"},
    ),
    Bad(
        "network without prefix length",
        [("accounts.TeamAlpha.users[0].source_networks[0]", "has no prefix length: write 10.0.0.1/32")],
        {f"{ORDERS}.source_networks": ["10.0.0.1"]},
    ),
    Bad(
        "network out of range",
        [("accounts.TeamAlpha.users[0].source_networks[0]", "is not a network: write it in CIDR form")],
        {f"{ORDERS}.source_networks": ["10.0.0.300/8"]},
    ),
    Bad(
        "time of day out of range",
        [("accounts.TeamAlpha.users[0].times[0].end", "is not a time of day")],
        {f"{ORDERS}.times": [{"start": "08:00", "end": "25:00"}]},
    ),
    Bad(
        "time zone unknown",
        [("accounts.TeamAlpha.users[0].times_location", "is not a time zone: write an IANA name")],
        {f"{ORDERS}.times": [{"start": "08:00", "end": "17:00"}], f"{ORDERS}.times_location": "Europe/Atlantis"},
    ),
    Bad(
        "connection type unknown",
        [("accounts.TeamAlpha.users[0].connection_types[0]", "did you mean WEBSOCKET?")],
        {f"{ORDERS}.connection_types": ["WEBSOCKETS"]},
    ),
    Bad(
        "bearer user where the account forbids them",
        [("accounts.TeamAlpha.users[0].bearer", "limits.disallow_bearer forbids it")],
        {f"{ORDERS}.bearer": True, f"{ALPHA}.limits.disallow_bearer": True},
    ),
    Bad(
        "size that is none",
        [("accounts.TeamAlpha.limits.jetstream.disk", "10 gigs")],
        {f"{ALPHA}.limits.jetstream.disk": "10 gigs"},
        alone=True,
    ),
    Bad(
        "negative limit",
        [("accounts.TeamAlpha.limits.connections", "is out of range: write 0 or more, or -1 for unlimited")],
        {f"{ALPHA}.limits.connections": -5},
    ),
    Bad(
        "one stream larger than all",
        [("accounts.TeamAlpha.limits.jetstream.disk_max_stream_bytes", "bytes for one stream, but disk allows")],
        {f"{ALPHA}.limits.jetstream.disk_max_stream_bytes": "20G"},
    ),
    Bad(
        "JetStream of nothing",
        [("accounts.TeamAlpha.limits.jetstream", "memory and disk are 0, which switches JetStream off")],
        {f"{ALPHA}.limits.jetstream": {"memory": 0, "disk": 0}},
    ),
    Bad(
        "more imports than the limit",
        [("accounts.ExternalPartner.imports", "there are 1, but limits.imports allows 0")],
        {f"{PARTNER}.limits.imports": 0},
    ),
    Bad(
        "overlapping exports",
        [
            (
                "accounts.TeamAlpha.exports[1].subject",
                '"orders.public.new" overlaps with "orders.public.>" of exports[0]',
            )
        ],
        {f"{ALPHA}.exports[+]": {"subject": "orders.public.new", "type": "service"}},
    ),
    Bad(
        "export type unknown",
        [("accounts.TeamAlpha.exports[0].type", "did you mean service?")],
        {f"{ALPHA}.exports[0].type": "services"},
        alone=True,
    ),
    Bad(
        "token position that is no wildcard",
        [
            ("accounts.TeamAlpha.exports[0].account_token_position", 'is not "*", but it has to be'),
            ("accounts.ExternalPartner.imports[0].subject", "has to be the public key of this account"),
        ],
        {f"{ALPHA}.exports[0].account_token_position": 2},
        alone=True,
    ),
    Bad(
        "import from an unknown account",
        [("accounts.ExternalPartner.imports[0].account", '"TeamBeta" is not in the tree: write one of')],
        {f"{PARTNER}.imports[0].account": "TeamBeta"},
        alone=True,
    ),
    Bad(
        "import of what is not exported",
        [("accounts.ExternalPartner.imports[0].subject", 'TeamAlpha does not export "orders.secret.>"')],
        {f"{PARTNER}.imports[0].subject": "orders.secret.>"},
    ),
    Bad(
        "stream import of a service",
        [("accounts.ExternalPartner.imports[0].type", 'exports "orders.public.>" as a service: write service')],
        {f"{PARTNER}.imports[0].type": "stream"},
        alone=True,
    ),
    Bad(
        "import from itself",
        [("accounts.TeamAlpha.imports[0].account", "can't import from itself")],
        {f"{ALPHA}.imports": [{"account": "TeamAlpha", "subject": "orders.public.>", "type": "service"}]},
    ),
    Bad(
        "local subject of another shape",
        [("accounts.ExternalPartner.imports[0].local_subject", 'must end in ">" exactly when')],
        {f"{PARTNER}.imports[0].local_subject": "partner.orders"},
    ),
    Bad(
        "import from a broken public key",
        [("accounts.ExternalPartner.imports[0].account", "its length or checksum is wrong")],
        {f"{PARTNER}.imports[0].account": "A" + "B" * 55},
        alone=True,
    ),
)
def test_tree(estate: Estate, case: Bad) -> None:
    assert_refused(estate, case)
    assert not (estate.root / "nats").exists()
