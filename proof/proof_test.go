package proof_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"parley/audit"
	"parley/internal/recordtest"
	"parley/internal/rostertest"
	"parley/lines"
	"parley/proof"
	"parley/roster"
	"parley/wire"
)

func conversation(t testing.TB) *recordtest.Record {
	t.Helper()
	return recordtest.Conversation(t, rostertest.New(t, rostertest.Seed("proof")))
}

// several are proofs with everything that one can hold.
func several(r *recordtest.Record) map[string]*proof.Proof {
	return map[string]*proof.Proof{
		"one":     r.Proof("north", 2, 2),
		"range":   r.Proof("north", 1, 3),
		"refused": r.Proof("north", 3, 3),
		"last":    r.Proof("north", 4, 4),
		"south":   r.Proof("south", 1, 1),
	}
}

// inForm returns p in a form, or nil if p has no such form.
func inForm(t testing.TB, p *proof.Proof, f proof.Form) []byte {
	t.Helper()
	b, err := proof.Append(nil, p, f)
	if err != nil {
		if f == proof.Tlog {
			return nil
		}
		t.Fatal(err)
	}
	return b
}

var forms = []proof.Form{proof.Text, proof.CBOR, proof.Page, proof.Tlog, proof.Coded}

// judge returns the first wrong thing in a file.
func judge(file []byte, r *roster.Roster) error {
	p, err := proof.Parse(file, r)
	if err != nil {
		return err
	}
	if report := audit.Proof(p, r); report.Wrong != nil {
		return report.Wrong
	}
	return nil
}

// TestForms writes proofs in every form, reads and writes them again, and has them judged.
func TestForms(t *testing.T) {
	r := conversation(t)
	for name, p := range several(r) {
		for _, f := range forms {
			file := inForm(t, p, f)
			if file == nil {
				if len(p.Entries) == 1 && name != "last" && name != "south" {
					t.Errorf("%s has no %s", name, f)
				}
				continue
			}
			if got, ok := proof.Recognize(file[:100]); !ok || got != f {
				t.Errorf("%s as %s is taken for %q", name, f, got)
			}
			back, err := proof.Parse(file, r.Line.Roster)
			if err != nil {
				t.Fatalf("%s as %s: %v", name, f, err)
			}
			if again := inForm(t, back, f); !bytes.Equal(again, file) {
				t.Errorf("%s as %s is read and written otherwise", name, f)
			}
			err = judge(file, r.Line.Roster)
			if f == proof.Tlog && name == "refused" {
				// It has no place for the refusal: then nothing explains the entry.
				if err == nil {
					t.Errorf("an entry without its quorum is believed")
				}
			} else if err != nil {
				t.Errorf("%s as %s: %v", name, f, err)
			}
		}
	}
}

// TestWords holds the words against the proof, for a person.
func TestWords(t *testing.T) {
	r := conversation(t)
	text := string(inForm(t, r.Proof("north", 2, 2), proof.Text))
	for _, want := range []string{
		"# One message that north said to south, with its proof.\n#\n",
		": real flash text from north/duty to south/duty, signed by \u2068north a\u2069, \u2068north b\u2069.\n# > \u2068Hold your fire: it is a training flight.\u2069\n",
		"# When north wrote it, it had seen south's messages up to 1.\n",
		"# south signed that it received it, at ",
		"# north signed that its log has 3 entries, and that this is among them.\n# south signed that it holds all of them, at ",
		"# Of other messages it shows how many there were, and nothing else.\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the words are without %q:\n%s", want, text[:strings.Index(text, "\nparty")])
		}
	}
	whole := string(inForm(t, r.Proof("north", 1, 3), proof.Text))
	for _, want := range []string{"# Messages 1 to 3 that north said to south", "these are among them", "said to be signed by", "for reason 4 of RECEIPT §4."} {
		if !strings.Contains(whole, want) {
			t.Errorf("the words are without %q", want)
		}
	}
}

