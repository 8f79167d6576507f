package station

import (
	"context"
	"fmt"
	"sync/atomic"
)

// claim is who has an input that someone waits for: the line, which then
// answers it, or the one who waits, who gave up before the line looked at it.
// Whoever claims it first has it.
type claim struct{ taken atomic.Bool }

func (c *claim) take() bool { return c.taken.CompareAndSwap(false, true) }

// put hands one input to the line; it waits while its lane is full, which holds
// back the channel it came from and no other. An error says that the line never
// had it: ErrStopped, or what ended ctx.
func (l *Line) put(ctx context.Context, in input) error {
	lane, count := l.inbox.of(in)
	if count != nil {
		count.Add(1) // before it can be taken
	}
	err := ErrStopped
	select {
	case lane <- in:
		l.inbox.ring()
		return nil
	case <-ctx.Done():
		err = fmt.Errorf("the line is busy and nothing was done: %w", ctx.Err())
	case <-l.done:
	}
	if count != nil {
		count.Add(-1)
	}
	return err
}

// do runs f in the line's goroutine, between turns. An error says that f was
// not run: a caller that gives up in time takes the question back.
func (l *Line) do(ctx context.Context, f func()) error {
	in := askInput{ask: f, done: make(chan error, 1), claim: new(claim)}
	if err := l.put(ctx, in); err != nil {
		return err
	}
	select {
	case err := <-in.done:
		return err
	case <-l.done:
	case <-ctx.Done():
		if in.claim.take() {
			return fmt.Errorf("the line is busy and nothing was done: %w", ctx.Err())
		}
		select { // it is being done
		case err := <-in.done:
			return err
		case <-l.done:
		}
	}
	select {
	case err := <-in.done:
		return err
	default:
		return ErrStopped // it was not looked at any more
	}
}
