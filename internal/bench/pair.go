package bench

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"parley"
	"parley/internal/journal"
	"parley/internal/keyring"
	"parley/internal/station"
	"parley/link"
	"parley/release"
	"parley/roster"
	"parley/wire"
)

// pair is two stations in this process, north and south, with real journals
// and the channels that a measurement gives them.
type pair struct {
	roster       *roster.Roster
	north, south *side
}

// side is one station of a pair.
type side struct {
	party   parley.Party
	officer crypto.Signer
	keys    keys
	line    *station.Line
	journal *journal.Journal

	mu      sync.Mutex
	proved  uint64                   // of ours, by a cosignature of theirs
	singles map[uint64]bool          // of ours, by a single receipt of theirs
	waiting map[uint64]chan struct{} // for the proof of one entry
	up      map[string]bool          // channels, by name
	moved   chan struct{}            // closed and replaced when one goes up or down
}

// keys are a station's keys in memory.
type keys struct{ root, log, station, receipt, hop ed25519.PrivateKey }

func (k keys) Log() crypto.Signer     { return k.log }
func (k keys) Station() crypto.Signer { return k.station }
func (k keys) Receipt() crypto.Signer { return k.receipt }

// ends are the channels of both sides of a pair; dir is where the journals go.
type ends struct {
	north, south []station.Route
	dir          string
	link         link.Config
	held         bool // to the default quotas; without, a figure of something else would be one of them
}

// identity is what a side is before it has channels: tcp needs its hop key.
type identity struct {
	party   parley.Party
	keys    keys
	officer ed25519.PrivateKey
	secrets *secrets
	card    []byte
}

func newIdentity(party parley.Party) (identity, error) {
	id := identity{party: party, secrets: &secrets{values: map[string][]byte{}}}
	for _, k := range []*ed25519.PrivateKey{&id.keys.root, &id.keys.log, &id.keys.station, &id.keys.receipt, &id.keys.hop, &id.officer} {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return id, err
		}
		*k = key
	}
	side := roster.Side{
		Party: party, Language: "en",
		Root: public(id.keys.root), LogKey: public(id.keys.log), Station: public(id.keys.station),
		Receipt: public(id.keys.receipt), Hop: public(id.keys.hop),
		Desks: []parley.Desk{parley.Desk(party + "/duty")},
		Officers: []roster.Officer{{
			Name: "officer", Key: public(id.officer), Desks: []parley.Desk{parley.Desk(party + "/duty")},
		}},
	}
	if _, err := rand.Read(side.Log[:]); err != nil {
		return id, err
	}
	var err error
	if side.Prekeys, side.LastResort, err = station.NewPrekeys(id.secrets, side.Log, parley.TimeOf(time.Now())); err != nil {
		return id, err
	}
	id.card, err = roster.NewCard(side, id.keys.root)
	return id, err
}

func public(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) }

// identities makes both sides of a pair.
func identities() (north, south identity, err error) {
	if north, err = newIdentity("north"); err != nil {
		return north, south, err
	}
	south, err = newIdentity("south")
	return north, south, err
}

// agree makes the roster of two identities with the channels that they have.
func agree(north, south identity, e ends) (*roster.Roster, error) {
	terms := roster.DefaultTerms()
	terms.CheckEvery = time.Hour
	for _, prec := range []parley.Precedence{parley.Flash, parley.Immediate, parley.Priority, parley.Routine} {
		terms.Quorum[prec] = 1
	}
	for _, r := range e.north {
		terms.Channels = append(terms.Channels, roster.Channel{Name: r.Channel.Name(), Kind: roster.Pipe, Narrow: r.Narrow})
	}
	invite, err := roster.Invite(north.card, "south", terms)
	if err != nil {
		return nil, err
	}
	_, agreed, err := roster.Accept(invite, south.card)
	return agreed, err
}

// start joins two identities by channels and runs both stations until stop.
func start(north, south identity, e ends) (p *pair, stop func() error, err error) {
	agreed, err := agree(north, south, e)
	if err != nil {
		return nil, nil, err
	}
	p = &pair{roster: agreed}
	ctx, cancel := context.WithCancel(context.Background())
	var stops []func() error
	stop = func() error {
		cancel()
		var errs []error
		for _, s := range stops {
			errs = append(errs, s())
		}
		return errors.Join(errs...)
	}
	for _, one := range []struct {
		id     identity
		routes []station.Route
		into   **side
	}{{north, e.north, &p.north}, {south, e.south, &p.south}} {
		s, end, err := p.run(ctx, one.id, one.routes, e)
		if err != nil {
			return nil, nil, errors.Join(err, stop())
		}
		*one.into = s
		stops = append(stops, end)
	}
	return p, stop, nil
}

