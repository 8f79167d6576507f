// Package station is the order of things: what is done with a message on its
// way out and on its way in, and in which transaction.
//
// A statement here calls a package or keeps a view. Rules of belief are in
// release, proofs in transcript and receipt, secrecy in seal, the choice of
// routes in link, durability in journal. Read outbound.go, then inbound.go:
// they are the product on two pages.
//
// Each line has one goroutine that works in turns (turn.go): it gathers what
// came in, decides on a copy of its state, makes the decision durable in one
// transaction, and only then answers, sends and shows. A turn that could not
// be made durable leaves no trace.
package station

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"sort"
	"sync"
	"time"

	"parley"
	"parley/internal/journal"
	"parley/internal/keyring"
	"parley/roster"
)

// Errors that a caller decides on.
var (
	// ErrNoLine is returned for a line that this station does not keep.
	ErrNoLine = errors.New("no such line at this station")
	// ErrHalted is returned for a release on a line whose log must not grow:
	// the other side proved more of it than this station holds.
	ErrHalted = errors.New("signing on this line is halted")
	// ErrStopped is returned when the station stopped before the answer was known.
	ErrStopped = errors.New("the station stopped")
	// ErrReplay is returned for a draft that was already released.
	ErrReplay = errors.New("this draft was already released")
)

// Keys are the station's own keys, one role each. The private halves stay
// behind crypto.Signer, so that a token can hold them.
type Keys interface {
	Log() crypto.Signer
	Station() crypto.Signer
	Receipt() crypto.Signer
}

// Secrets keeps epoch secrets and prekeys, outside the database and outside
// backups; *keyring.Epochs is one. Put and Delete are durable when they return.
type Secrets interface {
	Put(kind keyring.Kind, id, secret []byte) error
	Get(kind keyring.Kind, id []byte) ([]byte, error) // keyring.ErrNotFound
	Delete(kind keyring.Kind, id []byte) error        // of one that is not held: no error
	List(kind keyring.Kind) ([][]byte, error)
}

// Config is what a station is made of. Every field but Notify is required.
type Config struct {
	// Party is the side whose station this is.
	Party parley.Party
	// Journal is open, and stays open until Run has returned.
	Journal *journal.Journal
	Keys    Keys
	// Later, if set, returns the private half of a station or receipt key that came
	// in the place of one of Keys, and false for one that is not held
	// (spec/CHANGE.md §6). It may be called from any goroutine.
	Later   func(role roster.Role, public ed25519.PublicKey) (crypto.Signer, bool)
	Secrets Secrets
	// Now is the clock. Order never depends on it.
	Now func() time.Time
	// Slept, if set, says how long this machine was suspended, in all: that is told
	// as what it is, and not as a clock that was set. It may be called from any
	// goroutine.
	Slept func() time.Duration
	// Notify, if set, is told what became durable. It is called from the
	// goroutine of a line, in order, and of drafts from that of whoever asked;
	// it must not block.
	Notify func(Event)
}

// Station keeps any number of lines.
type Station struct {
	cfg Config

	mu    sync.Mutex // guards lines
	lines map[parley.LineID]*Line
}

// New returns a station without lines.
func New(cfg Config) (*Station, error) {
	switch {
	case cfg.Party == "":
		return nil, errors.New("station: no party given")
	case cfg.Journal == nil || cfg.Keys == nil || cfg.Secrets == nil || cfg.Now == nil:
		return nil, errors.New("station: journal, keys, secrets and clock are required")
	}
	if cfg.Notify == nil {
		cfg.Notify = func(Event) {}
	}
	if cfg.Slept == nil {
		cfg.Slept = func() time.Duration { return 0 }
	}
	return &Station{cfg: cfg, lines: map[parley.LineID]*Line{}}, nil
}

// Line returns the line with the given id, or ErrNoLine.
func (s *Station) Line(id parley.LineID) (*Line, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.lines[id]
	if !ok {
		return nil, fmt.Errorf("line %s: %w", id, ErrNoLine)
	}
	return l, nil
}

// Lines returns the station's lines, ordered by id.
func (s *Station) Lines() []*Line {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*Line, 0, len(s.lines))
	for _, l := range s.lines {
		out = append(out, l)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].id.String() < out[j].id.String() })
	return out
}

// Run keeps every line going until ctx ends or a line cannot go on, which it
// reports as an error: the journal then has to be opened again and looked at.
// What a line could not do while it stopped is an error too.
func (s *Station) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lines := s.Lines()
	errs := make([]error, len(lines))
	var wg sync.WaitGroup
	for i, l := range lines {
		wg.Go(func() {
			if err := l.run(ctx); err != nil {
				errs[i] = fmt.Errorf("line with %s: %w", l.peer.Party, err)
				cancel()
			}
		})
	}
	<-ctx.Done()
	wg.Wait()
	return errors.Join(errs...)
}
