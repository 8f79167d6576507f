package station

import (
	"bytes"
	"crypto/ed25519"
	"slices"
	"testing"

	"parley/internal/rostertest"
	"parley/roster"
	"parley/wire"
)

// Which hop keys count follows from the changes and from what the other side has
// proved: never is there a moment in which the two sides have none in common,
// however far the one is behind the other (spec/CHANGE.md §6).
func TestHopsInCommon(t *testing.T) {
	l := rostertest.New(t)
	histories := []*roster.History{roster.NewHistory(l.Roster)} // after each entry of north
	for n := uint64(1); n <= 8; n++ {
		h := histories[len(histories)-1]
		if n%2 == 0 {
			now, _ := h.Now("north")
			c := roster.Change{Keys: []roster.NewKey{{Role: roster.RoleHop, Key: l.North.Hire(t, "no officer").Key}}}
			if n%4 == 0 {
				c.Thefts = []roster.Compromise{{Role: roster.RoleHop, Key: roster.KeyID(roster.RoleHop, now.Hop), Since: n}}
			}
			full, err := h.Draft("north", n-1, c)
			if err != nil {
				t.Fatal(err)
			}
			if h, err = h.Apply("north", roster.Place{Number: n}, full); err != nil {
				t.Fatal(err)
			}
		}
		histories = append(histories, h)
	}
	for proved := range histories {
		for held := proved; held < len(histories); held++ {
			for written := held; written < len(histories); written++ {
				north := hopsOf(histories[written], l.North.Side, l.South.Side, uint64(proved))
				south := hopsOf(histories[held], l.South.Side, l.North.Side, 0)
				if !slices.ContainsFunc(north.Own, func(k ed25519.PublicKey) bool {
					return slices.ContainsFunc(south.Peer, func(p ed25519.PublicKey) bool { return p.Equal(k) })
				}) {
					t.Errorf("north has written %d, south holds %d and has proved %d: none in common", written, held, proved)
				}
			}
		}
	}
	last := len(histories) - 1
	now, _ := histories[last].Now("north")
	if h := hopsOf(histories[last], l.North.Side, l.South.Side, wire.MaxNumber-1); len(h.Own) != 1 || !bytes.Equal(h.Own[0], now.Hop) {
		t.Errorf("when all is proved, %d keys are shown", len(h.Own))
	}
	if h := hopsOf(histories[last], l.South.Side, l.North.Side, 0); len(h.Peer) != 3 { // of five, two are compromised
		t.Errorf("south takes %d keys, want 3", len(h.Peer))
	}
}
