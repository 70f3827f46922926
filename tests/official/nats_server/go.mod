// The source of nats-server, for its example configurations, pinned. SPDX-License-Identifier: GPL-3.0-or-later
module aegis.nats/tests/official/nats_server

go 1.25.0

require github.com/nats-io/nats-server/v2 v2.12.8
