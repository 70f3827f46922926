# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong users, passwords, callouts and resolvers: told by their path before anything is made, and no secret with it."""

from __future__ import annotations

from typing import Any

from ansible_collections.aegis.nats.plugins.module_utils.trust import keys
from ansible_collections.aegis.nats.tests.end_to_end.bad_input import Bad, assert_refused, cases
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate

USER = keys.make(keys.Role.USER, bytes(range(5, 37)))
ISSUER = keys.make(keys.Role.ACCOUNT, bytes(range(6, 38)))
CURVE = keys.make(keys.Role.CURVE, bytes(range(7, 39)))
HASH = "$2b$11$abcdefghijklmnopqrstuuqRDLFYF.iyYjnCi4h7lJSdLjMgFXNpm"
PLAIN = "planted-password-of-bad-input-51d0"
TOO_LONG = PLAIN * 3
SECRETS = (USER.seed, ISSUER.seed, CURVE.seed, PLAIN, "planted-in-a-url")


def way(name: str, **variables: Any) -> dict[str, Any]:
    return {"nats_server_auth": name, **{f"nats_server_{key}": value for key, value in variables.items()}}


def users(*listed: dict[str, Any], name: str = "users", **variables: Any) -> dict[str, Any]:
    return way(name, users=list(listed), **variables)


def callout(*users_of_auth: dict[str, Any], **changes: Any) -> dict[str, Any]:
    said = {"issuer": ISSUER.public_key, "account": "AUTH", "auth_users": ["service"], "xkey": CURVE.public_key}
    own = list(users_of_auth) or [{"name": "service", "password": HASH}]
    return way("callout", accounts=[{"name": "AUTH", "users": own}, {"name": "APP"}], callout={**said, **changes})


def resolver(kind: str, **variables: Any) -> dict[str, Any]:
    return {"nats_server_resolver": kind, **{f"nats_server_resolver_{key}": value for key, value in variables.items()}}


