// Package stationtest joins two stations, north and south, by channels in
// memory, for the tests of the house. Keys and secrets are in memory, the
// journals are real files in the test's folder.
package stationtest

import (
	"cmp"
	"context"
	"crypto"
	"crypto/ed25519"
	crand "crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"parley"
	"parley/deniable"
	"parley/internal/channel/pipe"
	"parley/internal/courier"
	"parley/internal/journal"
	"parley/internal/keyring"
	"parley/internal/rostertest"
	"parley/internal/station"
	"parley/link"
	"parley/receipt"
	"parley/release"
	"parley/roster"
	"parley/seal"
	"parley/wire"
)

// Seed is what the weather of every world is drawn from.
const Seed = 20261128

// World is two stations and what joins them.
type World struct {
	t            testing.TB
	Line         *rostertest.Line
	North, South *Side
	Link         link.Config

	mu    sync.Mutex
	pipes map[string][2]*pipe.Channel
	rough map[string][2]*rough
}

// Side is one party's station, which may be stopped and started again.
type Side struct {
	world   *World
	party   *rostertest.Party
	peer    parley.Party
	Dir     string // of its journal
	Secrets *Secrets
	Now     func() time.Time
	Slept   func() time.Duration
	Lost    bool          // the keys that came later are not held here
	Reserve int64         // of its journal; 0: none
	Quota   station.Quota // of the other side; no room is kept on the disk, unless it says so

	// Needs, if set, is told which keys the line may still have to sign with.
	Needs func([]ed25519.PublicKey) error
	// Root, if set, is told the root keys that the side has had.
	Root func([]ed25519.PublicKey) error

	Alone bool // without the deniable line of its terms

	// Routes, if set, changes the channels that the station is given.
	Routes func([]station.Route) []station.Route
	// Started, if set, is given every line before it runs, and Ended the error
	// that a station ended with by itself.
	Started func(*station.Line)
	Ended   func(error)

	Journal *journal.Journal
	Station *station.Station
	Line    *station.Line
	Aside   *station.Line // the deniable line beside it, where the terms have non-papers
	stop    func() error

	mu     sync.Mutex
	signed atomic.Int64
	events []station.Event
	moved  chan struct{} // closed and replaced at every event
}

// New makes a world with channels of the given names, all of them up, and
// starts both stations.
func New(t testing.TB, channels []string, opts ...rostertest.Option) *World {
	t.Helper()
	w := Prepare(t, channels, opts...)
	w.North.Start()
	w.South.Start()
	return w
}

// Prepare is New without starting the stations, so that a test can change how
// they will run.
func Prepare(t testing.TB, channels []string, opts ...rostertest.Option) *World {
	t.Helper()
	w := &World{t: t, pipes: map[string][2]*pipe.Channel{}, rough: map[string][2]*rough{}}
	north, south := NewSecrets(), NewSecrets()
	opts = append(opts, prekeys(t, "north", north), prekeys(t, "south", south))
	w.Line = rostertest.New(t, opts...)
	for _, name := range channels {
		a, b := pipe.New(name)
		w.pipes[name] = [2]*pipe.Channel{a, b}
		seed := uint64(len(w.pipes))
		w.rough[name] = [2]*rough{
			{Channel: a, upper: a, rng: rand.New(rand.NewPCG(Seed, 2*seed))},
			{Channel: b, upper: b, rng: rand.New(rand.NewPCG(Seed, 2*seed+1))},
		}
	}
	dir := t.TempDir()
	side := func(p *rostertest.Party, peer parley.Party, s *Secrets) *Side {
		return &Side{
			world: w, party: p, peer: peer, Dir: filepath.Join(dir, string(p.Party)),
			Secrets: s, Now: time.Now, moved: make(chan struct{}),
		}
	}
	w.North = side(w.Line.North, "south", north)
	w.South = side(w.Line.South, "north", south)
	t.Cleanup(func() { w.North.Stop(); w.South.Stop() })
	return w
}

func prekeys(t testing.TB, party parley.Party, s *Secrets) rostertest.Option {
	t.Helper()
	return rostertest.Prekeys(party, func(log parley.LogID) ([][]byte, []byte) {
		t.Helper()
		keys, last, err := station.NewPrekeys(s, log, parley.TimeOf(time.Now()))
		if err != nil {
			t.Fatal(err)
		}
		return keys, last
	})
}

// Cut cuts a channel, or all of them when none is named; Restore mends it.
func (w *World) Cut(names ...string)     { w.each(names, (*pipe.Channel).Cut) }
func (w *World) Restore(names ...string) { w.each(names, (*pipe.Channel).Restore) }

