// SPDX-FileCopyrightText: 2026 aegis.nats contributors
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"fmt"
	"strings"

	"github.com/nats-io/jwt/v2"
)

// faultsOf tells what nsc validate and nats-server (accounts.go, auth.go) would refuse in tokens that are fine one by
// one: who signed them, what users with a role carry, and whether imports are exported and allowed.
func faultsOf(tokens []string) []string {
	var (
		faults   []string
		operator *jwt.OperatorClaims
		users    []*jwt.UserClaims
		accounts = map[string]*jwt.AccountClaims{}
	)
	for _, token := range tokens {
		claims, err := jwt.Decode(token)
		if err != nil {
			return []string{err.Error()}
		}
		switch found := claims.(type) {
		case *jwt.OperatorClaims:
			operator = found
		case *jwt.AccountClaims:
			accounts[found.Subject] = found
		case *jwt.UserClaims:
			users = append(users, found)
		default:
			faults = append(faults, fmt.Sprintf("%T is no part of a tree", found))
		}
	}
	if operator == nil {
		return append(faults, "there is no operator")
	}
	if !operator.DidSign(operator) {
		faults = append(faults, "the operator did not sign itself")
	}
	if accounts[operator.SystemAccount] == nil {
		faults = append(faults, "there is no system account")
	}
	for _, account := range accounts {
		if !operator.DidSign(account) {
			faults = append(faults, fmt.Sprintf("account %s: the operator did not sign it", account.Name))
		}
		for _, taken := range account.Imports {
			if fault := importFault(account, taken, accounts[taken.Account]); fault != "" {
				faults = append(faults, fmt.Sprintf("account %s: import %s: %s", account.Name, taken.Subject, fault))
			}
		}
	}
	for _, user := range users {
		if fault := userFault(user, accounts); fault != "" {
			faults = append(faults, fmt.Sprintf("user %s: %s", user.Name, fault))
		}
	}
	return faults
}

// userFault: nats-server auth.go, processClientOrLeafAuthentication.
func userFault(user *jwt.UserClaims, accounts map[string]*jwt.AccountClaims) string {
	owner := user.IssuerAccount
	if owner == "" {
		owner = user.Issuer
	}
	account := accounts[owner]
	switch {
	case account == nil:
		return "its account is not there"
	case !account.DidSign(user):
		return "its account did not sign it"
	case account.IsClaimRevoked(user):
		return "is revoked"
	case user.BearerToken && account.Limits.DisallowBearer:
		return "bearer tokens are not allowed"
	}
	if scope, is := account.SigningKeys.GetScope(user.Issuer); is && scope != nil {
		if err := scope.ValidateScopedSigner(user); err != nil {
			return err.Error()
		}
	}
	return ""
}

// importFault: nats-server accounts.go, checkStreamImportAuthorized, checkServiceImportAuthorized and checkActivation.
func importFault(account *jwt.AccountClaims, taken *jwt.Import, from *jwt.AccountClaims) string {
	if from == nil {
		return "" // of another tree
	}
	for _, export := range from.Exports {
		if export.Type != taken.Type || !taken.Subject.IsContainedIn(export.Subject) {
			continue
		}
		if at := int(export.AccountTokenPosition); at > 0 {
			if strings.Split(string(taken.Subject), ".")[at-1] != account.Subject {
				return "its account is not named in the subject"
			}
			return ""
		}
		if !export.TokenReq {
			return ""
		}
		return activationFault(account, taken, from, export)
	}
	return "is not exported"
}

func activationFault(account *jwt.AccountClaims, taken *jwt.Import, from *jwt.AccountClaims, export *jwt.Export) string {
	held, err := jwt.DecodeActivationClaims(taken.Token)
	found := jwt.CreateValidationResults()
	switch {
	case err != nil:
		return "has no token: " + err.Error()
	case held.Subject != account.Subject:
		return "its token is for another account"
	case !from.DidSign(held):
		return "the exporter did not sign its token"
	case export.IsClaimRevoked(held):
		return "its token is revoked"
	}
	held.Validate(found)
	if found.IsBlocking(true) {
		return "its token is not valid"
	}
	return ""
}
