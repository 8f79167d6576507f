package roster_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"testing"

	"parley/internal/rostertest"
	"parley/roster"
)

// TestReceiptPQ: a card may have a receipt-pq key, the roster has it as the card
// does, and a change of the side leaves it.
func TestReceiptPQ(t *testing.T) {
	for _, of := range []rostertest.Option{rostertest.PostQuantum(), rostertest.PostQuantum("north")} {
		l := rostertest.New(t, of, rostertest.Evidence(roster.NonPapers))
		again, err := roster.ParseRoster(l.Roster.Text())
		if err != nil {
			t.Fatal(err)
		}
		north, _ := again.Side("north")
		south, _ := again.Side("south")
		if !bytes.Equal(north.ReceiptPQ, l.North.ReceiptPQ) || !bytes.Equal(south.ReceiptPQ, l.South.ReceiptPQ) || len(north.ReceiptPQ) != roster.ReceiptPQSize {
			t.Errorf("the roster has keys of %d and %d bytes", len(north.ReceiptPQ), len(south.ReceiptPQ))
		}
	}
}

func TestReceiptPQRefuses(t *testing.T) {
	l := rostertest.New(t, rostertest.PostQuantum())
	good := l.Roster.Text()
	own, theirs := "receipt-pq "+base64.StdEncoding.EncodeToString(l.North.ReceiptPQ), "receipt-pq "+base64.StdEncoding.EncodeToString(l.South.ReceiptPQ)
	for _, tt := range []struct {
		name string
		text []byte
		want error
	}{
		{"one key on both sides", replace(good, theirs, own), roster.ErrKey},
		{"a short key", replace(good, own, "receipt-pq "+base64.StdEncoding.EncodeToString(l.North.ReceiptPQ[1:])), roster.ErrMalformed},
		{"two keys", replace(good, own+"\n", own+"\n"+own+"\n"), roster.ErrMalformed},
		{"in another place", replace(replace(good, own+"\n", ""), "root ", own+"\nroot "), roster.ErrMalformed},
	} {
		if _, err := roster.ParseRoster(tt.text); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	deniable := rostertest.New(t, rostertest.Evidence(roster.Deniable)) // which has deniable keys
	side := deniable.North.Side
	side.ReceiptPQ = l.North.ReceiptPQ
	card, err := roster.NewCard(side, deniable.North.RootKey)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := roster.Invite(card, "south", deniable.Roster.Terms); !errors.Is(err, roster.ErrDeniable) {
		t.Errorf("a receipt-pq key where all is deniable: %v", err)
	}
	side.ReceiptPQ = side.ReceiptPQ[1:]
	if _, err := roster.NewCard(side, deniable.North.RootKey); !errors.Is(err, roster.ErrKey) {
		t.Errorf("a card with a short key: %v", err)
	}
}