// TestOtherWords changes what people read, and counts the lines anew.
func TestOtherWords(t *testing.T) {
	r := conversation(t)
	p := r.Proof("north", 2, 2)
	text, page := string(inForm(t, p, proof.Text)), string(inForm(t, p, proof.Page))
	for _, c := range [][2]string{
		{"Hold your fire", "Open fire"}, {"seen south's messages up to 1", "seen south's messages up to 9"}, {"north a", "north c"},
		{"# > ", "# "}, {"One message", "The only message"},
	} {
		above := text[:strings.LastIndex(text, "END ")]
		changed := strings.Replace(above, c[0], c[1], 1)
		if _, err := proof.ParseText([]byte(changed + lines.EndOf([]byte(changed)))); !errors.Is(err, proof.ErrWords) || !errors.Is(err, proof.ErrMalformed) {
			t.Errorf("%q instead of %q: %v", c[1], c[0], err)
		}
		if changed := strings.Replace(page, strings.TrimPrefix(c[0], "# "), c[1], 1); changed != page {
			if _, err := proof.ParsePage([]byte(changed)); !errors.Is(err, proof.ErrMalformed) {
				t.Errorf("page: %q instead of %q: %v", c[1], c[0], err)
			}
		}
	}
	extra := strings.Replace(page, "</body>", "<p>South agreed to it.</p></body>", 1)
	if _, err := proof.ParsePage([]byte(extra)); !errors.Is(err, proof.ErrWords) {
		t.Errorf("a page with a sentence more: %v", err)
	}
}

// TestMutations changes, removes and cuts off every byte of every form.
func TestMutations(t *testing.T) {
	r := conversation(t)
	one, some := r.Proof("north", 2, 2), r.Proof("north", 2, 3)
	for _, f := range forms {
		for _, p := range []*proof.Proof{one, some} {
			file := inForm(t, p, f)
			if f == proof.Page && p == some {
				continue // the same code as one
			}
			step := 1 // every byte, of one proof in each form; of codes some, since what is in them was CBOR
			switch {
			case testing.Short():
				step = 31
			case f == proof.Coded || p == some:
				step = 7
			}
			inPre := bytes.Index(file, []byte("<pre"))
			refused := func(what string, at int, file []byte) {
				if err := judge(file, r.Line.Roster); err == nil {
					t.Errorf("%s, byte %d %s: it is believed", f, at, what)
				}
			}
			for at := 0; at < len(file); at += step {
				if f == proof.Page && at < inPre && at%499 != 0 {
					continue // whatever stands here is compared with the page written anew, which takes its time
				}
				changed := slices.Clone(file)
				changed[at] ^= 1 << (at % 8)
				refused("changed", at, changed)
				refused("removed", at, slices.Delete(slices.Clone(file), at, at+1))
				refused("and all behind it cut off", at, file[:at])
			}
		}
	}
}

// TestHidesTheOthers looks for anything of another message in a proof.
func TestHidesTheOthers(t *testing.T) {
	r := conversation(t)
	file := r.File("north")
	for n := uint64(1); n <= 3; n++ {
		p := r.Proof("north", n, n)
		b := inForm(t, p, proof.CBOR)
		for _, l := range file.Logs {
			for i, e := range l.Entries {
				if l.Party == "north" && uint64(i+1) == n {
					continue
				}
				entry, err := wire.ParseEntry(e)
				if err != nil {
					t.Fatal(err)
				}
				for at := 0; at+16 <= len(entry.Signed); at++ {
					piece := entry.Signed[at : at+16]
					if bytes.Contains(b, piece) && !bytes.Contains(p.Entries[0], piece) && !bytes.Contains(p.Note, piece) {
						t.Fatalf("the proof of entry %d has 16 bytes of entry %d of %s", n, i+1, l.Party)
					}
				}
			}
			for _, s := range slices.Concat(l.Receipts, l.Refusals) {
				if (l.Party != "north" || s.Number != n) && bytes.Contains(b, s.Bytes) {
					t.Errorf("the proof of entry %d has what was signed about entry %d of %s", n, s.Number, l.Party)
				}
			}
		}
	}
}