func (w *World) each(names []string, f func(*pipe.Channel)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for name, ends := range w.pipes {
		if len(names) == 0 || strings.Contains(" "+strings.Join(names, " ")+" ", " "+name+" ") {
			f(ends[0])
		}
	}
}

// routes returns this side's end of every channel. It outlives the courier,
// which cannot close it, so that a station can be started again.
func (s *Side) routes() []station.Route {
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []station.Route
	for _, c := range w.Line.Roster.Terms.Channels {
		ends, ok := w.rough[c.Name]
		if !ok {
			continue
		}
		out = append(out, station.Route{Channel: ends[s.end()], Class: courier.Fast, Narrow: c.Narrow})
	}
	return out
}

// end is which end of every pipe is this side's.
func (s *Side) end() int {
	if s.party.Party == "south" {
		return 1
	}
	return 0
}

// Keys are one side's station keys, in memory.
type Keys struct{ side *Side }

func (k Keys) Log() crypto.Signer     { return counted{k.side.party.LogKey, &k.side.signed} }
func (k Keys) Station() crypto.Signer { return counted{k.side.party.StationKey, &k.side.signed} }
func (k Keys) Receipt() crypto.Signer { return counted{k.side.party.ReceiptKey, &k.side.signed} }

// later returns a key that a change may have brought: it is among those that the
// party hired, whoever they were said to be.
func (s *Side) later(_ roster.Role, public ed25519.PublicKey) (crypto.Signer, bool) {
	if s.Lost {
		return nil, false
	}
	k, ok := s.party.Hired(public)
	return counted{k, &s.signed}, ok
}

// counted is a key of which each use is counted.
type counted struct {
	crypto.Signer
	uses *atomic.Int64
}

func (c counted) Sign(r io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	c.uses.Add(1)
	return c.Signer.Sign(r, digest, o)
}

// Signed returns how often this side's station has signed anything.
func (s *Side) Signed() int64 { return s.signed.Load() }

// Start opens the journal and runs the station.
func (s *Side) Start() {
	t := s.world.t
	t.Helper()
	if s.stop != nil {
		t.Fatalf("%s runs already", s.party.Party)
	}
	j, err := journal.Open(s.Dir, journal.Options{Reserve: cmp.Or(s.Reserve, -1)})
	if err != nil {
		t.Fatal(err)
	}
	st, err := station.New(station.Config{
		Party: s.party.Party, Journal: j, Keys: Keys{s}, Secrets: s.Secrets,
		Now: s.Now, Slept: s.Slept, Notify: s.notify, Later: s.later,
	})
	if err != nil {
		t.Fatal(err)
	}
	peer, _ := s.world.Line.Roster.Peer(s.party.Party)
	routes := s.routes()
	if s.Routes != nil {
		routes = s.Routes(routes)
	}
	quota := s.Quota
	quota.Room = cmp.Or(quota.Room, -1)
	var last parley.Hash
	if s.party.DeniableKey != nil {
		last = seal.PrekeyHash(s.party.LastResort)
	}
	line, err := st.AddLine(station.LineConfig{
		LastResort: last,
		ReceiptPQ:  s.receiptPQ(),
		Needs:      s.Needs,
		Root:       s.Root,

		Roster:  s.world.Line.Roster,
		Prekeys: wire.Prekeys{Line: s.world.Line.Roster.Line, From: peer.Party, Keys: peer.Prekeys, LastResort: peer.LastResort},
		Routes:  routes,
		Link:    s.world.Link,
		Quota:   quota,
	})
	if err != nil {
		t.Fatal(err)
	}
	if s.Started != nil {
		s.Started(line)
	}
	if s.party.DeniableKey != nil && !s.Alone {
		s.Aside = s.aside(st, line, quota)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		err := st.Run(ctx)
		ended <- err
		if s.Ended != nil && err != nil {
			s.Ended(err)
		}
	}()
	s.Journal, s.Station, s.Line = j, st, line
	s.stop = func() error {
		cancel()
		return errors.Join(<-ended, j.Close())
	}
}

// receiptPQ is the key that cosigns by ML-DSA-44, where both parties have one.
func (s *Side) receiptPQ() crypto.Signer {
	if !receipt.HasPQ(s.world.Line.Roster) {
		return nil
	}
	return counted{s.party.ReceiptPQKey, &s.signed}
}

