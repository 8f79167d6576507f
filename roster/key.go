package roster

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"parley"
)

// Role is what a key may sign for. A key has one role, on one line, of one party (spec/ROSTER.md §4).
type Role string

// The six roles.
const (
	RoleRoot    Role = "root"    // the card; kept offline
	RoleOfficer Role = "officer" // content
	RoleLog     Role = "log"     // checkpoints
	RoleStation Role = "station" // openings, prekeys, checks, refusals, closings
	RoleReceipt Role = "receipt" // receipts and cosignatures
	RoleHop     Role = "hop"     // TLS on channels

	roleDeniable Role = "deniable" // signs nothing (spec/DENIABLE.md §2)
)

// ReceiptPQSize is the size of a receipt-pq key, of ML-DSA-44 (FIPS 204), in
// bytes. Any so many bytes are a key. It has no identifier: a party has at most
// one, and its name says whose it is (spec/ROSTER.md §4).
const ReceiptPQSize = 1312

// KeyID returns the identifier of a public key in a role: the first 8 bytes of
// SHA-256("parley/v1/key" ‖ 0 ‖ role ‖ 0 ‖ key) (spec/ROSTER.md §4).
func KeyID(role Role, pub ed25519.PublicKey) parley.KeyID {
	b := append(make([]byte, 0, 96), "parley/v1/key\x00"...)
	b = append(append(b, role...), 0)
	sum := sha256.Sum256(append(b, pub...))
	return parley.KeyID(sum[:8])
}

// smallOrder are the encodings, without the sign bit, of the points whose
// order divides 8. Signatures of many messages verify under such a key, so its
// owner could deny every one of them.
var smallOrder = [...]string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
}

// checkKey refuses what is not a usable Ed25519 public key.
func checkKey(pub ed25519.PublicKey) error {
	if len(pub) != ed25519.PublicKeySize {
		return fmt.Errorf("%w: it has %d bytes; an Ed25519 public key has 32", ErrKey, len(pub))
	}
	y := bytes.Clone(pub)
	y[31] &= 0x7f
	if slices.Contains(smallOrder[:], hex.EncodeToString(y)) {
		return fmt.Errorf("%w: it is a point of small order, under which anything verifies; make a new key", ErrKey)
	}
	return nil
}

// use is one place where a key stands.
type use struct {
	what string // "north station key"
	role Role
	key  ed25519.PublicKey
}

func (s *Side) uses() []use {
	p := string(s.Party)
	u := []use{
		{p + " root key", RoleRoot, s.Root}, {p + " log key", RoleLog, s.LogKey},
		{p + " station key", RoleStation, s.Station}, {p + " receipt key", RoleReceipt, s.Receipt},
		{p + " hop key", RoleHop, s.Hop},
	}
	for _, o := range s.Officers {
		u = append(u, use{fmt.Sprintf("%s officer %q", p, o.Name), RoleOfficer, o.Key})
	}
	if s.Deniable != nil {
		u = append(u, use{p + " deniable key", roleDeniable, s.Deniable})
	}
	return u
}

// distinct checks that every key is usable and stands in one place only, and
// that no two have the same identifier: a signature must name one key.
func distinct(uses []use) error {
	keys := make(map[string]string, len(uses))
	ids := make(map[parley.KeyID]string, len(uses))
	for _, u := range uses {
		usable := func() error { return checkKey(u.key) }
		if u.role == roleDeniable {
			usable = func() error { return checkX25519(u.key) }
		}
		if err := usable(); err != nil {
			return fmt.Errorf("%s: %w", u.what, err)
		}
		if first, twice := keys[string(u.key)]; twice {
			return fmt.Errorf("%s: %w: it is also the %s; make one key for each role and officer", u.what, ErrKey, first)
		}
		keys[string(u.key)] = u.what
		id := KeyID(u.role, u.key)
		if first, twice := ids[id]; twice {
			return fmt.Errorf("%s: %w: its identifier is also that of the %s; make a new key", u.what, ErrKey, first)
		}
		ids[id] = u.what
	}
	return nil
}