// TestForm refuses to write, and so to read, what is out of form.
func TestForm(t *testing.T) {
	r := conversation(t)
	for name, change := range map[string]func(*proof.Proof){
		"no party":            func(p *proof.Proof) { p.Party = "" },
		"one party":           func(p *proof.Proof) { p.Peer = p.Party },
		"no entry":            func(p *proof.Proof) { p.Entries = nil },
		"a gap":               func(p *proof.Proof) { p.Entries = [][]byte{p.Entries[0], p.Entries[2]} },
		"twice":               func(p *proof.Proof) { p.Entries = [][]byte{p.Entries[0], p.Entries[0]} },
		"no header":           func(p *proof.Proof) { p.Entries[0] = []byte{1} },
		"a change among them": func(p *proof.Proof) { p.Changes = p.Entries[1:2] },
		"no note":             func(p *proof.Proof) { p.Note = nil },
		"another note":        func(p *proof.Proof) { p.Note = []byte("note\n") },
		"not cosigned":        func(p *proof.Proof) { p.Other = p.Other[:bytes.LastIndex(p.Other, []byte("— "))] },
		"receipt of another":  func(p *proof.Proof) { p.Receipts[0].Number = 1 },
		"receipt beyond":      func(p *proof.Proof) { p.Receipts[0].Number = 9 },
		"receipt twice":       func(p *proof.Proof) { p.Receipts = append(p.Receipts, p.Receipts[0]) },
		"receipt for refusal": func(p *proof.Proof) { p.Refusals[0].Bytes = p.Receipts[0].Bytes },
		"no name":             func(p *proof.Proof) { p.Officers[0].Name = "" },
		"name of two lines":   func(p *proof.Proof) { p.Officers[0].Name = "north a\n# x" },
		"names out of order":  func(p *proof.Proof) { slices.Reverse(p.Officers) },
	} {
		p := r.Proof("north", 1, 3)
		change(p)
		for _, f := range forms {
			if _, err := proof.Append(nil, p, f); !errors.Is(err, proof.ErrMalformed) {
				t.Errorf("%s as %s: %v", name, f, err)
			}
		}
	}
}

// TestCodesAreWhole leaves out, moves and repeats codes.
func TestCodesAreWhole(t *testing.T) {
	r := conversation(t)
	codes, err := proof.Codes(r.Proof("north", 1, 3))
	if err != nil || len(codes) < 3 {
		t.Fatal(err, len(codes))
	}
	other, err := proof.Codes(r.Proof("north", 2, 2))
	if err != nil {
		t.Fatal(err)
	}
	for name, list := range map[string][]string{
		"one missing":  codes[1:],
		"last missing": codes[:len(codes)-1],
		"moved":        append([]string{codes[1], codes[0]}, codes[2:]...),
		"twice":        append([]string{codes[0]}, codes...),
		"of another":   append([]string{other[0]}, codes[1:]...),
		"a digest":     {"PARLEY:0/0:" + strings.Repeat("0", 64)},
	} {
		if _, err := proof.ParseCodes([]byte(strings.Join(list, "\n") + "\n")); !errors.Is(err, proof.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLargest makes a proof that no codes can hold.
func TestLargest(t *testing.T) {
	line := rostertest.New(t)
	r := recordtest.New(t, line)
	for i := range 40 {
		r.Say("north", fmt.Sprintf("Message %d. %s", i, strings.Repeat("All is well. ", 12)))
	}
	r.Cosign("north")
	p := r.Proof("north", 3, 38)
	codes, err := proof.Codes(p)
	if err != nil || len(codes) != 1 || !strings.HasPrefix(codes[0], "PARLEY:0/0:") {
		t.Errorf("%v, %d codes", err, len(codes))
	}
	if err := judge(inForm(t, p, proof.Page), line.Roster); err != nil {
		t.Error(err)
	}
	many := &proof.Proof{Party: "north", Peer: "south", Note: p.Note, Entries: make([][]byte, proof.MaxEntries+1)}
	if _, err := proof.AppendText(nil, many); err == nil {
		t.Error("more messages than a proof may show")
	}
}
