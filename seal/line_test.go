package seal_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"testing"

	"parley"
	"parley/seal"
	"parley/wire"
)

// way is one direction of a line under test: the keys of both ends.
type way struct {
	seal.Terms
	stationKey ed25519.PrivateKey // the sender's
	station    ed25519.PublicKey
	private    map[parley.Hash][]byte // the addressee's
	prekey     []byte
}

func newWay(t testing.TB, line byte, from, to parley.Party) *way {
	t.Helper()
	w := &way{Terms: seal.Terms{Line: parley.LineID{line}, Roster: parley.Hash{line}, From: from, To: to}}
	var err error
	if w.station, w.stationKey, err = ed25519.GenerateKey(rand.Reader); err != nil {
		t.Fatal(err)
	}
	half, public, err := seal.NewPrekey()
	if err != nil {
		t.Fatal(err)
	}
	w.prekey = public
	w.private = map[parley.Hash][]byte{seal.PrekeyHash(public): half}
	return w
}

// held is the addressee's keyring.
func (w *way) held(h parley.Hash) ([]byte, error) {
	if half, ok := w.private[h]; ok {
		return half, nil
	}
	return nil, fmt.Errorf("keyring: %w", seal.ErrPrekey)
}

// open makes an epoch and accepts it at the other end.
func (w *way) open(t testing.TB) (sender, addressee *seal.Epoch, opening []byte) {
	t.Helper()
	sender, opening, err := seal.NewEpoch(w.Terms, w.prekey, w.stationKey)
	if err != nil {
		t.Fatal(err)
	}
	addressee, used, err := seal.AcceptEpoch(w.Terms, opening, w.station, w.held)
	if err != nil {
		t.Fatal(err)
	}
	if used != seal.PrekeyHash(w.prekey) {
		t.Fatalf("prekey used: %s", used)
	}
	return sender, addressee, opening
}

// frame seals bundle and parses the frame.
func frame(t testing.TB, e *seal.Epoch, form wire.Form, opening, bundle []byte) ([]byte, wire.Frame) {
	t.Helper()
	b, err := e.Seal(form, e.Tag(), opening, bundle)
	if err != nil {
		t.Fatal(err)
	}
	f, err := wire.ParseFrame(b)
	if err != nil {
		t.Fatal(err)
	}
	return b, f
}
