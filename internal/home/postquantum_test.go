package home

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"parley"
	"parley/internal/keyring"
	"parley/receipt"
	"parley/roster"
)

// A card has a key that cosigns by ML-DSA-44 where the invite asks for one, the
// answer where the invite has one, and neither on a line that is deniable
// altogether. The station does not start with another key than the roster's.
func TestReceiptPQ(t *testing.T) {
	pass, err := keyring.NewPassphrase([]byte("five quiet words of the root"))
	if err != nil {
		t.Fatal(err)
	}
	root := RootKey{Passphrase: pass}
	var homes [2]*Home
	for i, party := range []parley.Party{"north", "south"} {
		if homes[i], err = Init(filepath.Join(t.TempDir(), "home"), InitOptions{Party: party, Root: pass}); err != nil {
			t.Fatal(err)
		}
		officer, err := keyring.NewPassphrase([]byte("five quiet words of an officer"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := homes[i].AddOfficer("alice", []string{"duty"}, officer); err != nil {
			t.Fatal(err)
		}
	}
	north, south := homes[0], homes[1]
	for _, tt := range []struct {
		name     string
		pq, want bool
		evidence string
	}{
		{"left out", false, false, roster.Attributable},
		{"deniable", true, false, roster.Deniable},
		{"asked for", true, true, roster.Attributable},
	} {
		for _, h := range homes {
			if err := os.RemoveAll(filepath.Join(h.dir, "lines")); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(filepath.Join(h.dir, "lines"), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		terms := roster.DefaultTerms()
		terms.Quorum[parley.Flash] = 1
		terms.Evidence = tt.evidence
		terms.Channels = []roster.Channel{{Name: "stick", Kind: roster.Pouch}}
		invite, err := north.Invite("south", terms, tt.pq, root, time.Now())
		if err != nil {
			t.Fatal(tt.name, err)
		}
		accept, r, err := south.Accept(invite, root, time.Now())
		if err != nil {
			t.Fatal(tt.name, err)
		}
		if _, err := north.Receive("south", accept); err != nil {
			t.Fatal(tt.name, err)
		}
		if receipt.HasPQ(r) != tt.want {
			t.Errorf("%s: the roster has keys of both: %v", tt.name, receipt.HasPQ(r))
		}
		for _, h := range homes {
			key, err := h.cosigner(r)
			if err != nil || (key != nil) != tt.want {
				t.Errorf("%s: %s cosigns with %v, %v", tt.name, h.Party(), key, err)
			}
		}
		if !tt.want {
			continue
		}
		if err := os.Remove(filepath.Join(north.keys(), keyring.ReceiptPQFile)); err != nil {
			t.Fatal(err)
		}
		if _, err := north.cosigner(r); !errors.Is(err, keyring.ErrNotFound) {
			t.Errorf("without its key: %v", err)
		}
		if _, err := north.receiptPQ(); err != nil {
			t.Fatal(err)
		}
		if _, err := north.cosigner(r); !errors.Is(err, ErrKeys) {
			t.Errorf("with another key: %v", err)
		}
	}
}
