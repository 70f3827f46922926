// SPDX-FileCopyrightText: 2026 aegis.nats contributors
// SPDX-License-Identifier: GPL-3.0-or-later

// dialler ADDRESS ROOTS: the key exchange that Go's own client and a nats-server agree on, after the whole handshake.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"time"
)

func main() {
	roots := x509.NewCertPool()
	text, _ := os.ReadFile(os.Args[2])
	roots.AppendCertsFromPEM(text)
	plain, err := net.DialTimeout("tcp", os.Args[1], 5*time.Second)
	if err != nil {
		fail(err)
	}
	plain.SetDeadline(time.Now().Add(5 * time.Second))
	// The server says no more than this line until TLS has begun.
	if _, err := bufio.NewReader(plain).ReadString('\n'); err != nil {
		fail(err)
	}
	secured := tls.Client(plain, &tls.Config{RootCAs: roots, ServerName: "nats.test"})
	if err := secured.Handshake(); err != nil {
		fail(err)
	}
	fmt.Println(secured.ConnectionState().CurveID)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
