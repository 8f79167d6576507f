package receipt_test

import (
	"bytes"
	"crypto"
	"errors"
	"testing"

	"parley"
	"parley/internal/rostertest"
	"parley/receipt"
	"parley/roster"
	"parley/wire"
)

// generation is a good statement of a line: north's log goes on behind entry 5.
func generation(t testing.TB, line *rostertest.Line, id parley.LogID, size uint64, at parley.Time, closed parley.LogID) []byte {
	t.Helper()
	renewal, err := receipt.IssueRenewal(wire.Renewal{Line: line.Roster.Line, Party: "north", Log: id, Time: at}, line.North.LogKey)
	if err != nil {
		t.Fatal(err)
	}
	closing, err := receipt.IssueClosing(wire.Closing{
		Line: line.Roster.Line, Party: "north", Closed: closed, Size: size, Root: parley.Hash{5}, Opened: id, Time: at + 1,
	}, line.South.ReceiptKey)
	if err != nil {
		t.Fatal(err)
	}
	b, err := wire.AppendGeneration(nil, wire.Generation{Renewal: renewal, Closing: closing})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Generations follow each other in one order only, and whoever knows all of them
// knows of every number under which name it was signed.
func TestGenerationsFollow(t *testing.T) {
	line := rostertest.New(t, rostertest.Seed("generations"))
	h := roster.NewHistory(line.Roster)
	second, third := parley.LogID{2}, parley.LogID{3}
	first := generation(t, line, second, 5, moment, line.North.Log)
	next := generation(t, line, third, 5, moment+9, second)
	if _, _, err := receipt.OpenGeneration(next, h, "north"); !errors.Is(err, roster.ErrGeneration) {
		t.Errorf("the third before the second: %v", err)
	}
	g, h, err := receipt.OpenGeneration(first, h, "north")
	if err != nil || g.Renewal.Log != second || g.Closing.Size != 5 {
		t.Fatalf("%+v, %v", g, err)
	}
	if _, _, err := receipt.OpenGeneration(first, h, "north"); !errors.Is(err, roster.ErrGeneration) {
		t.Errorf("the second again: %v", err)
	}
	if _, h, err = receipt.OpenGeneration(next, h, "north"); err != nil {
		t.Fatal(err)
	}
	if at, n := h.Generation("north", 6); at.Log != third || n != 3 {
		t.Errorf("entry 6 is of %s, the %d.", at.Log, n)
	}
	for _, p := range []parley.Party{"south", "east"} {
		if _, _, err := receipt.OpenGeneration(first, roster.NewHistory(line.Roster), p); err == nil {
			t.Errorf("north's generation was taken for one of %s", p)
		}
	}
}

func FuzzOpenClosing(f *testing.F) { fuzz(f, "closing", receipt.OpenClosing) }

// By whichever key, at whatever close, nothing opens but what was signed by it.
func FuzzOpenRenewalAt(f *testing.F) {
	line := rostertest.New(f, rostertest.Seed("generations"))
	h := roster.NewHistory(line.Roster)
	next := line.North.Hire(f, "the log key behind entry 3")
	key, _ := line.North.Hired(next.Key)
	c, err := h.Draft("north", 2, roster.Change{Keys: []roster.NewKey{{Role: roster.RoleLog, Key: next.Key}}})
	if err == nil {
		h, err = h.Apply("north", roster.Place{Number: 3}, c)
	}
	if err != nil {
		f.Fatal(err)
	}
	var good [2][]byte
	for i, by := range []crypto.Signer{line.North.LogKey, key} {
		if good[i], err = receipt.IssueRenewal(wire.Renewal{Line: line.Roster.Line, Party: "north", Log: parley.LogID{2}, Time: moment}, by); err != nil {
			f.Fatal(err)
		}
		f.Add(good[i], uint64(i*3))
		f.Add(good[i], uint64(2-i))
	}
	f.Fuzz(func(t *testing.T, b []byte, size uint64) {
		size = min(size, wire.MaxNumber)
		want := good[0]
		if size >= 3 {
			want = good[1]
		}
		if _, err := receipt.OpenRenewalAt(b, h, "north", size); (err == nil) != bytes.Equal(b, want) {
			t.Errorf("%x at %d: %v", b, size, err)
		}
	})
}

func FuzzOpenRenewal(f *testing.F) {
	line := rostertest.New(f, rostertest.Seed("generations"))
	good, err := receipt.IssueRenewal(wire.Renewal{Line: line.Roster.Line, Party: "north", Log: parley.LogID{2}, Time: moment}, line.North.LogKey)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := receipt.OpenRenewal(b, roster.NewHistory(line.Roster), "north"); err == nil && !bytes.Equal(b, good) {
			t.Errorf("%x opens", b)
		}
	})
}

func FuzzOpenGeneration(f *testing.F) {
	line := rostertest.New(f, rostertest.Seed("generations"))
	good := generation(f, line, parley.LogID{2}, 5, moment, line.North.Log)
	f.Add(good)
	f.Fuzz(func(t *testing.T, b []byte) {
		h := roster.NewHistory(line.Roster)
		if _, _, err := receipt.OpenGeneration(b, h, "north"); err == nil && !bytes.Equal(b, good) {
			t.Errorf("%x opens", b)
		}
		// Whoever opens it reads the same, and so does whoever has the log key alone.
		read, err := receipt.ReadGeneration(b)
		if claimed, _, err2 := receipt.ClaimGeneration(b, h, "north"); err2 == nil && (err != nil || claimed != read) {
			t.Errorf("%x reads as %+v, %v, and is claimed as %+v", b, read, err, claimed)
		}
	})
}
