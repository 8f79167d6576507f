package station_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"slices"
	"testing"
	"time"

	"parley"
	"parley/audit"
	"parley/deniable"
	"parley/internal/keyring"
	"parley/internal/rostertest"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/release"
	"parley/roster"
	"parley/seal"
	"parley/transcript"
	"parley/wire"
)

// nonPapers is a world whose line has deniable messages beside the others.
func nonPapers(t *testing.T) *stationtest.World {
	t.Helper()
	return stationtest.New(t, two, rostertest.Evidence(roster.NonPapers))
}

// sayAside says something deniably, with the consent of as many officers of the
// party as the charter asks for, and returns its number.
func sayAside(t *testing.T, s *stationtest.Side, p *rostertest.Party, prec parley.Precedence, body string) uint64 {
	t.Helper()
	ctx := context.Background()
	c := s.Content(prec, body)
	d, err := s.Aside.Draft(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{" a", " b"}[:d.Quorum] {
		_, key := p.Officer(t, string(p.Party)+name)
		consent, err := deniable.Agree(d.Content, [32]byte{1}, key)
		if err != nil {
			t.Fatal(err)
		}
		_, ref, err := s.Aside.Consent(ctx, d.ID, consent)
		if err != nil {
			t.Fatal(err)
		}
		if ref != nil {
			return ref.Number
		}
	}
	t.Fatalf("%q was not released by %d officers", body, d.Quorum)
	return 0
}

// provedAside waits until the other side has proved to hold entry n.
func provedAside(s *stationtest.Side, n uint64) {
	if s.Aside.Proved() >= n {
		return
	}
	s.Await("a proof of what was said deniably", func(e station.Event) bool {
		return e.Line == s.Aside.ID() && e.Kind == station.EventProved && e.Ref.Number >= n
	})
}

func heardAside(t *testing.T, s *stationtest.Side) (out []string) {
	t.Helper()
	got, err := s.Aside.Messages(station.Filter{Theirs: true, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, func(a, b station.Message) int { return cmp.Compare(a.Ref.Number, b.Ref.Number) })
	for _, m := range got {
		out = append(out, m.Content.Body)
	}
	return out
}

// Both kinds go over the same channels, each in its own logs, across a
// restart, and neither log knows the other.
func TestNonPapers(t *testing.T) {
	w := nonPapers(t)
	n := w.North.Say(parley.Routine, "for the record")
	sayAside(t, w.North, w.Line.North, parley.Routine, "between us")
	k := sayAside(t, w.North, w.Line.North, parley.Flash, "now, between us")
	m := sayAside(t, w.South, w.Line.South, parley.Immediate, "noted, and never said")
	w.North.Proved(n)
	provedAside(w.North, k)
	provedAside(w.South, m)
	w.North.Stop()
	w.South.Stop()
	w.North.Start()
	w.South.Start()
	k = sayAside(t, w.North, w.Line.North, parley.Routine, "after a restart")
	provedAside(w.North, k)

	if got := w.South.Held(); !slices.Equal(got, []string{"for the record"}) {
		t.Errorf("south holds %q on the record", got)
	}
	if got, want := heardAside(t, w.South), []string{"between us", "now, between us", "after a restart"}; !slices.Equal(got, want) {
		t.Errorf("south was told deniably %q", got)
	}
	if got := heardAside(t, w.North); !slices.Equal(got, []string{"noted, and never said"}) {
		t.Errorf("north was told deniably %q", got)
	}
	record, err := w.South.Line.Export()
	if err != nil {
		t.Fatal(err)
	}
	off, err := w.South.Aside.Export()
	if err != nil {
		t.Fatal(err)
	}
	f, err := transcript.ParseFile(off)
	if err != nil {
		t.Fatal(err)
	}
	if wrong := audit.Audit(f, w.South.Aside.Roster()).Wrong; wrong != nil {
		t.Errorf("the deniable transcript: %v", wrong)
	}
	for _, l := range f.Logs {
		if bytes.Contains(record, []byte(l.Log.String())) {
			t.Errorf("log %s stands in the attributable transcript", l.Log)
		}
	}
}

// An officer's own key leaves no signature of what was said, neither in the
// log nor among the drafts; and the one kind of approval is not taken for the
// other.
func TestNoSignatureOfAPerson(t *testing.T) {
	w := nonPapers(t)
	ctx := context.Background()
	d, err := w.North.Aside.Draft(ctx, w.North.Content(parley.Flash, "between us"))
	if err != nil {
		t.Fatal(err)
	}
	_, a := w.Line.North.Officer(t, "north a")
	signature, err := release.Approve(d.Content, a)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.North.Aside.Approve(ctx, d.ID, signature); !errors.Is(err, station.ErrDeniable) {
		t.Errorf("a signature under something deniable: %v", err)
	}
	stranger := ed25519.NewKeyFromSeed(make([]byte, 32))
	for name, key := range map[string]ed25519.PrivateKey{"a stranger": stranger, "south a": w.Line.South.Officers["south a"]} {
		consent, err := deniable.Agree(d.Content, [32]byte{2}, key)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := w.North.Aside.Consent(ctx, d.ID, consent); !errors.Is(err, release.ErrOfficer) {
			t.Errorf("the consent of %s: %v", name, err)
		}
	}
	consent, err := deniable.Agree(d.Content, [32]byte{3}, a)
	if err != nil {
		t.Fatal(err)
	}
	altered := consent
	altered.Sig[0]++
	if _, _, err := w.North.Aside.Consent(ctx, d.ID, altered); !errors.Is(err, deniable.ErrConsent) {
		t.Errorf("a consent that was altered: %v", err)
	}
	got, ref, err := w.North.Aside.Consent(ctx, d.ID, consent)
	if err != nil || ref != nil || !slices.Equal(got.Approved, []string{"north a"}) {
		t.Fatalf("the first of two consents: %v, released as %v, %v", got.Approved, ref, err)
	}
	if _, _, err := w.North.Aside.Consent(ctx, d.ID, consent); !errors.Is(err, station.ErrSigned) {
		t.Errorf("the same officer again: %v", err)
	}
	row, err := w.North.Journal.Draft(d.ID)
	if err != nil || bytes.Contains(row.Approvals, consent.Sig[:]) || bytes.Contains(row.Approvals, consent.Blind[:]) {
		t.Errorf("the draft keeps %x (%v)", row.Approvals, err)
	}

	plain, err := w.North.Line.Draft(ctx, w.North.Content(parley.Routine, "for the record"))
	if err != nil {
		t.Fatal(err)
	}
	consent, err = deniable.Agree(plain.Content, [32]byte{4}, a)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.North.Line.Consent(ctx, plain.ID, consent); !errors.Is(err, station.ErrDeniable) {
		t.Errorf("a consent to something attributable: %v", err)
	}
}

// Who left the agreed line consents no more; who joined it does.
func TestConsentIsByWhoIsOfficerNow(t *testing.T) {
	w := nonPapers(t)
	ctx := context.Background()
	d, err := w.North.Aside.Draft(ctx, w.North.Content(parley.Routine, "between us"))
	if err != nil {
		t.Fatal(err)
	}
	hired := w.Line.North.Hire(t, "north d", "north/duty")
	id, a := w.Line.North.Officer(t, "north a")
	if _, err := w.North.Line.Release(ctx, w.North.Released(w.North.Change(roster.Change{
		Leave: []roster.Leave{{Key: id, Name: "north a"}}, Join: []roster.Officer{hired},
	}))); err != nil {
		t.Fatal(err)
	}
	consent, err := deniable.Agree(d.Content, [32]byte{5}, a)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.North.Aside.Consent(ctx, d.ID, consent); !errors.Is(err, release.ErrOfficer) {
		t.Errorf("who has left: %v", err)
	}
	if consent, err = deniable.Agree(d.Content, [32]byte{6}, w.Line.North.Officers["north d"]); err != nil {
		t.Fatal(err)
	}
	if _, ref, err := w.North.Aside.Consent(ctx, d.ID, consent); err != nil || ref == nil {
		t.Errorf("who has joined: %v, %v", ref, err)
	}
}

// On a deniable line nobody changes the roster: its officers are no persons.
func TestNoChangeOnADeniableLine(t *testing.T) {
	w := nonPapers(t)
	change, err := w.North.Aside.History().Draft("north", 0, roster.Change{Join: []roster.Officer{w.Line.North.Hire(t, "north d", "north/duty")}})
	if err != nil {
		t.Fatal(err)
	}
	c := w.North.Content(parley.Routine, string(change.Text()))
	c.Kind = parley.Change
	if _, err := w.North.Aside.Draft(context.Background(), c); !errors.Is(err, release.ErrChange) {
		t.Errorf("a change on a deniable line: %v", err)
	}
}

// On an attributable line nothing deniable is heard, whatever the other side
// derives by itself: it was not agreed.
func TestDowngradeIsRefused(t *testing.T) {
	w := stationtest.New(t, two)
	agreed := rostertest.New(t, rostertest.Evidence(roster.NonPapers))
	d, err := deniable.New(agreed.Roster, "north", agreed.North.DeniableKey)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := d.Keys("north")
	if err != nil {
		t.Fatal(err)
	}
	south, _ := w.Roster().Side("south")
	e, opening, err := seal.NewEpoch(seal.Terms{Line: d.Roster().Line, Roster: d.Roster().Hash(), From: "north", To: "south"}, south.LastResort, keys.Station())
	if err != nil {
		t.Fatal(err)
	}
	frame, err := e.Seal(wire.Wide, e.Tag(), opening, []byte{0x81, 0x82, 0x07, 0x40})
	if err != nil {
		t.Fatal(err)
	}
	w.South.Inject("one", frame)
	w.South.Await("the refusal of a frame that belongs to no line", func(e station.Event) bool { return e.Kind == station.EventFrameLost })
	w.North.Proved(w.North.Say(parley.Routine, "for the record"))
	if got := w.South.Held(); !slices.Equal(got, []string{"for the record"}) {
		t.Errorf("south holds %q", got)
	}
}

// The first epoch of a deniable line is opened to the last resort on the card.
// It waits for that, however long ago the agreed line has retired the rest.
func TestLastResortWaitsForTheDeniableLine(t *testing.T) {
	w := stationtest.Prepare(t, two, rostertest.Evidence(roster.NonPapers))
	w.North.Alone, w.South.Alone = true, true
	w.North.Start()
	w.South.Start()
	w.South.Proved(w.South.Say(parley.Routine, "first"))
	checked := func(e station.Event) bool { return e.Kind == station.EventChecked }
	w.South.Await("a line check, which brought fresh prekeys", checked)
	late := time.Now().Add(90 * 24 * time.Hour)
	w.North.Stop()
	w.North.Now = func() time.Time { return late }
	w.North.Start()
	first := seal.PrekeyHash(w.Line.North.Prekeys[7])
	for range 12 { // each start opens an epoch; at last one to a prekey that is not on the card
		w.South.Stop()
		w.South.Start()
		w.South.Proved(w.South.Say(parley.Routine, "again"))
		if _, err := w.North.Secrets.Get(keyring.Prekey, first[:]); errors.Is(err, keyring.ErrNotFound) {
			break
		}
	}
	if _, err := w.North.Secrets.Get(keyring.Prekey, first[:]); !errors.Is(err, keyring.ErrNotFound) {
		t.Fatalf("the prekeys of the card were not retired (%v): this test shows nothing", err)
	}
	w.North.Stop()
	w.South.Stop()
	w.North.Alone, w.South.Alone = false, false
	w.North.Start()
	w.South.Start()
	provedAside(w.South, sayAside(t, w.South, w.Line.South, parley.Routine, "the first word"))
	if got := heardAside(t, w.North); !slices.Equal(got, []string{"the first word"}) {
		t.Errorf("north was told %q", got)
	}
}