// aside adds the deniable line that shares the channels of another.
func (s *Side) aside(st *station.Station, beside *station.Line, quota station.Quota) *station.Line {
	t := s.world.t
	t.Helper()
	d, err := deniable.New(s.world.Line.Roster, s.party.Party, s.party.DeniableKey)
	if err != nil {
		t.Fatal(err)
	}
	peer, _ := s.world.Line.Roster.Peer(s.party.Party)
	l, err := st.AddLine(station.LineConfig{
		Deniable: d, Beside: beside, Link: s.world.Link, Quota: quota, LastResort: seal.PrekeyHash(s.party.LastResort),
		Prekeys: wire.Prekeys{Line: d.Roster().Line, From: peer.Party, LastResort: peer.LastResort},
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Stop ends the station; what it knew and had not made durable is gone. It
// fails the test if the station had ended by itself.
func (s *Side) Stop() {
	s.world.t.Helper()
	if err := s.Crashed(); err != nil {
		s.world.t.Errorf("%s: %v", s.party.Party, err)
	}
}

// Crashed ends the station and returns the error that it had ended with.
func (s *Side) Crashed() error {
	if s.stop == nil {
		return nil
	}
	err := s.stop()
	s.stop = nil
	return err
}

// Roster returns the line's roster.
func (w *World) Roster() *roster.Roster { return w.Line.Roster }

func (s *Side) notify(e station.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
	close(s.moved)
	s.moved = make(chan struct{})
}

// Await returns the first event from the start on that ok accepts. It fails
// the test after two minutes.
func (s *Side) Await(what string, ok func(station.Event) bool) station.Event {
	s.world.t.Helper()
	limit := time.NewTimer(2 * time.Minute)
	defer limit.Stop()
	for next := 0; ; {
		s.mu.Lock()
		events, moved := s.events, s.moved
		s.mu.Unlock()
		for ; next < len(events); next++ {
			if ok(events[next]) {
				return events[next]
			}
		}
		select {
		case <-moved:
		case <-limit.C:
			s.world.t.Fatalf("%s waited two minutes for %s; last events: %v", s.party.Party, what, events[max(0, len(events)-12):])
		}
	}
}

// Events returns what was told so far.
func (s *Side) Events() []station.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]station.Event(nil), s.events...)
}

// Forget forgets the events so far.
func (s *Side) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = nil
}

// Content returns a text of this side for the duty desk of the other.
func (s *Side) Content(p parley.Precedence, body string) wire.Content {
	c := wire.Content{
		Line: s.world.Line.Roster.Line, From: parley.Desk(s.party.Party + "/duty"), To: []parley.Desk{parley.Desk(s.peer + "/duty")},
		Precedence: p, Status: parley.Real, Kind: parley.Text, Language: "en", Body: body,
	}
	if _, err := crand.Read(c.Draft[:]); err != nil {
		s.world.t.Fatal(err)
	}
	return c
}

// Released returns c signed by as many officers as the charter asks for: those
// that are on the roster now, by name, and that a change does not end.
func (s *Side) Released(c wire.Content) *release.Released {
	s.world.t.Helper()
	content, err := wire.AppendContent(nil, c)
	if err != nil {
		s.world.t.Fatal(err)
	}
	return s.ReleasedBytes(content)
}

// ReleasedBytes is Released for content as it is written.
func (s *Side) ReleasedBytes(content []byte) *release.Released {
	s.world.t.Helper()
	h := s.Line.History()
	c, err := wire.ParseContent(content)
	if err != nil {
		s.world.t.Fatal(err)
	}
	var change roster.Change
	if c.Kind == parley.Change {
		parsed, err := roster.ParseChange([]byte(c.Body))
		if err != nil {
			s.world.t.Fatal(err)
		}
		change = *parsed
	}
	var sigs []wire.Signature
	now, _ := h.Now(s.party.Party)
	for _, o := range now.Officers {
		if len(sigs) == s.world.Line.Roster.QuorumFor(c.Precedence, c.Kind) || !o.Speaks(c.From) || change.Ends(o.KeyID()) {
			continue
		}
		sig, err := release.Approve(content, s.party.Officers[o.Name])
		if err != nil {
			s.world.t.Fatal(err)
		}
		sigs = append(sigs, sig)
	}
	r, err := release.Release(content, sigs, h, s.party.Party, roster.Place{Number: wire.MaxNumber})
	if err != nil {
		s.world.t.Fatal(err)
	}
	return r
}

