package courier

import (
	"context"
	"errors"
	"sync"
	"time"
)

// After a failure that is not the frame's own fault, a channel is left alone for a while, longer each time.
const (
	firstPause = 50 * time.Millisecond
	lastPause  = time.Second
)

// errStopped is why a channel is down when the courier does not run.
var errStopped = errors.New("the courier has stopped")

// leg is one channel at work: its queue, its state, and while it is enabled two goroutines, one sending, one receiving.
type leg struct {
	channel Channel
	deliver func(Inbound)
	changed func(State)
	gate    Condition     // down while the leg is disabled
	wake    chan struct{} // holds a token when the sender should look again

	mu    sync.Mutex
	queue queue
	state State
}

func newLeg(given Leg, cfg Config) *leg {
	return &leg{
		channel: given.Channel,
		deliver: cfg.Deliver,
		changed: cfg.Changed,
		wake:    make(chan struct{}, 1),
		queue:   queue{maxFrames: cfg.QueueFrames, maxBytes: cfg.QueueBytes},
		state:   State{Name: given.Channel.Name(), Class: given.Class, Enabled: true, Since: time.Now()},
	}
}

// run keeps the leg until ctx ends: it watches the channel and the gate, and starts and stops the pair.
func (l *leg) run(ctx context.Context) {
	stop := func() {} // ends the pair, when it runs
	running := false
	told := false
	for {
		gateMoved, off := l.gate.Up()
		channelMoved, down := l.up()
		if off != nil && running {
			stop()
			running = false
		}
		if state, news := l.look(off == nil, down); (news || !told) && l.changed != nil {
			l.changed(state)
		}
		told = true
		if off == nil && !running {
			stop = l.start(ctx)
			running = true
		}
		select {
		case <-gateMoved:
		case <-channelMoved:
		case <-ctx.Done():
			stop()
			l.look(off == nil, errStopped)
			return
		}
	}
}

// up asks the channel whether it is up; one that cannot tell is, and never changes.
func (l *leg) up() (changed <-chan struct{}, down error) {
	if upper, ok := l.channel.(Upper); ok {
		return upper.Up()
	}
	return nil, nil
}

// look takes what was seen into the state and reports whether that is news.
func (l *leg) look(enabled bool, down error) (State, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	news := l.state.Up != (down == nil) || l.state.Enabled != enabled
	if news {
		l.state.Up, l.state.Enabled, l.state.Since = down == nil, enabled, time.Now()
	}
	if down != nil && down != errStopped {
		l.failed(down)
	}
	l.rouse()
	return l.current(), news
}

// start runs the pair and returns what ends it and waits for that.
func (l *leg) start(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var pair sync.WaitGroup
	pair.Go(func() { l.send(ctx) })
	pair.Go(func() { l.receive(ctx) })
	return func() {
		cancel()
		pair.Wait()
	}
}

// rest waits for pause and doubles it; it returns false when ctx has ended.
func rest(ctx context.Context, pause *time.Duration) bool {
	timer := time.NewTimer(*pause)
	defer timer.Stop()
	*pause = min(2**pause, lastPause)
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// failed records err for the person who must act. The caller holds mu.
func (l *leg) failed(err error) {
	l.state.LastError, l.state.LastErrorAt = err.Error(), time.Now()
}

// rouse makes the sender look again.
func (l *leg) rouse() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// snapshot is the state now.
func (l *leg) snapshot() State {
	l.mu.Lock()
	defer l.mu.Unlock()
	state := l.current()
	_, off := l.gate.Up()
	state.Enabled = off == nil
	return state
}

// current is the state with the queue's. The caller holds mu.
func (l *leg) current() State {
	state := l.state
	state.Queued = l.queue.waiting()
	return state
}
