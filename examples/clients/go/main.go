// SPDX-FileCopyrightText: 2026 aegis.nats contributors
// SPDX-License-Identifier: GPL-3.0-or-later

// The order service in Go: certificate and creds, or certificate and NKey. README.md says how to run it.
package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/nats-io/nats.go"
)

// login says how the client says who it is. Files, not their contents: they are read again at each reconnect.
func login() (nats.Option, error) {
	if creds := os.Getenv("NATS_CREDS"); creds != "" {
		return nats.UserCredentials(creds), nil
	}
	if jwt := os.Getenv("NATS_JWT"); jwt != "" {
		return nats.UserCredentials(jwt, os.Getenv("NATS_NKEY")), nil
	}
	return nats.NkeyOptionFromSeed(os.Getenv("NATS_NKEY"))
}

// connect returns a connection that survives its servers; what they refuse goes to refused.
func connect(refused chan<- error) (*nats.Conn, error) {
	who, err := login()
	if err != nil {
		return nil, err
	}
	inbox := os.Getenv("NATS_INBOX_PREFIX") // where the user may hear replies
	if inbox == "" {
		inbox = "_INBOX"
	}
	return nats.Connect(os.Getenv("NATS_URL"),
		nats.Name("order-service"),
		nats.CustomInboxPrefix(inbox),
		nats.RootCAs(os.Getenv("NATS_CA")),
		nats.ClientCert(os.Getenv("NATS_CERT"), os.Getenv("NATS_KEY")),
		who,
		nats.MaxReconnects(-1), // once connected, for ever
		nats.ReconnectWait(2*time.Second),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Printf("disconnected: %v", err)
			}
		}),
		// Where the server's refusals arrive: Publish and Flush return no error.
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if errors.Is(err, nats.ErrPermissionViolation) {
				refused <- err
				return
			}
			log.Printf("error: %v", err)
		}),
	)
}

func run() error {
	refused := make(chan error, 1)
	client, err := connect(refused)
	if err != nil {
		return err
	}
	defer client.Close()
	fmt.Println("connected to", client.ConnectedAddr())

	if _, err := client.Subscribe("orders.price", func(request *nats.Msg) {
		if err := request.Respond([]byte("99.99")); err != nil {
			log.Print(err)
		}
	}); err != nil {
		return err
	}
	created, err := client.SubscribeSync("orders.created")
	if err != nil {
		return err
	}

	if err := client.Publish("orders.created", []byte(`{"orderId": "12345"}`)); err != nil {
		return err
	}
	message, err := created.NextMsg(5 * time.Second)
	if err != nil {
		return err
	}
	fmt.Printf("heard %s: %s\n", message.Subject, message.Data)

	answer, err := client.Request("orders.price", []byte("12345"), 5*time.Second)
	if err != nil {
		return err
	}
	fmt.Printf("answer: %s\n", answer.Data)

	if err := client.Publish("payments.process", []byte("100")); err != nil { // not permitted, and no error here
		return err
	}
	select {
	case err := <-refused:
		fmt.Println("refused:", err)
	case <-time.After(5 * time.Second):
		return errors.New("the server did not refuse payments.process")
	}
	return client.Drain()
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