// Change returns content that changes this side of the roster as it is now.
func (s *Side) Change(c roster.Change) wire.Content {
	s.world.t.Helper()
	status, err := s.Line.Status(context.Background())
	if err != nil {
		s.world.t.Fatal(err)
	}
	full, err := s.Line.History().Draft(s.party.Party, status.Ours.Size, c)
	if err != nil {
		s.world.t.Fatal(err)
	}
	content := s.Content(parley.Routine, string(full.Text()))
	content.Kind = parley.Change
	return content
}

// Say releases a text and returns its number.
func (s *Side) Say(p parley.Precedence, body string) uint64 {
	s.world.t.Helper()
	ref, err := s.Line.Release(context.Background(), s.Released(s.Content(p, body)))
	if err != nil {
		s.world.t.Fatalf("%s says %q: %v", s.party.Party, body, err)
	}
	return ref.Number
}

// Proved waits until the other side has proved to hold entry n of this one.
func (s *Side) Proved(n uint64) {
	s.world.t.Helper()
	if s.Line.Proved() >= n {
		return
	}
	s.Await(fmt.Sprintf("the proof of %d", n), func(e station.Event) bool {
		return e.Kind == station.EventProved && e.Ref.Number >= n
	})
}

// Received returns the bodies of what the other side said, in the order in
// which it came.
func (s *Side) Received() []string { return bodies(s.received()) }

// Held returns the bodies of what the other side said, by number.
func (s *Side) Held() []string {
	got := s.received()
	slices.SortFunc(got, func(a, b station.Message) int { return cmp.Compare(a.Ref.Number, b.Ref.Number) })
	return bodies(got)
}

func bodies(messages []station.Message) (out []string) {
	for _, m := range messages {
		out = append(out, m.Content.Body)
	}
	return out
}

func (s *Side) received() (out []station.Message) {
	s.world.t.Helper()
	for after := uint64(0); ; {
		got, err := s.Line.Messages(station.Filter{Theirs: true, After: after, Limit: 1000})
		if err != nil {
			s.world.t.Fatal(err)
		}
		out = append(out, got...)
		if len(got) < 1000 {
			return out
		}
		after = got[len(got)-1].Seq
	}
}

// Secrets is a station.Secrets in memory.
type Secrets struct {
	// Full, if set, says whether there is no room for another one now.
	Full func() bool

	mu     sync.Mutex
	values map[string][]byte
}

// NewSecrets returns an empty one.
func NewSecrets() *Secrets { return &Secrets{values: map[string][]byte{}} }

// Clone is what a thief takes who was there now.
func (s *Secrets) Clone() *Secrets {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &Secrets{values: maps.Clone(s.values)}
}

func (s *Secrets) Put(k keyring.Kind, id, secret []byte) error {
	if s.Full != nil && s.Full() {
		return fmt.Errorf("put %s %x: %w", k, id, syscall.ENOSPC)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[string(k)+"/"+string(id)] = append([]byte(nil), secret...)
	return nil
}

func (s *Secrets) Get(k keyring.Kind, id []byte) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.values[string(k)+"/"+string(id)]
	if !ok {
		return nil, fmt.Errorf("%s %x: %w", k, id, keyring.ErrNotFound)
	}
	return v, nil
}

func (s *Secrets) Delete(k keyring.Kind, id []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.values, string(k)+"/"+string(id))
	return nil
}

func (s *Secrets) List(k keyring.Kind) (ids [][]byte, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.values {
		if id, ok := strings.CutPrefix(name, string(k)+"/"); ok {
			ids = append(ids, []byte(id))
		}
	}
	return ids, nil
}

var _ station.Keys = Keys{}

// Back returns a copy of what a stopped side has of its journal, for Restored.
func (s *Side) Back() string {
	s.world.t.Helper()
	dir := filepath.Join(s.world.t.TempDir(), "backup")
	if err := os.CopyFS(dir, os.DirFS(s.Dir)); err != nil {
		s.world.t.Fatal(err)
	}
	return dir
}

// Restored puts a backup in the place of what a stopped side had: its journal as
// it was then, and none of its epochs and prekeys.
func (s *Side) Restored(backup string) {
	s.world.t.Helper()
	dir := filepath.Join(s.world.t.TempDir(), "restored")
	if err := os.CopyFS(dir, os.DirFS(backup)); err != nil {
		s.world.t.Fatal(err)
	}
	j, err := journal.Open(dir, journal.Options{Reserve: -1})
	if err == nil {
		err = errors.Join(j.Commit(context.Background(), station.MarkRestored), j.Close())
	}
	if err != nil {
		s.world.t.Fatal(err)
	}
	s.Dir, s.Secrets = dir, NewSecrets()
}
