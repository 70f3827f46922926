// SPDX-FileCopyrightText: 2026 aegis.nats contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The order service in Node: certificate and creds, or certificate and NKey. README.md says how to run it.

import { readFileSync } from "node:fs";
import {
  connect,
  credsAuthenticator,
  jwtAuthenticator,
  nkeyAuthenticator,
  PermissionViolationError,
} from "@nats-io/transport-node";

const env = process.env;

// How the client says who it is. Functions, not contents: the files are read again at each reconnect.
function login() {
  const seed = () => Buffer.from(readFileSync(env.NATS_NKEY, "utf8").trim());
  if (env.NATS_CREDS) return credsAuthenticator(() => readFileSync(env.NATS_CREDS));
  if (env.NATS_JWT) return jwtAuthenticator(() => readFileSync(env.NATS_JWT, "utf8").trim(), seed);
  return nkeyAuthenticator(seed);
}

// The first connection has an end: where its certificate is refused, the library tries for ever.
const late = setTimeout(() => {
  console.error("error: no connection after 10 s: do URL, CA, certificate and creds belong together?");
  process.exit(1);
}, 10_000);
const client = await connect({
  servers: env.NATS_URL.split(","),
  name: "order-service",
  tls: { caFile: env.NATS_CA, certFile: env.NATS_CERT, keyFile: env.NATS_KEY },
  authenticator: login(),
  inboxPrefix: env.NATS_INBOX_PREFIX || "_INBOX", // where the user may hear replies
  maxReconnectAttempts: -1, // once connected, for ever
  reconnectTimeWait: 2000,
});
clearTimeout(late);
console.log(`connected to ${client.getServer()}`);

// Where the server's refusals arrive: publish() and flush() throw nothing.
const refused = Promise.withResolvers();
const watching = (async () => {
  for await (const status of client.status()) {
    if (status.type === "error" && status.error instanceof PermissionViolationError) {
      refused.resolve(status.error);
    } else if (status.type === "error" || status.type === "disconnect") {
      console.error(`${status.type}: ${status.error ?? status.server}`);
    }
  }
})();

client.subscribe("orders.price", { callback: (_error, request) => request.respond("99.99") });
const created = client.subscribe("orders.created", { max: 1 });

client.publish("orders.created", JSON.stringify({ orderId: "12345" }));
for await (const message of created) {
  console.log(`heard ${message.subject}: ${message.string()}`);
}

const answer = await client.request("orders.price", "12345", { timeout: 5000 });
console.log(`answer: ${answer.string()}`);

client.publish("payments.process", "100"); // not permitted, and no error here
const { operation, subject } = await refused.promise;
console.log(`refused: ${operation} to ${subject}`);

await client.drain();
await watching;
