package transcript_test

import (
	"bytes"
	"errors"
	"testing"

	"parley"
	"parley/internal/rostertest"
	"parley/transcript"
)

func TestFork(t *testing.T) {
	line := rostertest.New(t)
	north := line.North
	said, told := someLeaves(9, "entry"), someLeaves(9, "entry")
	told[2] = transcript.LeafHash([]byte("another third entry")) // told to someone else
	for _, tt := range []struct {
		name string
		a, b uint64
		fork bool
	}{
		{"one size", 5, 5, true}, {"before the difference", 2, 2, false}, {"smaller first", 4, 7, true},
		{"larger first", 7, 3, true}, {"a power of two below", 4, 5, true}, {"a prefix that both have", 2, 9, false},
		{"everything", 0, 9, false}, {"a single entry", 3, 4, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := checkpointOf(t, line, north, tt.a, said)
			b := checkpointOf(t, line, north, tt.b, told)
			larger := told
			if tt.a > tt.b {
				larger = said
			}
			f, err := transcript.ProveFork(a, b, larger, line.Roster)
			if !tt.fork {
				if !errors.Is(err, transcript.ErrProof) {
					t.Fatalf("got %v, want ErrProof: the checkpoints agree", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			text, err := transcript.AppendFork(nil, f)
			if err != nil {
				t.Fatal(err)
			}
			// From here on a third party, who has the text and the roster.
			read, err := transcript.ParseFork(text)
			if err != nil {
				t.Fatalf("%v in\n%s", err, text)
			}
			party, err := read.Check(line.Roster)
			if err != nil || party != north.Party {
				t.Fatalf("the fork of %q, %v; want that of north", party, err)
			}
			if live := transcript.CheckFork(a, b, line.Roster); (live == nil) != (tt.a == tt.b) {
				t.Errorf("CheckFork of sizes %d and %d: %v", tt.a, tt.b, live)
			}
		})
	}
}

// TestForkIsNotMade: nobody can accuse a party whose log is one.
func TestForkIsNotMade(t *testing.T) {
	line, other := rostertest.New(t), rostertest.New(t)
	l := someLeaves(9, "entry")
	four, nine := checkpointOf(t, line, line.North, 4, l), checkpointOf(t, line, line.North, 9, l)
	honest, err := transcript.ProveConsistency(4, 9, l)
	if err != nil {
		t.Fatal(err)
	}
	root, _ := transcript.Root(4, l)
	for _, tt := range []struct {
		name string
		f    transcript.Fork
		want error
	}{
		{"one note twice", transcript.Fork{A: four, B: four}, transcript.ErrProof},
		{"two sizes, no proof", transcript.Fork{A: four, B: nine}, transcript.ErrProof},
		{"the honest proof", transcript.Fork{A: four, B: nine, Prefix: root, Proof: honest}, transcript.ErrProof},
		{"an invented prefix", transcript.Fork{A: four, B: nine, Prefix: parley.Hash{1}, Proof: honest}, transcript.ErrProof},
		{"the larger first", transcript.Fork{A: nine, B: four, Prefix: root, Proof: honest}, transcript.ErrMalformed},
		{"a prefix at one size", transcript.Fork{A: four, B: four, Prefix: root}, transcript.ErrMalformed},
		{"two logs", transcript.Fork{A: four, B: checkpointOf(t, line, line.South, 4, someLeaves(4, "x"))}, transcript.ErrLog},
		{"another line", transcript.Fork{A: checkpointOf(t, other, other.North, 4, l), B: four}, transcript.ErrLog},
		{"no note", transcript.Fork{A: four, B: []byte("parley\n")}, transcript.ErrMalformed},
	} {
		if _, err := tt.f.Check(line.Roster); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
	if _, err := transcript.ProveFork(four, nine, someLeaves(9, "other leaves"), line.Roster); !errors.Is(err, transcript.ErrProof) {
		t.Errorf("leaves of another log: got %v, want ErrProof", err)
	}
}

func FuzzFork(f *testing.F) {
	line := rostertest.New(f)
	said, told := someLeaves(5, "entry"), someLeaves(5, "other")
	for _, b := range []uint64{3, 5} {
		fork, err := transcript.ProveFork(checkpointOf(f, line, line.North, 3, said), checkpointOf(f, line, line.North, b, told), told, line.Roster)
		if err != nil {
			f.Fatal(err)
		}
		text, err := transcript.AppendFork(nil, fork)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text[:bytes.LastIndex(text, []byte("END "))]))
	}
	f.Fuzz(func(t *testing.T, body string) {
		text := withEnd(body)
		fork, err := transcript.ParseFork(text)
		if err != nil {
			return
		}
		again, err := transcript.AppendFork(nil, fork)
		if err != nil || !bytes.Equal(again, text) {
			t.Errorf("%q reads and writes as %q, %v", text, again, err)
		}
		fork.Check(line.Roster)
	})
}
