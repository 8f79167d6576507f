//go:build !js

package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"strings"
	"testing"

	"parley"
	"parley/internal/recordtest"
	"parley/internal/rostertest"
	"parley/lines"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// renewed is a transcript in which north was restored behind its entry 2.
func renewed(t *testing.T) (f *files, text []byte) {
	t.Helper()
	r := recordtest.New(t, rostertest.New(t, rostertest.Seed("renewed")))
	r.Say("north", "The first.")
	r.Say("north", "The second.")
	r.Renew("north")
	third := r.Content("north", "The third.")
	third.References = []parley.Ref{{Log: r.Line.North.Log, Number: 2}}
	n := r.Enter("north", r.Sign("north", third, "north a"))
	r.Receipt("north", n)
	answer := r.Content("south", "The first of south.")
	answer.References = []parley.Ref{{Log: r.Line.North.Log, Number: 3}}
	r.Enter("south", r.Sign("south", answer, "south a"))
	r.Say("north", "The fourth.")
	r.Refuse("north", 4, wire.ReasonAddressee)
	r.Cosign("north")
	f = &files{t: t, dir: t.TempDir(), record: r}
	f.roster = f.write("roster", r.Line.Roster.Text())
	return f, f.text(r.File("south"))
}

// TestGenerationsAreTold: which generations a log has, since when, and what closed
// them, in words and in JSON; entries bear the names that people use.
func TestGenerationsAreTold(t *testing.T) {
	f, text := renewed(t)
	r, file := f.record, f.write("transcript", text)
	code, out, _ := call("--roster", f.roster, "--show", file)
	if code != exitProved {
		t.Fatalf("exit %d\n%s", code, out)
	}
	for _, says := range []string{
		"proved: north signed that its log goes on as generation 2, as after a restore (",
		"by north's clock), and south closed generation 1 behind entry north/2 (",
		"not proved: that anything was lost by it",
		"proved: north signed entries north/1 to north/2.4 with its log key",
		"proved: south receipted entry north/2.3 by itself",
		"proved: south refused entry north/2.4 (",
		"\n    north/2, ", "\n    north/2.3, ",
		"\n      | refers to north/2\n", "\n      | refers to north/2.3\n",
	} {
		if !strings.Contains(out, says) {
			t.Errorf("it does not say %q:\n%s", says, out)
		}
	}
	key := transcript.LogKey{Line: r.Line.Roster.Line, Log: r.Line.North.Log, Key: r.Line.North.Side.LogKey}
	if code, out, _ := call("--key", key.String(), file); code != exitProved || !strings.Contains(out, "claimed: that south closed generation 1 behind entry north/2 (") {
		t.Errorf("exit %d\n%s", code, out)
	}

	code, out, _ = call("--roster", f.roster, "--show", "--json", file)
	var o jsonOutput
	if err := json.Unmarshal([]byte(out), &o); err != nil || code != exitProved {
		t.Fatalf("exit %d, %v\n%s", code, err, out)
	}
	if g := o.Files[0].Logs[0].Generations; len(g) != 2 || g[1].Generation != 2 || g[1].From != 3 || g[1].Closed != g[1].Renewed+500 || g[1].Log != r.Name("north").String() {
		t.Errorf("%+v", g)
	}
	if !strings.Contains(out, `"generation": 2`) || len(o.Files[0].Logs[1].Generations) != 1 {
		t.Error(out)
	}
}

// TestAnotherLogKeyIsTold: a generation that another log key opened is not told as one
// after a restore, but with the key, and the entry that brought it.
func TestAnotherLogKeyIsTold(t *testing.T) {
	r := recordtest.New(t, rostertest.New(t, rostertest.Seed("rekeyed")))
	r.Say("north", "The first.")
	r.Rekey("north", 0)
	r.Say("north", "The third.")
	r.Cosign("north")
	f := &files{t: t, dir: t.TempDir(), record: r}
	f.roster = f.write("roster", r.Line.Roster.Text())
	file := f.write("transcript", f.text(r.File("south")))
	id := roster.KeyID(roster.RoleLog, r.Line.North.LogKey.Public().(ed25519.PublicKey)).String()
	code, out, _ := call("--roster", f.roster, file)
	if says := "proved: north signed that its log goes on as generation 2, by another log key, " + id + ", since the change in entry north/2 ("; code != exitProved || !strings.Contains(out, says) {
		t.Errorf("exit %d, not %q:\n%s", code, says, out)
	}
	if strings.Contains(out, "as after a restore") || strings.Contains(out, "anything was lost") {
		t.Errorf("it speaks of a restore:\n%s", out)
	}
	code, out, _ = call("--roster", f.roster, "--json", file)
	var o jsonOutput
	if err := json.Unmarshal([]byte(out), &o); err != nil || code != exitProved {
		t.Fatalf("exit %d, %v\n%s", code, err, out)
	}
	if g := o.Files[0].Logs[0].Generations; len(g) != 2 || g[0].LogKey != "" || g[1].LogKey != id || g[1].Change != 2 || g[1].InDoubt != "" {
		t.Errorf("%+v", g)
	}
}

// TestGenerationsWrong: what is wrong with them is said in words.
func TestGenerationsWrong(t *testing.T) {
	f, text := renewed(t)
	r := f.record
	file := r.File("south")
	file.Logs[0].Generations = append(file.Logs[0].Generations, file.Logs[0].Generations...)
	twice := f.text(file)
	file.Logs[0].Generations = nil
	without := f.text(file)
	above := strings.Replace(string(text[:bytes.LastIndex(text, []byte("END "))]), "generation 2 ", "generation 3 ", 1)
	renumbered := []byte(above + lines.EndOf([]byte(above)))
	for says, file := range map[string][]byte{
		"south denies what it had receipted":                                      f.text(denied(t, r.Line)),
		"A statement by which the log of north goes on as another generation":     twice,
		"is of another log or line, or of another generation of the log":          without,
		"This is not a file as the specification writes it":                       text[:len(text)-2],
		"Line 5 is not as the specification writes it: the file was altered, or ": renumbered,
	} {
		code, out, _ := call("--roster", f.roster, f.write("transcript", file))
		if code != exitUnproved || !strings.Contains(out, says) {
			t.Errorf("exit %d, not %q:\n%s", code, says, out)
		}
	}
}

// denied is a file of north, which was restored: south closed its log below what south
// had cosigned.
func denied(t *testing.T, line *rostertest.Line) transcript.File {
	t.Helper()
	low := recordtest.New(t, line)
	low.Say("north", "The first.")
	low.Renew("north")
	low.Say("north", "The second.")
	file := low.File("north")
	more := recordtest.New(t, line)
	more.Say("north", "The first.")
	more.Say("north", "Another second.")
	more.Cosign("north")
	file.Logs[0].Cosigned = more.File("north").Logs[0].Cosigned
	return file
}
