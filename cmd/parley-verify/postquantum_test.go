package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"parley/internal/recordtest"
	"parley/internal/rostertest"
)

// TestPostQuantum: which entries have both kinds of signature is said in text and in
// JSON, that some have not is said as well, and a bad one of the second kind is
// the first wrong thing.
func TestPostQuantum(t *testing.T) {
	f := newFiles(t)
	r := recordtest.New(t, rostertest.New(t, rostertest.PostQuantum()))
	r.Say("north", "one")
	r.Say("north", "two")
	r.Cosign("north")
	r.CosignPQ("north")
	r.Say("north", "three")
	ros := f.write("pq-roster.txt", r.Line.Roster.Text())
	file := r.File("south")
	good := f.write("pq.txt", f.text(file))
	code, out, errs := call("--roster", ros, good)
	for _, want := range []string{
		"    proved: north and south cosigned entries 1 to 2 by ML-DSA-44 as well (both since 2026-09-21 14:13:24 UTC, by the later of their clocks).\n",
		"    not proved by ML-DSA-44, only by Ed25519: entry 3.\n",
	} {
		if code != exitProved || !strings.Contains(out, want) {
			t.Errorf("exit %d, %s: no %q in\n%s", code, errs, want, out)
		}
	}
	_, out, _ = call("--roster", ros, "--json", good)
	var told struct {
		Files []struct {
			Keys bool `json:"ml_dsa_keys"`
			Logs []struct {
				Covered uint64 `json:"cosigned_by_ml_dsa"`
				Since   uint64 `json:"cosigned_by_ml_dsa_since_claimed"`
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &told); err != nil {
		t.Fatal(err)
	}
	if l := told.Files[0].Logs; !told.Files[0].Keys || l[0].Covered != 2 || l[0].Since != 1_790_000_004_000 || l[1].Covered != 0 {
		t.Errorf("%+v in\n%s", told, out)
	}

	pq := &file.Logs[0].CosignedPQ
	*pq = append([]byte(nil), *pq...)
	(*pq)[len(*pq)-1000] ^= 3
	code, out, _ = call("--roster", ros, f.write("bad.txt", f.text(file)))
	for _, want := range []string{
		"  WRONG: In the log of north: The checkpoint of north's log that is cosigned by ML-DSA-44 does not bear all four signatures of the keys that the roster names",
		"    Nothing is proved of this log.\n",
	} {
		if code != exitUnproved || !strings.Contains(out, want) {
			t.Errorf("exit %d: no %q in\n%s", code, want, out)
		}
	}
}

// TestPostQuantumBeyondWhatIsProved: behind an altered entry nothing is proved, by either
// kind of signature, and the sentence does not say so.
func TestPostQuantumBeyondWhatIsProved(t *testing.T) {
	f := newFiles(t)
	r := recordtest.New(t, rostertest.New(t, rostertest.PostQuantum()))
	for _, body := range []string{"one", "two", "three", "four"} {
		r.Say("north", body)
	}
	file := r.File("south")
	e := &file.Logs[0].Entries[2]
	*e = bytes.Replace(*e, []byte("three"), []byte("threw"), 1)
	code, out, _ := call("--roster", f.write("pq-roster.txt", r.Line.Roster.Text()), f.write("altered.txt", f.text(file)))
	if code != exitUnproved || !strings.Contains(out, "    not proved by ML-DSA-44, only by Ed25519: entries 1 to 2.\n") {
		t.Errorf("exit %d\n%s", code, out)
	}
}
