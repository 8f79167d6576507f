package courier

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A batch is bounded so that an urgent frame waits for no more of it than for one large frame. On a carried channel
// nobody waits for the next batch, and large ones make few files.
const (
	fastBatch    = MaxFrame
	carriedBatch = 1 << 20
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

// push is Courier.Send.
func (l *leg) push(urgency int, frame []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := CheckFrame(frame); err != nil {
		l.failed(fmt.Errorf("send: %w", err))
		return false
	}
	if urgency < 0 || urgency >= Urgencies {
		l.failed(fmt.Errorf("send: urgency %d is not 0 to %d", urgency, Urgencies-1))
		return false
	}
	if _, off := l.gate.Up(); off != nil || !l.state.Up || !l.queue.push(urgency, frame) {
		return false
	}
	l.rouse()
	return true
}

func (l *leg) send(ctx context.Context) {
	var batch [][]byte
	pause := firstPause
	for {
		if batch = l.next(ctx, batch[:0]); len(batch) == 0 {
			return
		}
		n, err := l.hand(ctx, batch)
		l.sent(ctx, batch, n, err)
		switch {
		case err == nil, errors.Is(err, ErrFrame):
			pause = firstPause
		case !rest(ctx, &pause):
			return
		}
		clear(batch) // or the frames would be held until the next batch
	}
}

// next waits for the frames that go next; there are none when ctx has ended.
func (l *leg) next(ctx context.Context, batch [][]byte) [][]byte {
	for {
		select {
		case <-ctx.Done():
			return nil
		default:
		}
		l.mu.Lock()
		if l.state.Up {
			batch = l.queue.pop(batch, l.batchFrames(), l.batchBytes())
		}
		l.mu.Unlock()
		if len(batch) > 0 {
			return batch
		}
		select {
		case <-l.wake:
		case <-ctx.Done():
		}
	}
}

func (l *leg) batchFrames() int {
	if _, ok := l.channel.(Batcher); ok {
		return l.queue.maxFrames * Urgencies
	}
	return 1
}

func (l *leg) batchBytes() int {
	if l.state.Class == Carried {
		return carriedBatch
	}
	return fastBatch
}

// hand hands a batch to the channel and returns how many frames of it passed.
func (l *leg) hand(ctx context.Context, batch [][]byte) (int, error) {
	if batcher, ok := l.channel.(Batcher); ok && len(batch) > 1 {
		return batcher.SendBatch(ctx, batch)
	}
	if err := l.channel.Send(ctx, batch[0]); err != nil {
		return 0, err
	}
	return 1, nil
}

func (l *leg) receive(ctx context.Context) {
	pause := firstPause
	for {
		frame, settle, err := l.take(ctx)
		if err == nil {
			if bad := CheckFrame(frame); bad != nil {
				settle()
				err = fmt.Errorf("receive: %w: %w", ErrRefused, bad)
			}
		}
		l.received(ctx, frame, err)
		switch {
		case err == nil:
			pause = firstPause
			l.deliver(Inbound{Channel: l.channel.Name(), Frame: frame, Settle: settle})
		case errors.Is(err, ErrRefused):
			// What comes after it is not its fault.
		case !rest(ctx, &pause):
			return
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// take waits for the next frame.
func (l *leg) take(ctx context.Context) (frame []byte, settle func(), err error) {
	if settler, ok := l.channel.(Settler); ok {
		return settler.ReceiveUnsettled(ctx)
	}
	frame, err = l.channel.Receive(ctx)
	return frame, func() {}, err
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

// sent counts a batch of which n frames passed.
func (l *leg) sent(ctx context.Context, batch [][]byte, n int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, frame := range batch[:n] {
		l.state.Sent.add(frame)
	}
	if n > 0 {
		l.state.LastSent = time.Now()
	}
	l.state.Lost += uint64(len(batch) - n)
	if err != nil && ctx.Err() == nil {
		l.failed(err)
	}
}

// received counts a frame, or what came in its stead.
func (l *leg) received(ctx context.Context, frame []byte, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err == nil:
		l.state.Received.add(frame)
		l.state.LastReceived = time.Now()
	case errors.Is(err, ErrRefused):
		l.state.Refused++
		l.failed(err)
	case ctx.Err() == nil:
		l.failed(err)
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
