package proof_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"parley/audit"
	"parley/internal/recordtest"
	"parley/internal/rostertest"
	"parley/proof"
)

// renewed is a record in which north was restored behind its entries 2 and 3, and south
// before it had said anything.
func renewed(t testing.TB) *recordtest.Record {
	t.Helper()
	r := recordtest.New(t, rostertest.New(t, rostertest.Seed("renewed")))
	r.Say("north", "The first.")
	r.Renew("south")
	r.Say("south", "Noted.")
	r.Say("north", "The second.")
	r.Renew("north")
	r.Say("north", "The third.")
	r.Renew("north")
	r.Receipt("north", r.Say("north", "The fourth."))
	r.Cosign("north")
	r.Cosign("south")
	return r
}

// TestGenerations: messages of every generation are proved, alone and across a close, in
// every form but tlog-proof, which has no place for the statements.
func TestGenerations(t *testing.T) {
	r := renewed(t)
	for _, span := range [][2]uint64{{1, 1}, {2, 2}, {3, 3}, {4, 4}, {2, 3}, {1, 4}} {
		p := r.Proof("north", span[0], span[1])
		report := audit.Proof(p, r.Line.Roster)
		if report.Wrong != nil || len(report.Generations) != 3 || len(report.Believed) != int(span[1]-span[0]+1) {
			t.Fatalf("%d: %v, %+v", span, report.Wrong, report)
		}
		if seen := span[1] > 1; seen != (len(report.PeerGenerations) == 2) || seen != (report.PeerSize == 1) {
			t.Errorf("%d: of south %+v", span, report.PeerGenerations)
		}
		for _, f := range forms {
			if f == proof.Tlog {
				if b, err := proof.AppendTlog(nil, p); !errors.Is(err, proof.ErrMalformed) {
					t.Errorf("%d as tlog-proof: %q, %v", span, b, err)
				}
				continue
			}
			file := inForm(t, p, f)
			if got, ok := proof.Recognize(file[:100]); !ok || got != f {
				t.Errorf("%d as %s is taken for %q", span, f, got)
			}
			back, err := proof.Parse(file, r.Line.Roster)
			if err != nil {
				t.Fatalf("%d as %s: %v", span, f, err)
			}
			if again := inForm(t, back, f); !bytes.Equal(again, file) {
				t.Errorf("%d as %s is read and written otherwise", span, f)
			}
			if err := judge(file, r.Line.Roster); err != nil {
				t.Errorf("%d as %s: %v", span, f, err)
			}
		}
	}
}

// TestGenerationsInWords: people read the names of GENERATION, and where the log went on.
func TestGenerationsInWords(t *testing.T) {
	r := renewed(t)
	text := string(inForm(t, r.Proof("north", 2, 4), proof.Text))
	for _, want := range []string{
		"\n# north 2, at ", "\n# north/2.3, at ", "\n# north/3.4, at ",
		"# From entry north/2.3 on north's log is its generation 2: north asked for it, as after a restore, at ",
		"# From entry north/3.4 on north's log is its generation 3: ",
		"# From entry south/2.1 on south's log is its generation 2: south asked for it, as after a restore, at ",
		"by south's clock, and north closed the one before at ",
		"\ngeneration 2 ", "\ngeneration 3 ", "\nother-generation 2 ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it is without %q:\n%s", want, text)
		}
	}
}

// TestEveryMutationAcrossAClose alters every byte of a proof across a close, as text with
// an END and words that fit, and as CBOR. All are refused.
func TestEveryMutationAcrossAClose(t *testing.T) {
	r := renewed(t)
	p := r.Proof("north", 3, 3)
	step := 1
	if testing.Short() {
		step = 13
	}
	cbor := inForm(t, p, proof.CBOR)
	for at := 0; at < len(cbor); at += step {
		mutated := bytes.Clone(cbor)
		mutated[at] ^= 1
		if judge(mutated, r.Line.Roster) == nil {
			t.Fatalf("byte %d altered, all proved", at)
		}
	}
	for name, spoil := range map[string]func(*proof.Proof){
		"a statement left out":    func(p *proof.Proof) { p.Generations = p.Generations[:1] },
		"all left out":            func(p *proof.Proof) { p.Generations = nil },
		"of south left out":       func(p *proof.Proof) { p.OtherGenerations = nil },
		"in another order":        func(p *proof.Proof) { slices.Reverse(p.Generations) },
		"one twice":               func(p *proof.Proof) { p.Generations = append(p.Generations, p.Generations[1]) },
		"those of the other log":  func(p *proof.Proof) { p.Generations, p.OtherGenerations = p.OtherGenerations, p.Generations },
		"south's without a check": func(p *proof.Proof) { p.Other = nil },
	} {
		p := r.Proof("north", 3, 3)
		spoil(p)
		if report := audit.Proof(p, r.Line.Roster); report.Wrong == nil {
			t.Errorf("%s: all proved", name)
		}
	}
}
