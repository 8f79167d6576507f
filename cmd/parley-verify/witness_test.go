package main

import (
	"encoding/json"
	"strings"
	"testing"

	"parley/internal/recordtest"
	"parley/internal/rostertest"
	"parley/transcript"
)

// witnessed is a record of which witness 1 cosigned north's log twice, and witness 2
// once.
func witnessed(t *testing.T) (r *recordtest.Record, w1, w2 string) {
	r = recordtest.New(t, rostertest.New(t, rostertest.Seed("witnessed")))
	one, two := recordtest.NewWitness("witness.example/w1"), recordtest.NewWitness("witness.example/w2")
	r.Say("north", "one")
	r.Witness("north", one)
	r.Say("north", "two")
	r.Say("north", "three")
	r.Witness("north", one, two)
	r.Say("north", "four")
	return r, one.Key(), two.Key()
}

// TestWitnesses: what a witness saw is said by whoever knows its key; of others it is
// said that nobody checked.
func TestWitnesses(t *testing.T) {
	f := newFiles(t)
	r, w1, w2 := witnessed(t)
	ros, good := f.write("w-roster.txt", r.Line.Roster.Text()), f.write("w.txt", f.text(r.File("north")))
	const (
		proved   = "    proved: witness witness.example/w1, who need not have seen a message, saw that the log of north had entries 1 to 3, with root "
		time     = ", and contradicts nothing that it saw of it before (2026-09-21 14:13:25 UTC by witness.example/w1's clock).\n"
		earlier  = "            It saw the log at 1 smaller size before, first with entry 1 (2026-09-21 14:13:22 UTC).\n"
		unknown  = "    not proved: that witness witness.example/w2 cosigned entries 1 to 3, as the file says: its key was not given (--witness).\n"
		stranger = "  Not proved: that witness witness.example/w3 saw anything of this: the file holds no good cosignature by the key given.\n"
	)
	key := transcript.LogKey{Line: r.Line.Roster.Line, Log: r.Line.North.Log, Key: r.Line.North.Side.LogKey}.String()
	for _, args := range [][]string{{"--roster", ros}, {"--key", key}} {
		code, out, errs := call(append(args, "--witness", w1, "--witness", recordtest.NewWitness("witness.example/w3").Key(), good)...)
		for _, want := range []string{proved, time, earlier, unknown, stranger} {
			if code != exitProved || !strings.Contains(out, want) {
				t.Errorf("%s: exit %d, %s: no %q in\n%s", args[0], code, errs, want, out)
			}
		}
	}

	_, out, _ := call("--roster", ros, "--witness", w2, "--json", good)
	var told struct {
		Keys  []string `json:"witness_keys"`
		Files []struct {
			Logs []struct{ Witnessed []jsonWitnessed }
		}
	}
	if err := json.Unmarshal([]byte(out), &told); err != nil {
		t.Fatal(err)
	}
	if s := told.Files[0].Logs[0].Witnessed; len(told.Keys) != 1 || len(s) != 3 || s[0].Proved || !s[2].Proved || s[2].Size != 3 || s[2].Name != "witness.example/w2" {
		t.Errorf("%+v", told)
	}

	bad := r.File("north")
	bad.Logs[0].Witnessed[0] = strangely(t, bad.Logs[0].Witnessed[0])
	code, out, errs := call("--roster", ros, "--witness", w1, f.write("bad.txt", f.text(bad)))
	for _, want := range []string{
		"  WRONG: In the log of north: What a witness is said to have cosigned of north's log was not signed by that witness, or the checkpoint in it not by north: it was altered or exchanged.\n",
		"    proved: north signed entries 1 to 4 with its log key",
		proved,
	} {
		if code != exitUnproved || !strings.Contains(out, want) {
			t.Errorf("exit %d, %s: no %q in\n%s", code, errs, want, out)
		}
	}

	if code, _, errs := call("--roster", ros, "--witness", key, good); code != exitUnread || !strings.Contains(errs, "witness key") {
		t.Errorf("the key of a log as that of a witness: exit %d, %s", code, errs)
	}
}

// strangely is a note with another time in the cosignature of the first witness.
func strangely(t *testing.T, witnessed []byte) []byte {
	t.Helper()
	note, err := transcript.ParseWitnessed(witnessed)
	if err != nil {
		t.Fatal(err)
	}
	note.Cosignatures[0].Seconds++
	out, err := transcript.AppendWitnessed(nil, note)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