@cases(
    Bad("a way that is none", [("nats_server_auth", "is not one of operator, nkey, users")], way("password")),
    Bad(
        "ways that differ",
        [("nats_server_auth", "must be the same on all servers"), ("n2.nats_server_token", "nobody could log in")],
        users({"name": "a", "password": HASH}),
        hosts={"n2.nats_server_auth": "token"},
    ),
    Bad(
        "users that differ",
        [("nats_server_users", "must be the same on all servers of the cluster: n1 and n3 have different ones")],
        users({"name": "a", "password": HASH}),
        hosts={"n3.nats_server_users": [{"name": "b", "password": HASH}]},
    ),
    # Keys
    Bad("no users", [("nats_server_users", "is empty: with nats_server_auth: nkey nobody could log in")], way("nkey")),
    Bad(
        "a seed for a public key",
        [
            (
                "nats_server_users[0].nkey",
                f"is a seed, which stays with its owner: write its public key {USER.public_key}",
            )
        ],
        users({"name": "a", "nkey": USER.seed}, name="nkey"),
    ),
    Bad(
        "a password among keys",
        [("nats_server_users[0].password", "is not for nats_server_auth: nkey")],
        users({"name": "a", "password": HASH}, name="nkey"),
    ),
    Bad(
        "one key for two",
        [("nats_server_users[1].nkey", "is also the key of")],
        users({"name": "a", "nkey": USER.public_key}, {"name": "b", "nkey": USER.public_key}, name="nkey"),
    ),
    Bad(
        "certificates that name keys",
        [("nats_server_tls_verify_and_map", "maps nobody with nats_server_auth: nkey")],
        users({"name": "a", "nkey": USER.public_key}, name="nkey", tls_verify_and_map=True),
    ),
    # Passwords
    Bad(
        "a password in clear text",
        [("nats_server_users[0].password", "is a password in clear text")],
        users({"name": "a", "password": PLAIN}),
    ),
    Bad(
        "a password that bcrypt cuts off",
        [("nats_server_users[0].password", "longer than the 72 bytes")],
        users({"name": "a", "password": TOO_LONG}, hash_passwords=True),
    ),
    Bad(
        "half a hash",
        [("nats_server_users[0].password", "looks like a bcrypt hash and is none")],
        users({"name": "a", "password": "$2a$11$HASHEDPASSWORD"}),
    ),
    Bad("nobody asks for a password", [("nats_server_users[0]", "has no password")], users({"name": "a"})),
    Bad(
        "two users of one name",
        [("nats_server_users[1].name", "is also the name of")],
        users({"name": "a", "password": HASH}, {"name": "a", "password": HASH}),
    ),
    Bad(
        "several faults of permissions",
        [
            ("nats_server_users[0].publish.allow[0]", '">" must be the last token'),
            ("nats_server_users[0].responses.ttl", "is not a duration"),
            ("nats_server_users[0].expires", "is for tokens"),
            ("nats_server_default_permissions.subscribe.deni", "did you mean deny?"),
        ],
        users(
            {
                "name": "a",
                "password": HASH,
                "publish": {"allow": ["a.>.b"]},
                "responses": {"ttl": "soon"},
                "expires": "90d",
            },
            default_permissions={"subscribe": {"deni": ["a"]}},
        ),
    ),
    Bad(
        "a system account without accounts",
        [("nats_server_system_account", "has no meaning with nats_server_auth: users")],
        users({"name": "a", "password": HASH}, system_account="SYS"),
    ),
    # Tokens
    Bad("no token", [("nats_server_token", "nobody could log in")], way("token")),
    Bad("a token in clear text", [("nats_server_token", "is a token in clear text")], way("token", token=PLAIN)),
    # Accounts
    Bad(
        "a password in clear text in an account",
        [("nats_server_accounts[0].users[0].password", "is a password in clear text")],
        way("accounts", accounts=[{"name": "A", "users": [{"name": "a", "password": PLAIN}]}]),
    ),
    # Callout
    Bad("no callout", [("nats_server_callout", "is missing")], {**callout(), "nats_server_callout": {}}),
    Bad(
        "the seed of the issuer",
        [("nats_server_callout.issuer", f"write its public key {ISSUER.public_key}")],
        callout(issuer=ISSUER.seed),
    ),
    Bad(
        "the seed of the curve key",
        [("nats_server_callout.xkey", f"write its public key {CURVE.public_key}")],
        callout(xkey=CURVE.seed),
    ),
    Bad(
        "accounts that are not there",
        [
            ("nats_server_callout.account", 'there is no account "AUHT": write one of APP, AUTH'),
            ("nats_server_callout.allowed_accounts[0]", 'there is no account "APPS"'),
        ],
        callout(account="AUHT", allowed_accounts=["APPS"]),
    ),
    Bad(
        "a service that could not connect",
        [
            ("nats_server_callout.auth_users[0]", 'no account has a user "servant"'),
            ("nats_server_callout.auth_users", "has no user of AUTH"),
        ],
        callout(auth_users=["servant"]),
    ),
    # Resolvers
    Bad(
        "a resolver that is none",
        [("nats_server_resolver", "is not one of full, cache, memory, url")],
        resolver("nats"),
    ),
    Bad(
        "memory that is deleted from",
        [("nats_server_resolver_allow_delete", "has no meaning with nats_server_resolver: memory")],
        resolver("memory", allow_delete=True),
    ),
    Bad(
        "memory with a limit",
        [("nats_server_resolver_limit", "only with full or cache")],
        resolver("memory", limit=10),
    ),
    Bad("only caches", [("nats_server_resolver", "no server of the cluster is full")], resolver("cache", ttl="1h")),
    Bad(
        "resolvers that don't go together",
        [("nats_server_resolver", "is memory on some servers and full on others")],
        hosts={"n2.nats_server_resolver": "memory"},
    ),
    Bad("no account server", [("nats_server_resolver_url", "is empty: write where")], resolver("url")),
    Bad(
        "an account server with a password",
        [("nats_server_resolver_url", "must not hold a user or password")],
        resolver("url", url="https://me:planted-in-a-url@accounts.example.com/"),
    ),
    Bad(
        "an account server that nats-server takes for memory",
        [("nats_server_resolver_url", 'holds "mem"')],
        resolver("url", url="https://members.example.com/jwt/v1/accounts/"),
    ),
)
def test_ways_in(estate: Estate, case: Bad) -> None:
    run = assert_refused(estate, case)
    assert not [secret for secret in SECRETS if secret in run.output]
    assert not (estate.root / "nats").exists()
