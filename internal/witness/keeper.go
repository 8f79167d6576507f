package witness

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"parley"
	"parley/transcript"
)

// Log is this party's own log on a line.
type Log interface {
	// OwnCheckpoint returns the note of the newest checkpoint that the log key signed;
	// nil if there is none.
	OwnCheckpoint() ([]byte, error)

	// OwnConsistency proves that the log of size to begins with that of size from.
	OwnConsistency(from, to uint64) ([]parley.Hash, error)

	// KeepWitnessed makes durable that a witness cosigned the checkpoint in note.
	KeepWitnessed(ctx context.Context, by transcript.WitnessKey, note []byte, c transcript.Cosignature) error
}

// Bounds of Config.Every.
const (
	DefaultEvery = time.Hour
	LeastEvery   = time.Second
	MostEvery    = 24 * time.Hour
)

// again is how long a checkpoint that was cosigned is not shown again, where no other
// followed: to know that the witness still answers, and still holds the same.
const again = 24 * time.Hour

// Config is one witness of one log.
type Config struct {
	Key   transcript.WitnessKey
	URL   string        // as ParseURL returns it
	Every time.Duration // LeastEvery to MostEvery: at most one request in this time, but for those that follow a 409
	Log   Log
	Now   func() time.Time

	// Known is the newest that this witness cosigned, as far as is durable; zero: none.
	Known Cosigned

	// Tell, if set, is told in a sentence when something goes wrong, and when it is
	// right again. It is called from the goroutine of Run.
	Tell func(string)
}

// Cosigned is a checkpoint that a witness cosigned.
type Cosigned struct {
	Log  parley.LogID // in the origin of the checkpoint
	Size uint64
	At   parley.Time // by the clock of the witness
}

// State is how a witness stands, for people.
type State struct {
	Name, URL string
	Every     time.Duration

	Cosigned Cosigned    // the newest; zero: none
	Answered parley.Time // when it last gave a good cosignature to this run of the station; 0: it has not

	// Wrong is what is wrong, in words, and Do what to do; "": nothing is. Since is
	// when it was first so.
	Wrong, Do string
	Since     parley.Time
	// Other is set where the witness says that it holds another history of the log,
	// or more of it than was signed here.
	Other bool
}

// Keeper asks one witness about one log.
type Keeper struct {
	cfg    Config
	client *client
	failed int   // in a row
	kind   error // of the last failure: one of those of this package, or another; nil: there was none

	mu    sync.Mutex // guards state
	state State
}

// NewKeeper returns a keeper that asks nothing before Run.
func NewKeeper(c Config) *Keeper {
	return &Keeper{
		cfg: c, client: newClient(c.URL, c.Key),
		state: State{Name: c.Key.Name(), URL: c.URL, Every: c.Every, Cosigned: c.Known},
	}
}

// State returns how the witness stands now.
func (k *Keeper) State() State {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.state
}

// Run asks the witness, at once and then at its rhythm, until ctx ends.
func (k *Keeper) Run(ctx context.Context) {
	defer k.client.http.CloseIdleConnections()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		err := k.ask(ctx)
		if ctx.Err() != nil {
			return
		}
		k.note(err)
		timer.Reset(k.rest())
	}
}

// The rest after the first failure, and the most; a rhythm that is shorter or longer
// stands in their place.
const (
	restFirst = time.Minute
	restMost  = time.Hour
)

// rest is how long the witness is left alone.
func (k *Keeper) rest() time.Duration {
	if k.failed == 0 {
		return k.cfg.Every
	}
	most := max(k.cfg.Every, restMost)
	rest := min(k.cfg.Every, restFirst)
	for range k.failed - 1 {
		if rest *= 2; rest >= most {
			return most
		}
	}
	return rest
}

// ask asks for a cosignature of the newest checkpoint, if the witness has not given it.
func (k *Keeper) ask(ctx context.Context) error {
	note, err := k.cfg.Log.OwnCheckpoint()
	if err != nil || note == nil {
		return err
	}
	checkpoint, err := transcript.ReadCheckpoint(note)
	if err != nil {
		return err
	}
	state := k.State()
	old := uint64(0)
	if state.Cosigned.Log == checkpoint.Log {
		old = state.Cosigned.Size
	}
	now := parley.TimeOf(k.cfg.Now())
	if old == checkpoint.Size && state.Wrong == "" && state.Answered != 0 && now < state.Answered+parley.Time(again.Milliseconds()) {
		return nil
	}
	c, err := k.cosignature(ctx, old, checkpoint, note)
	if err != nil {
		return err
	}
	if err := k.cfg.Log.KeepWitnessed(ctx, k.cfg.Key, note, c); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.state.Cosigned, k.state.Answered = Cosigned{checkpoint.Log, checkpoint.Size, c.At()}, now
	return nil
}

// corrections is how often a witness may say that it holds another size.
const corrections = 2

// cosignature asks for one, from the size old, or from the one that the witness names.
func (k *Keeper) cosignature(ctx context.Context, old uint64, of transcript.Checkpoint, note []byte) (c transcript.Cosignature, err error) {
	for range 1 + corrections {
		if old > of.Size {
			return c, fmt.Errorf("%w: %d entries, and %d were signed here", ErrAhead, old, of.Size)
		}
		var proof []parley.Hash
		if old > 0 && old < of.Size {
			if proof, err = k.cfg.Log.OwnConsistency(old, of.Size); err != nil {
				return c, err
			}
		}
		c, err = k.client.add(ctx, old, proof, of, note)
		var holds conflict
		switch {
		case !errors.As(err, &holds):
			return c, err
		case holds.size == old:
			return c, fmt.Errorf("%w, of %d entries", ErrHistory, old)
		}
		old = holds.size
	}
	return c, fmt.Errorf("%w: it names another size each time", ErrAnswer)
}

// note notes how the last request ended.
func (k *Keeper) note(err error) {
	k.mu.Lock()
	kind := kindOf(err)
	s, changed := &k.state, kind != k.kind
	k.kind = kind
	s.Wrong, s.Do, s.Other = "", "", kind == ErrHistory || kind == ErrAhead
	if err == nil {
		k.failed, s.Since = 0, 0
	} else {
		k.failed++
		s.Wrong, s.Do = plainly(err).Error(), todo(kind)
		if changed {
			s.Since = parley.TimeOf(k.cfg.Now())
		}
	}
	after := *s
	k.mu.Unlock()
	switch {
	case k.cfg.Tell == nil || !changed:
	case err == nil:
		k.cfg.Tell(fmt.Sprintf("witness %s answers again", after.Name))
	default:
		k.cfg.Tell(fmt.Sprintf("witness %s: %s. What to do: %s", after.Name, after.Wrong, after.Do))
	}
}

var errOther = errors.New("another error")

// kindOf returns which error of this package err is; errOther for none, nil for nil.
func kindOf(err error) error {
	for _, kind := range []error{nil, ErrUnknown, ErrHistory, ErrAhead, ErrAnswer} {
		if errors.Is(err, kind) {
			return kind
		}
	}
	return errOther
}

// todo says what a person can do about a kind of error.
func todo(kind error) string {
	switch kind {
	case ErrUnknown:
		return "give its operator the line that parley witness shows for this log"
	case ErrHistory, ErrAhead:
		return "find out whether another station runs with these keys, or this one was restored from an old copy; else ask the operator of the witness what it holds. The line goes on"
	case ErrAnswer:
		return "compare the key and the address in parley.toml with what its operator says"
	}
	return "nothing, if it comes back by itself: it is asked again, and the line does not wait for it"
}
