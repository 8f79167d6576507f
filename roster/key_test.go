package roster_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"parley/internal/rostertest"
	"parley/roster"
)

func TestKeyID(t *testing.T) {
	pub := ed25519.NewKeyFromSeed(make([]byte, 32)).Public().(ed25519.PublicKey)
	seen := make(map[string]bool)
	for _, role := range []roster.Role{roster.RoleRoot, roster.RoleOfficer, roster.RoleLog, roster.RoleStation, roster.RoleReceipt, roster.RoleHop} {
		want := sha256.Sum256([]byte("parley/v1/key\x00" + string(role) + "\x00" + string(pub)))
		id := roster.KeyID(role, pub)
		if !bytes.Equal(id[:], want[:8]) {
			t.Errorf("%s: %v, want %x", role, id, want[:8])
		}
		seen[id.String()] = true
	}
	if len(seen) != 6 {
		t.Error("one key has the same identifier in two roles")
	}
	const golden = "65c111a883d825e5"
	if id := roster.KeyID(roster.RoleOfficer, pub); id.String() != golden {
		t.Errorf("officer key of the zero seed: %v, want %s", id, golden)
	}
}

// Under a key of small order, signatures verify that nobody made. This test
// makes one for each such key that crypto/ed25519 takes, so the list is not
// folklore, and sees the key refused.
func TestWeakKeysAreRefused(t *testing.T) {
	l := rostertest.New(t)
	identity := append([]byte{1}, make([]byte, 31)...)
	forged := 0
	for _, s := range roster.SmallOrder {
		for _, sign := range []byte{0, 0x80} {
			weak, err := hex.DecodeString(s)
			if err != nil {
				t.Fatal(err)
			}
			weak[31] |= sign
			for i := range 200 {
				if ed25519.Verify(weak, fmt.Append(nil, i), append(bytes.Clone(identity), make([]byte, 32)...)) {
					forged++
					break
				}
			}
			for name, put := range map[string]func(*roster.Side){
				"log":     func(s *roster.Side) { s.LogKey = weak },
				"station": func(s *roster.Side) { s.Station = weak },
				"officer": func(s *roster.Side) { s.Officers[0].Key = weak },
			} {
				side := cloneSide(l.North.Side)
				put(&side)
				if _, err := roster.NewCard(side, l.North.RootKey); !errors.Is(err, roster.ErrKey) {
					t.Errorf("%s key %x: %v", name, weak, err)
				}
			}
		}
	}
	if forged < 8 {
		t.Errorf("signatures were forged under %d weak keys; eight points have a small order", forged)
	}
}