func (p *pair) run(ctx context.Context, id identity, routes []station.Route, e ends) (*side, func() error, error) {
	j, err := journal.Open(filepath.Join(e.dir, string(id.party)), journal.Options{Reserve: -1})
	if err != nil {
		return nil, nil, err
	}
	s := &side{party: id.party, officer: id.officer, keys: id.keys, journal: j, singles: map[uint64]bool{}, waiting: map[uint64]chan struct{}{}, up: map[string]bool{}, moved: make(chan struct{})}
	st, err := station.New(station.Config{
		Party: id.party, Journal: j, Keys: id.keys, Secrets: id.secrets, Now: time.Now, Notify: s.notify,
	})
	if err != nil {
		return nil, nil, errors.Join(err, j.Close())
	}
	peer, _ := p.roster.Peer(id.party)
	quota := station.NoQuota()
	if e.held {
		quota = station.Quota{}
	}
	s.line, err = st.AddLine(station.LineConfig{
		Roster: p.roster, Routes: routes, Link: e.link, Quota: quota,
		Prekeys: wire.Prekeys{Line: p.roster.Line, From: peer.Party, Keys: peer.Prekeys, LastResort: peer.LastResort},
	})
	if err != nil {
		return nil, nil, errors.Join(err, j.Close())
	}
	ended := make(chan error, 1)
	go func() { ended <- st.Run(ctx) }()
	return s, func() error { return errors.Join(<-ended, j.Close()) }, nil
}

func (s *side) notify(e station.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	wake := func(n uint64) {
		if c, ok := s.waiting[n]; ok {
			close(c)
			delete(s.waiting, n)
		}
	}
	switch e.Kind {
	case station.EventProved:
		for ; s.proved < e.Ref.Number; s.proved++ {
			wake(s.proved + 1)
			delete(s.singles, s.proved+1)
		}
	case station.EventSingle:
		if e.Ref.Number > s.proved {
			s.singles[e.Ref.Number] = true
		}
		wake(e.Ref.Number)
	case station.EventChannel:
		s.channelMoved(e)
	}
}

// send releases a body at a precedence, signed by the officer, and returns its
// number.
func (s *side) send(p parley.Precedence, body string) (uint64, error) {
	to := parley.Party("south")
	if s.party == to {
		to = "north"
	}
	c := wire.Content{
		Line: s.line.ID(), From: parley.Desk(s.party + "/duty"), To: []parley.Desk{parley.Desk(to + "/duty")},
		Precedence: p, Status: parley.Real, Kind: parley.Text, Language: "en", Body: body,
	}
	if _, err := rand.Read(c.Draft[:]); err != nil {
		return 0, err
	}
	content, err := wire.AppendContent(nil, c)
	if err != nil {
		return 0, err
	}
	sig, err := release.Approve(content, s.officer)
	if err != nil {
		return 0, err
	}
	r, err := release.Release(content, []wire.Signature{sig}, s.line.History(), s.party, roster.Place{Number: wire.MaxNumber})
	if err != nil {
		return 0, err
	}
	ref, err := s.line.Release(context.Background(), r)
	return ref.Number, err
}

// waitLimit is how long any proof is waited for.
const waitLimit = 5 * time.Minute

// await returns when the other side's proof of entry n is durable here: a
// cosignature that covers it, or a single receipt.
func (s *side) await(n uint64) error {
	s.mu.Lock()
	if s.proved >= n || s.singles[n] {
		s.mu.Unlock()
		return nil
	}
	proved, ok := s.waiting[n]
	if !ok {
		proved = make(chan struct{})
		s.waiting[n] = proved
	}
	s.mu.Unlock()
	limit := time.NewTimer(waitLimit)
	defer limit.Stop()
	select {
	case <-proved:
		return nil
	case <-limit.C:
		return fmt.Errorf("%s waited %v for the proof of entry %d", s.party, waitLimit, n)
	}
}

// confirm is send and await.
func (s *side) confirm(p parley.Precedence, body string) error {
	n, err := s.send(p, body)
	if err != nil {
		return err
	}
	return s.await(n)
}

// secrets is a station.Secrets in memory.
type secrets struct {
	mu     sync.Mutex
	values map[string][]byte
}

func (s *secrets) Put(k keyring.Kind, id, secret []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[string(k)+string(id)] = append([]byte(nil), secret...)
	return nil
}

func (s *secrets) Get(k keyring.Kind, id []byte) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.values[string(k)+string(id)]
	if !ok {
		return nil, keyring.ErrNotFound
	}
	return v, nil
}

func (s *secrets) Delete(k keyring.Kind, id []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.values, string(k)+string(id))
	return nil
}

func (s *secrets) List(k keyring.Kind) (ids [][]byte, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.values {
		if len(name) > len(k) && name[:len(k)] == string(k) {
			ids = append(ids, []byte(name[len(k):]))
		}
	}
	return ids, nil
}
