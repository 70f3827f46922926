// SPDX-FileCopyrightText: 2026 aegis.nats contributors
// SPDX-License-Identifier: GPL-3.0-or-later

// verifier ROOTS CHAIN USAGE [NAME]: what Go's crypto/x509, and so nats-server, says to a chain.
package main

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"time"
)

func main() {
	roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
	text, _ := os.ReadFile(os.Args[1])
	roots.AppendCertsFromPEM(text)
	rest, _ := os.ReadFile(os.Args[2])
	block, rest := pem.Decode(rest)
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	intermediates.AppendCertsFromPEM(rest)
	usage := x509.ExtKeyUsageServerAuth
	if os.Args[3] == "clientAuth" {
		usage = x509.ExtKeyUsageClientAuth
	}
	options := x509.VerifyOptions{Roots: roots, Intermediates: intermediates, CurrentTime: time.Now(), KeyUsages: []x509.ExtKeyUsage{usage}}
	if len(os.Args) > 4 {
		options.DNSName = os.Args[4]
	}
	if _, err := leaf.Verify(options); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
