package lab

import (
	"errors"
	"strings"
	"testing"

	"parley"
	"parley/audit"
	"parley/internal/demo"
)

// TestCompare: whatever two transcripts differ in is found, and so is what was
// said and stands in neither.
func TestCompare(t *testing.T) {
	fresh := func() [2]*audit.Report {
		var out [2]*audit.Report
		for i := range out {
			out[i] = &audit.Report{Exporter: parties[i]}
			for j := range out[i].Logs {
				// Each side's own log stands first in its transcript.
				out[i].Logs[j] = audit.Log{Party: parties[(i+j)%2], Entries: 1, Size: 1, Believed: make([]audit.Message, 1)}
			}
		}
		return out
	}
	l := &Lab{ledger: demo.NewLedger()}
	l.ledger.Said(0, demo.Said{Number: 1})
	l.ledger.Said(1, demo.Said{Number: 1})
	if err := l.compare(fresh()); err != nil {
		t.Fatal(err)
	}
	for name, alter := range map[string]func(*audit.Log){
		"root":    func(g *audit.Log) { g.Root = parley.Hash{1} },
		"size":    func(g *audit.Log) { g.Size, g.Entries = 2, 2 },
		"entries": func(g *audit.Log) { g.Entries = 2 },
		"message": func(g *audit.Log) { g.Believed = nil },
	} {
		for i := range 4 {
			r := fresh()
			log := &r[i/2].Logs[i%2]
			alter(log)
			if err := l.compare(r); !errors.Is(err, ErrExpected) || !strings.Contains(err.Error(), string(log.Party)) {
				t.Errorf("another %s of %s at %s: %v", name, log.Party, parties[i/2], err)
			}
		}
	}
	l.ledger.Said(0, demo.Said{Number: 2})
	if err := l.compare(fresh()); !errors.Is(err, ErrExpected) {
		t.Errorf("a message that nobody holds: %v", err)
	}
}

// TestWays: of what a party sends, the dialling side's goes out.
func TestWays(t *testing.T) {
	for i := range routes {
		if way(i, north) == way(i, south) {
			t.Errorf("%s carries both the same way", routes[i])
		}
	}
}
