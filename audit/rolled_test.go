package audit_test

import (
	"crypto/ed25519"
	"errors"
	"testing"

	"parley"
	"parley/audit"
	"parley/internal/recordtest"
	"parley/internal/rostertest"
	"parley/receipt"
	"parley/roster"
	"parley/wire"
)

// roll has south take other station and receipt keys in its next entry, which has
// seen all of north's. It returns the old ones.
func roll(t *testing.T, r *recordtest.Record, compromised bool) (station, receipts ed25519.PrivateKey) {
	t.Helper()
	south := r.Line.South
	station, receipts = south.StationKey, south.ReceiptKey
	fresh := func(name string) (ed25519.PublicKey, ed25519.PrivateKey) {
		return south.Hire(t, name).Key, south.Officers[name]
	}
	var c roster.Change
	newReceipt, newStation := roster.NewKey{Role: roster.RoleReceipt}, roster.NewKey{Role: roster.RoleStation}
	newReceipt.Key, south.ReceiptKey = fresh("receipts")
	newStation.Key, south.StationKey = fresh("station")
	c.Keys = []roster.NewKey{newReceipt, newStation}
	if compromised {
		c.Thefts = []roster.Compromise{
			{Role: roster.RoleReceipt, Key: roster.KeyID(roster.RoleReceipt, south.Side.Receipt), Since: 1},
			{Role: roster.RoleStation, Key: roster.KeyID(roster.RoleStation, south.Side.Station), Since: 1},
		}
	}
	full, err := roster.NewHistory(r.Line.Roster).Draft("south", 100, c)
	if err != nil {
		t.Fatal(err)
	}
	content := r.Content("south", string(full.Text()))
	content.Kind = parley.Change
	r.Enter("south", r.Sign("south", content, "south a", "south b"))
	return station, receipts
}

// Receipts and refusals are judged by the key that counts in their place, and a
// signature of an ended key beyond it is the wrong thing that is found.
func TestRolledKeys(t *testing.T) {
	for name, c := range map[string]struct {
		after func(r *recordtest.Record, station, receipts ed25519.PrivateKey)
		want  error
		entry uint64
	}{
		"all in their places": {func(r *recordtest.Record, _, _ ed25519.PrivateKey) {
			r.Say("north", "after")
			r.Receipt("north", 4)
			r.Cosign("north")
		}, nil, 0},
		"what was held, receipted later": {func(r *recordtest.Record, _, receipts ed25519.PrivateKey) {
			r.Cosign("north")
			r.Receipt("north", 1)
		}, nil, 0},
		"a cosignature of the ended key, beyond": {func(r *recordtest.Record, _, receipts ed25519.PrivateKey) {
			r.Say("north", "after")
			r.Line.South.ReceiptKey = receipts
			r.Cosign("north")
		}, receipt.ErrEnded, 0},
		"a receipt of the ended key, beyond": {func(r *recordtest.Record, _, receipts ed25519.PrivateKey) {
			r.Say("north", "after")
			r.Line.South.ReceiptKey = receipts
			r.Receipt("north", 4)
		}, receipt.ErrEnded, 4},
		"a refusal of the ended key, beyond": {func(r *recordtest.Record, station, _ ed25519.PrivateKey) {
			r.Say("north", "after")
			r.Line.South.StationKey = station
			r.Refuse("north", 4, wire.ReasonText)
		}, receipt.ErrEnded, 4},
		"a refusal of the key in force": {func(r *recordtest.Record, _, _ ed25519.PrivateKey) {
			r.Say("north", "after")
			r.Refuse("north", 4, wire.ReasonText)
		}, nil, 0},
		"a receipt of a key that never came": {func(r *recordtest.Record, _, _ ed25519.PrivateKey) {
			r.Line.South.Hire(t, "nobody")
			r.Line.South.ReceiptKey = r.Line.South.Officers["nobody"]
			r.Receipt("north", 1)
		}, audit.ErrUnsigned, 1},
	} {
		r := recordtest.New(t, rostertest.New(t))
		r.Say("north", "one")
		r.Say("north", "two")
		r.Receipt("north", 2)
		r.Refuse("north", r.Enter("north", r.Sign("north", r.Content("north", "by too many"), "north a", "north b")), wire.ReasonQuorum)
		r.Cosign("north")
		station, receipts := roll(t, r, false)
		c.after(r, station, receipts)
		report := audit.Audit(r.File("north"), r.Line.Roster)
		switch {
		case c.want == nil && report.Wrong != nil:
			t.Errorf("%s: %v", name, report.Wrong)
		case c.want != nil && (report.Wrong == nil || !errors.Is(report.Wrong, c.want) || report.Wrong.Party != "north" || report.Wrong.Entry != c.entry):
			t.Errorf("%s: %v", name, report.Wrong)
		}
	}
}

// A compromised receipt key casts doubt on times, and on what no entry of its
// party says it has seen; a compromised station key on its refusals.
func TestCompromisedKeys(t *testing.T) {
	r := recordtest.New(t, rostertest.New(t))
	r.Say("north", "one")
	r.Receipt("north", 1)
	r.Refuse("north", r.Enter("north", r.Sign("north", r.Content("north", "by too many"), "north a", "north b")), wire.ReasonQuorum)
	station, receipts := roll(t, r, true) // has seen two
	now := r.Line.South.ReceiptKey
	r.EnterSeen("north", r.Sign("north", r.Content("north", "crossed the change"), "north a"), nil)
	r.Line.South.ReceiptKey, r.Line.South.StationKey = receipts, station
	r.ReceiptHeld("north", 3, 2) // ahead of a gap, says the old key
	r.Line.South.ReceiptKey = now
	r.Cosign("north")
	report := audit.Audit(r.File("north"), r.Line.Roster)
	if report.Wrong != nil {
		t.Fatal(report.Wrong)
	}
	log := report.Logs[0]
	if len(log.Receipts) != 2 || log.Receipts[0].Doubt != audit.DoubtTime || log.Receipts[1].Doubt != audit.DoubtFact {
		t.Errorf("receipts %+v", log.Receipts)
	}
	if log.ReceiptedDoubt != audit.NoDoubt {
		t.Errorf("the cosignature of the key in force is in doubt: %d", log.ReceiptedDoubt)
	}
	if len(log.Refused) != 1 || !log.Refused[0].Doubt || log.Refused[0].Found == nil {
		t.Errorf("refused %+v", log.Refused)
	}
}
