package tcp

import (
	"strings"
	"testing"

	"parley/internal/channel/channeltest"
)

// A hop key becomes another while the channel stands: nothing ends before the old
// key is taken no more; then the side that still may show either gets through
// with the new one, whichever side dials (spec/CHANGE.md §6).
func TestHopKeyBecomesAnother(t *testing.T) {
	for _, of := range []string{"dials", "listens"} {
		nkey, skey, next := channeltest.NewKey(t), channeltest.NewKey(t), channeltest.NewKey(t)
		l := listen(t, nkey, nil)
		north := open(t, Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
		south := open(t, Config{Name: "north", Key: skey, Peer: channeltest.Public(nkey), Dial: []string{l.Addr().String()}})
		channeltest.WaitUp(t, north)
		channeltest.WaitUp(t, south)

		// One side may show its old key or the new one; the other takes both.
		old, show, peer := skey, south.Show, north
		if of == "listens" {
			old, show, peer = nkey, l.Show, south
		}
		before := peer.Conn()
		if err := show(old, next); err != nil {
			t.Fatal(err)
		}
		if err := peer.Trust(channeltest.Public(next), channeltest.Public(old)); err != nil {
			t.Fatal(err)
		}
		if peer.Conn() != before {
			t.Errorf("%s: the connection ended, though its key is still taken", of)
		}

		// The old one is stolen: its connection ends, and the next is of the new one.
		if err := peer.Trust(channeltest.Public(next)); err != nil {
			t.Fatal(err)
		}
		<-before.Gone()
		channeltest.WaitUp(t, peer)
		if err := show(next); err != nil {
			t.Fatal(err)
		}
		channeltest.WaitUp(t, north)
		channeltest.WaitUp(t, south)
		frame := channeltest.Frame(300)
		for err := south.Send(t.Context(), frame); err != nil; err = south.Send(t.Context(), frame) { // it was just replaced
			channeltest.WaitUp(t, south)
		}
		channeltest.Receive(t, north)

		if of == "listens" {
			continue
		}
		thief := open(t, Config{Name: "north", Key: old, Peer: channeltest.Public(nkey), Dial: []string{l.Addr().String()}})
		channeltest.WaitFor(t, thief, "the refusal of the old key", func(down error) bool {
			if down == nil {
				t.Fatal("the old key was let in")
			}
			return strings.Contains(down.Error(), "has not accepted our key")
		})
	}
}

// Two channels of one listener cannot have one peer's key, when it comes later either.
func TestHopKeyOfAnotherChannel(t *testing.T) {
	l := listen(t, channeltest.NewKey(t), nil)
	a, b := channeltest.Public(channeltest.NewKey(t)), channeltest.Public(channeltest.NewKey(t))
	one := open(t, Config{Name: "one", Peer: a, Listener: l})
	open(t, Config{Name: "two", Peer: b, Listener: l})
	if err := one.Trust(a, b); err == nil || !strings.Contains(err.Error(), "two") {
		t.Errorf("one key for two channels: %v", err)
	}
	if one.Trust() == nil || one.Show() == nil || l.Show() == nil {
		t.Error("a channel without keys")
	}
	if err := one.Trust(a); err != nil {
		t.Error(err)
	}
}
