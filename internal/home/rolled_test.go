package home

import (
	"crypto/ed25519"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"parley/internal/keyring"
	"parley/internal/rostertest"
	"parley/roster"
)

// A rolling is a home whose station has two lines, each with its history.
type rolling struct {
	t    *testing.T
	home *Home
	keys *rolled
	at   map[string]*roster.History
}

func newRolling(t *testing.T) *rolling {
	t.Helper()
	h := &Home{dir: t.TempDir(), config: Config{Party: "north"}}
	for _, d := range []string{"run", "lines"} {
		if err := os.Mkdir(filepath.Join(h.dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := keyring.CreateStation(h.keys(), keyring.PlainFile()); err != nil {
		t.Fatal(err)
	}
	r := &rolling{t: t, home: h, at: map[string]*roster.History{}}
	for _, line := range []string{"south", "east"} {
		r.at[line] = roster.NewHistory(rostertest.New(t, rostertest.Seed(line)).Roster)
	}
	return r
}

// start opens the keys as a start of the station does, with the drafts that stand.
func (r *rolling) start(drafts map[string][]ed25519.PublicKey) {
	r.t.Helper()
	s, err := r.home.station()
	if err != nil {
		r.t.Fatal(err)
	}
	if r.keys, err = r.home.openRolled(s.Public(), len(r.at)); err != nil {
		r.t.Fatal(err)
	}
	for line := range r.at {
		r.keys.promise(line, drafts[line])
	}
	for line := range r.at {
		r.tell(line)
	}
}

// draft returns the key that a draft on a line brings.
func (r *rolling) draft(line string) ed25519.PublicKey {
	r.t.Helper()
	key, err := r.keys.spare(line, r.at[line], roster.RoleStation)
	if err != nil {
		r.t.Fatal(err)
	}
	return key
}

// release puts in force what a draft brings, as one that was drafted now.
func (r *rolling) release(line string, key ed25519.PublicKey) {
	r.t.Helper()
	h := r.at[line]
	n := uint64(len(h.Versions("north")))
	c, err := h.Draft("north", n-1, roster.Change{Keys: []roster.NewKey{{Role: roster.RoleStation, Key: key}}})
	if err == nil {
		r.at[line], err = h.Apply("north", roster.Place{Number: n}, c)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	r.tell(line)
}

func (r *rolling) tell(line string) {
	r.t.Helper()
	now, _ := r.at[line].Now("north")
	if err := r.keys.need(line, []ed25519.PublicKey{now.Station, now.Receipt}); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rolling) held(key ed25519.PublicKey) bool {
	r.t.Helper()
	later, err := keyring.UnlockLater(r.home.keys(), keyring.PlainFile())
	if err != nil {
		r.t.Fatal(err)
	}
	return slices.ContainsFunc(later, func(l keyring.Later) bool { return l.Key().Equal(key) })
}

// While a draft of one line waits for its officers, the key that it brings is not
// destroyed, though another line had it and ended it, and a newer one was made; not
// either after a restart. When the draft is in force and another comes, it goes.
func TestKeyOfADraftStays(t *testing.T) {
	r := newRolling(t)
	r.start(nil)
	waits := r.draft("east")
	if shared := r.draft("south"); !shared.Equal(waits) {
		t.Fatal("two lines were given two keys")
	}
	r.release("south", waits)
	r.release("south", r.draft("south"))
	if !r.held(waits) {
		t.Fatal("the key of a draft was destroyed")
	}
	r.start(map[string][]ed25519.PublicKey{"east": {waits}})
	if !r.held(waits) {
		t.Fatal("the key of a draft was destroyed at a start")
	}
	next := r.draft("east")
	r.release("east", waits)
	r.release("east", next)
	if r.held(waits) {
		t.Error("a key that no line needs and no draft brings is still there")
	}
	if !r.held(next) {
		t.Error("the key in force is gone")
	}
}

// The key of a draft that was withdrawn is destroyed at the next start, if another was
// made since.
func TestKeyOfAWithdrawnDraftGoes(t *testing.T) {
	r := newRolling(t)
	r.start(nil)
	withdrawn := r.draft("east")
	r.release("south", r.draft("south"))
	r.release("south", r.draft("south"))
	r.start(nil)
	if r.held(withdrawn) {
		t.Error("a key that nothing names is still there")
	}
}
