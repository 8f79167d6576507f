package audit_test

import (
	"errors"
	"slices"
	"testing"

	"parley"
	"parley/audit"
	"parley/internal/recordtest"
	"parley/internal/rostertest"
	"parley/proof"
	"parley/receipt"
	"parley/roster"
	"parley/transcript"
)

// rolled is a record in which south changed its receipt and station keys between two
// messages of north, and receipted both.
func rolled(t *testing.T, compromised bool) *recordtest.Record {
	t.Helper()
	r := recordtest.New(t, rostertest.New(t))
	r.Say("south", "first")
	r.Say("north", "one")
	r.Receipt("north", 1)
	r.Cosign("north")
	roll(t, r, compromised)
	r.Say("north", "after")
	r.Receipt("north", 2)
	r.Cosign("north")
	r.Cosign("south")
	return r
}

// TestProofAcrossRolledKeys: a proof shows the changes by which the other party's
// receipt keys came, and holds by them alone.
func TestProofAcrossRolledKeys(t *testing.T) {
	r := rolled(t, false)
	for n := uint64(1); n <= 2; n++ {
		p := r.Proof("north", n, n)
		report := audit.Proof(p, r.Line.Roster)
		if report.Wrong != nil {
			t.Fatalf("entry %d: %v", n, report.Wrong)
		}
		if !report.Cosigned || !slices.Equal(report.Others, []uint64{2}) || len(report.Receipts) != 1 || report.Receipts[0].Doubt != audit.NoDoubt {
			t.Errorf("entry %d: %+v", n, report)
		}
	}
	for name, c := range map[string]struct {
		change func(*proof.Proof)
		want   error
	}{
		"the change left out": {func(p *proof.Proof) { p.OtherChanges, p.OtherHashes = nil, nil }, receipt.ErrUnknownKey},
		"another hash":        {func(p *proof.Proof) { p.OtherHashes[0][0] ^= 1 }, transcript.ErrProof},
		"no hash":             {func(p *proof.Proof) { p.OtherHashes = nil }, transcript.ErrProof},
		"an entry of north":   {func(p *proof.Proof) { p.OtherChanges = p.Entries }, receipt.ErrUnknownKey},
	} {
		p := r.Proof("north", 2, 2)
		c.change(p)
		if report := audit.Proof(p, r.Line.Roster); !errors.Is(report.Wrong, c.want) {
			t.Errorf("%s: %v", name, report.Wrong)
		}
	}
}

// TestProofInDoubt: what a compromised receipt key signed is marked in a proof, too.
func TestProofInDoubt(t *testing.T) {
	r := rolled(t, true)
	report := audit.Proof(r.Proof("north", 1, 1), r.Line.Roster)
	if report.Wrong != nil {
		t.Fatal(report.Wrong)
	}
	if report.Receipts[0].Doubt != audit.DoubtTime || report.CosignedDoubt != audit.NoDoubt {
		t.Errorf("%+v, the cosignature %d", report.Receipts, report.CosignedDoubt)
	}
}

// TestProofOfAnotherLine: a proof is judged by the roster that was given, and no other.
func TestProofOfAnotherLine(t *testing.T) {
	r := conversation(t, rostertest.Seed("one"))
	other := rostertest.New(t, rostertest.Seed("other"))
	report := audit.Proof(r.Proof("north", 1, 1), other.Roster)
	if !errors.Is(report.Wrong, audit.ErrRoster) || report.Wrong.Party != "" {
		t.Errorf("%v", report.Wrong)
	}
}

// TestProofOfAChange: the quorum that a change makes counts from the next entry on, in a
// proof of a few entries as in the whole log.
func TestProofOfAChange(t *testing.T) {
	r := recordtest.New(t, rostertest.New(t))
	r.Say("north", "by the old ones")
	north := r.Line.North
	joins := north.Hire(t, "north z", north.Side.Desks...)
	c, err := roster.NewHistory(r.Line.Roster).Draft("north", 1, roster.Change{Join: []roster.Officer{joins}})
	if err != nil {
		t.Fatal(err)
	}
	content := r.Content("north", string(c.Text()))
	content.Kind = parley.Change
	change := r.Enter("north", r.Sign("north", content, "north a", "north b"))
	said := r.Enter("north", r.Sign("north", r.Content("north", "by the new one"), "north z"))
	r.Cosign("north")
	p := r.Proof("north", said, said)
	report := audit.Proof(p, r.Line.Roster)
	if report.Wrong != nil || !slices.Equal(report.Changes, []uint64{change}) || !slices.Equal(report.Believed[0].Released.Officers(), []string{"north z"}) {
		t.Fatalf("%v: %+v", report.Wrong, report)
	}
	if report := audit.Proof(r.Proof("north", change, said), r.Line.Roster); report.Wrong != nil || len(report.Changes) != 0 || len(report.Believed) != 2 {
		t.Errorf("%v: %+v", report.Wrong, report)
	}
}
