package receipt

import (
	"crypto"
	"crypto/ed25519"
	"fmt"

	"parley/roster"
	"parley/wire"
)

// statement is one kind of what a station says: its name, the role of the key
// that says it, its domain, and its form.
type statement[T any] struct {
	name   string
	role   roster.Role
	domain wire.Domain
	append func([]byte, T) ([]byte, error)
	parse  func([]byte) (T, error)
}

// The statements, each with its one role and domain (spec/RECEIPT.md §1).
func receipts() statement[wire.Receipt] {
	return statement[wire.Receipt]{"receipt", roster.RoleReceipt, wire.DomainReceipt, wire.AppendReceipt, wire.ParseReceipt}
}

func refusals() statement[wire.Refusal] {
	return statement[wire.Refusal]{"refusal", roster.RoleStation, wire.DomainRefusal, wire.AppendRefusal, wire.ParseRefusal}
}

func checks() statement[wire.Check] {
	return statement[wire.Check]{"check", roster.RoleStation, wire.DomainCheck, wire.AppendCheck, wire.ParseCheck}
}

func closings() statement[wire.Closed] {
	return statement[wire.Closed]{"closed", roster.RoleStation, wire.DomainClosed, wire.AppendClosed, wire.ParseClosed}
}

func prekeys() statement[wire.Prekeys] {
	return statement[wire.Prekeys]{"prekeys", roster.RoleStation, wire.DomainPrekeys, wire.AppendPrekeys, wire.ParsePrekeys}
}

func (s statement[T]) issue(v T, key crypto.Signer) ([]byte, error) {
	pub, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("sign %s: the %s key is a %T, want Ed25519", s.name, s.role, key.Public())
	}
	payload, err := s.append(nil, v)
	if err != nil {
		return nil, fmt.Errorf("sign %s: %w", s.name, err)
	}
	signed, err := wire.Sign1(key, roster.KeyID(s.role, pub), s.domain, payload)
	if err != nil {
		return nil, fmt.Errorf("sign %s: %w", s.name, err)
	}
	b, err := wire.AppendSigned1(nil, signed)
	if err != nil {
		return nil, fmt.Errorf("sign %s: %w", s.name, err)
	}
	return b, nil
}

// read returns what the payload says, whoever signed it.
func (s statement[T]) read(b []byte) (v T, err error) {
	signed, err := wire.ParseSigned1(b)
	if err == nil {
		v, err = s.parse(signed.Payload)
	}
	if err != nil {
		return v, fmt.Errorf("%s: %w", s.name, err)
	}
	return v, nil
}

// open checks the signature before it reads the payload.
func (s statement[T]) open(b []byte, pub ed25519.PublicKey) (T, error) {
	var none T
	signed, err := wire.ParseSigned1(b)
	if err != nil {
		return none, fmt.Errorf("%s: %w", s.name, err)
	}
	if err := signed.Verify(pub, roster.KeyID(s.role, pub), s.domain); err != nil {
		return none, fmt.Errorf("%s: %w", s.name, err)
	}
	v, err := s.parse(signed.Payload)
	if err != nil {
		return none, fmt.Errorf("%s: %w", s.name, err)
	}
	return v, nil
}
