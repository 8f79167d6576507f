package deniable_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"testing"

	"parley"
	"parley/deniable"
	"parley/release"
	"parley/wire"
)

// A consent is by one officer, to one content, under one blind; and it is no
// signature of content.
func TestConsent(t *testing.T) {
	l := line(t)
	d := derive(t, l, l.North)
	content, err := wire.AppendContent(nil, wire.Content{
		Line: d.Roster().Line, Draft: parley.DraftID{1}, From: "north/duty", To: []parley.Desk{"south/duty"},
		Precedence: parley.Routine, Status: parley.Real, Kind: parley.Text, Language: "en", Body: "A pause?",
	})
	if err != nil {
		t.Fatal(err)
	}
	_, key := l.North.Officer(t, "north a")
	pub := key.Public().(ed25519.PublicKey)
	c, err := deniable.Agree(content, [32]byte{7}, key)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(content, pub); err != nil {
		t.Error(err)
	}
	_, other := l.North.Officer(t, "north b")
	blind := c
	blind.Blind[0]++
	for name, err := range map[string]error{
		"another officer's key": c.Check(content, other.Public().(ed25519.PublicKey)),
		"another content":       c.Check(append(bytes.Clone(content), 0), pub),
		"another blind":         blind.Check(content, pub),
	} {
		if !errors.Is(err, deniable.ErrConsent) {
			t.Errorf("%s: %v", name, err)
		}
	}
	approval, err := release.Approve(content, key)
	if err != nil {
		t.Fatal(err)
	}
	if approval.Sig == c.Sig {
		t.Error("a consent is an officer's signature of the content")
	}
	if _, err := deniable.Agree([]byte{0xa0}, [32]byte{}, key); !errors.Is(err, wire.ErrMalformed) {
		t.Errorf("bytes that are no content: %v", err)
	}
}
