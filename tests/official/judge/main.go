// SPDX-FileCopyrightText: 2026 aegis.nats contributors
// SPDX-License-Identifier: GPL-3.0-or-later

// judge answers with the official library what it is asked, a JSON object a line, an answer a line.
//
//	{"token": T}                what the library finds in a token, and whether it would write the same bytes
//	{"generic": T}              the same of a token without a type, which Decode takes for one of version 1
//	{"payload": P, "seed": S}   the token that the library makes of a payload, issued now
//	{"tree": [T, ...]}          whether an operator, its accounts and their users hang together
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

type question struct {
	Token   string          `json:"token"`
	Generic string          `json:"generic"`
	Payload json.RawMessage `json:"payload"`
	Seed    string          `json:"seed"`
	Tree    []string        `json:"tree"`
}

type answer struct {
	Kind      string   `json:"kind,omitempty"`
	Error     string   `json:"error,omitempty"`
	Blocking  []string `json:"blocking,omitempty"`
	Warnings  []string `json:"warnings,omitempty"`
	SameBytes bool     `json:"same_bytes,omitempty"`
	Token     string   `json:"token,omitempty"`
	Faults    []string `json:"faults,omitempty"`
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 256<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	to := json.NewEncoder(out)
	for in.Scan() {
		var asked question
		if err := json.Unmarshal(in.Bytes(), &asked); err != nil {
			panic(err)
		}
		if err := to.Encode(answered(asked)); err != nil {
			panic(err)
		}
	}
	if err := in.Err(); err != nil {
		panic(err)
	}
}

func answered(asked question) answer {
	switch {
	case asked.Tree != nil:
		return answer{Faults: faultsOf(asked.Tree)}
	case asked.Payload != nil:
		return encoded(asked.Payload, asked.Seed)
	case asked.Generic != "":
		claims, err := jwt.DecodeGeneric(asked.Generic)
		return judged(asked.Generic, claims, err)
	default:
		claims, err := jwt.Decode(asked.Token)
		return judged(asked.Token, claims, err)
	}
}

// judged tells what decoding and Validate find.
func judged(token string, claims jwt.Claims, err error) answer {
	if err != nil {
		return answer{Error: err.Error()}
	}
	found := jwt.CreateValidationResults()
	claims.Validate(found)
	told := answer{Kind: string(claims.ClaimType()), SameBytes: wouldWrite(claims, token)}
	for _, issue := range found.Issues {
		if issue.Blocking {
			told.Blocking = append(told.Blocking, issue.Description)
		} else {
			told.Warnings = append(told.Warnings, issue.Description)
		}
	}
	return told
}

// wouldWrite tells whether the library's encoder makes these very bytes, and this very jti.
func wouldWrite(claims jwt.Claims, token string) bool {
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		return false
	}
	written, err := json.Marshal(claims)
	return err == nil && bytes.Equal(written, payload)
}

// encoded signs a payload with the library's own Encode, which sets iat and jti.
func encoded(payload []byte, seed string) answer {
	pair, err := nkeys.FromSeed([]byte(seed))
	if err != nil {
		return answer{Error: err.Error()}
	}
	var kind struct {
		Nats struct {
			Type string `json:"type"`
		} `json:"nats"`
	}
	if err = json.Unmarshal(payload, &kind); err != nil {
		return answer{Error: err.Error()}
	}
	claims := blank(kind.Nats.Type)
	if err = json.Unmarshal(payload, claims); err != nil {
		return answer{Error: err.Error()}
	}
	token, err := claims.Encode(pair)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Kind: kind.Nats.Type, Token: token}
}

func blank(kind string) jwt.Claims {
	switch kind {
	case jwt.OperatorClaim:
		return &jwt.OperatorClaims{}
	case jwt.AccountClaim:
		return &jwt.AccountClaims{}
	case jwt.UserClaim:
		return &jwt.UserClaims{}
	case jwt.ActivationClaim:
		return &jwt.ActivationClaims{}
	case jwt.AuthorizationRequestClaim:
		return &jwt.AuthorizationRequestClaims{}
	case jwt.AuthorizationResponseClaim:
		return &jwt.AuthorizationResponseClaims{}
	default:
		return &jwt.GenericClaims{}
	}
}
