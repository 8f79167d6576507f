package station

import (
	"context"
	"runtime"
	"time"
)

// ErrCrashed is what a line ends with when CrashWhen's function said so.
var ErrCrashed = errCrashed

// CrashWhen lets f decide, after every commit of the line, whether to crash
// before anything follows from it. It must be called before Run.
func (l *Line) CrashWhen(f func() bool) { l.crashes = f }

// Pause holds the line between two turns until resume is called.
func (l *Line) Pause() (resume func()) {
	paused, on := make(chan struct{}), make(chan struct{})
	go func() { _ = l.do(context.Background(), func() { close(paused); <-on }) }()
	<-paused
	return func() { close(on) }
}

// Fill fills the lane of a paused line for what its own people say.
func (l *Line) Fill() {
	for len(l.inbox.own) < cap(l.inbox.own) {
		_ = l.put(context.Background(), askInput{ask: func() {}, done: make(chan error, 1), claim: new(claim)})
	}
}

// Asked returns the nonce of the newest line check on a channel that is not
// answered yet, zero if there is none.
func (l *Line) Asked(channel string) (nonce [8]byte) {
	_ = l.do(context.Background(), func() {
		if all := l.checks[channel].asked; len(all) > 0 {
			nonce = all[len(all)-1].nonce
		}
	})
	return nonce
}

// AwaitInputs waits, a minute at most, until a paused line has n inputs for
// its next turn.
func (l *Line) AwaitInputs(n int) {
	for begun := time.Now(); l.inbox.waiting() < n && time.Since(begun) < time.Minute; {
		runtime.Gosched()
	}
}
