package hop

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	firstBackoff = 50 * time.Millisecond
	lastBackoff  = time.Second
)

// Backoff is the pause before the next attempt: from 50 ms to 1 s, twice as long each time, each with a random part so
// that two ends do not keep meeting. The zero Backoff is ready to use.
//
// It grows no further, whether or not a message waits: what waits is not told to a channel that is down, since the link
// keeps it, and the next message may be a Flash. A second costs a few packets.
type Backoff struct{ next time.Duration }

// Reset is for after a success that lasted: the next pause is the shortest again.
func (b *Backoff) Reset() { b.next = 0 }

// Lasted reports whether a connection that held since began was worth a Reset.
func (b *Backoff) Lasted(began time.Time) bool { return time.Since(began) > lastBackoff }

// Wait waits, at most until ctx ends.
func (b *Backoff) Wait(ctx context.Context) {
	pause := max(b.next, firstBackoff)
	b.next = min(2*pause, lastBackoff)
	timer := time.NewTimer(pause/2 + rand.N(pause/2))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
