//go:build !js

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/proof"
)

// proofs are files of one proof, by form.
func (f *files) proofs(first, last uint64) map[proof.Form]string {
	f.t.Helper()
	names := make(map[proof.Form]string)
	for _, form := range []proof.Form{proof.Text, proof.CBOR, proof.Page, proof.Tlog, proof.Coded} {
		b, err := proof.Append(nil, f.record.Proof("north", first, last), form)
		if err == nil {
			names[form] = f.write("proof."+string(form), b)
		}
	}
	return names
}

func TestProofsOfMessages(t *testing.T) {
	f := newFiles(t)
	for form, name := range f.proofs(2, 2) {
		code, out, errs := call("--roster", f.roster, "--show", name)
		if code != exitProved || errs != "" {
			t.Fatalf("%s: exit %d, %s\n%s", form, code, errs, out)
		}
		for _, want := range []string{
			"  north: entry 2 by party north\n    proved: north signed with its log key that it stands in its log at that place; none is altered.\n",
			"    proved: the quorum of north's officers released 1 message to south: entry 2.\n",
			"    proved: south receipted all 3 entries of the log, with what is shown here (",
			"    proved: when north wrote entry 2 it said that it had seen south's messages up to 1",
			"> \u2068Hold your fire: it is a training flight.\u2069",
			"as of checkpoint 3; later messages are not excluded.",
		} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: without %q:\n%s", form, want, out)
			}
		}
	}
}

func TestProofOfSeveral(t *testing.T) {
	f := newFiles(t)
	name := f.proofs(1, 3)[proof.Text]
	code, out, errs := call("--roster", f.roster, name)
	if code != exitProved || errs != "" {
		t.Fatalf("exit %d, %s\n%s", code, errs, out)
	}
	for _, want := range []string{"entries 1 to 3 by party north", "none between them is missing", "south refused entry 3", "had seen no message of south"} {
		if !strings.Contains(out, want) {
			t.Errorf("without %q:\n%s", want, out)
		}
	}
	code, out, _ = call("--roster", f.roster, "--json", "--show", name)
	var j struct {
		Proved bool
		Files  []struct{ Proof jsonProof }
	}
	if err := json.Unmarshal([]byte(out), &j); err != nil || code != exitProved || !j.Proved {
		t.Fatalf("exit %d, %v\n%s", code, err, out)
	}
	if p := j.Files[0].Proof; p.Party != "north" || p.First != 1 || p.Last != 3 || !p.Cosigned || len(p.Seen) != 3 || len(p.Messages) != 2 || len(p.Refused) != 1 {
		t.Errorf("%+v", p)
	}
}

func TestProofsThatFail(t *testing.T) {
	f := newFiles(t)
	names := f.proofs(2, 2)
	page, err := os.ReadFile(names[proof.Page])
	if err != nil {
		t.Fatal(err)
	}
	p := f.record.Proof("north", 2, 2)
	p.Hashes[0][0] ^= 1
	moved, err := proof.AppendText(nil, p)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ file, says string }{
		{f.write("words.html", []byte(strings.Replace(string(page), "<p dir=\"auto\">Hold your fire", "<p dir=\"auto\">Open fire", 1))), "The words for people in this file are not those of its proof"},
		{f.write("moved.txt", moved), "What is shown does not stand in the log that north signed"},
		{f.write("cut.txt", moved[:len(moved)/2]), "cut off or altered"},
	} {
		code, out, _ := call("--roster", f.roster, c.file)
		if code != exitUnproved || !strings.Contains(out, "WRONG: "+c.says) && !strings.Contains(out, c.says) || !strings.Contains(out, "Nothing in this file is proved.") {
			t.Errorf("%s: exit %d\n%s", filepath.Base(c.file), code, out)
		}
	}
}
