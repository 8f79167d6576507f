package courier_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/channel/pipe"
	"parley/internal/courier"
)

// stage is a courier at work in a bubble, with what it told.
type stage struct {
	*courier.Courier
	mu      sync.Mutex
	inbound []courier.Inbound
	changes []string
	stop    func() error // stop ends Run and returns what it returned
}

func start(t *testing.T, cfg courier.Config) *stage {
	s := &stage{}
	if cfg.Deliver == nil {
		cfg.Deliver = func(in courier.Inbound) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.inbound = append(s.inbound, in)
		}
	}
	cfg.Changed = func(state courier.State) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.changes = append(s.changes, fmt.Sprintf("%s up=%v enabled=%v", state.Name, state.Up, state.Enabled))
	}
	s.Courier = courier.New(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	s.stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { _ = s.stop() })
	synctest.Wait()
	return s
}

func (s *stage) texts() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var texts []string
	for _, in := range s.inbound {
		texts = append(texts, string(in.Frame))
	}
	return strings.Join(texts, " ")
}

func (s *stage) told() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	told := strings.Join(s.changes, "; ")
	s.changes = nil
	return told
}

func fast(channels ...courier.Channel) (legs []courier.Leg) {
	for _, channel := range channels {
		legs = append(legs, courier.Leg{Channel: channel, Class: courier.Fast})
	}
	return legs
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v; want %v", what, got, want)
	}
}

func TestCarriesBothWays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pipe.New("one")
		north := start(t, courier.Config{Channels: fast(a)})
		south := start(t, courier.Config{Channels: fast(b)})
		equal(t, "told", north.told(), "one up=true enabled=true")
		for i := range 4 {
			equal(t, "queued", north.Send("one", i, fmt.Appendf(nil, "n%d", i)), true)
			equal(t, "queued", south.Send("one", i, fmt.Appendf(nil, "s%d", i)), true)
		}
		synctest.Wait()
		equal(t, "south has", south.texts(), "n0 n1 n2 n3")
		equal(t, "north has", north.texts(), "s0 s1 s2 s3")
		state := north.States()[0]
		equal(t, "sent", state.Sent, courier.Count{Frames: 4, Bytes: 8})
		equal(t, "received", state.Received, courier.Count{Frames: 4, Bytes: 8})
		equal(t, "last sent", state.LastSent, time.Now())
		equal(t, "last received", state.LastReceived, time.Now())
		equal(t, "last error", state.LastError, "")
		equal(t, "run", north.stop(), nil)
		equal(t, "sent after the end", north.Send("one", 0, []byte("late")), false)
		equal(t, "up after the end", north.States()[0].Up, false)
		if err := a.Send(t.Context(), []byte("late")); !errors.Is(err, courier.ErrDown) {
			t.Errorf("the channel is not closed: %v", err)
		}
	})
}

// slow is a channel whose Send waits for a turn, and which fails as told.
type slow struct {
	name string
	turn chan error
	sent []string
}

func (s *slow) Name() string { return s.name }

func (s *slow) Send(ctx context.Context, frame []byte) error {
	select {
	case err := <-s.turn:
		if err == nil {
			s.sent = append(s.sent, string(frame))
		}
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *slow) Receive(ctx context.Context) ([]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestFlashNeverWaitsBehindRoutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ch := &slow{name: "slow", turn: make(chan error)}
		c := start(t, courier.Config{Channels: fast(ch), QueueFrames: 3})
		c.Send("slow", 3, []byte("first")) // in hand
		synctest.Wait()
		for i := range 4 {
			equal(t, "room for routine", c.Send("slow", 3, fmt.Appendf(nil, "routine%d", i)), i < 3)
		}
		for i := range 4 {
			equal(t, "room for flash", c.Send("slow", 0, fmt.Appendf(nil, "flash%d", i)), i < 3)
		}
		equal(t, "queued", c.States()[0].Queued, 6)
		for range 7 {
			ch.turn <- nil
		}
		synctest.Wait()
		equal(t, "sent", strings.Join(ch.sent, " "), "first flash0 flash1 flash2 routine0 routine1 routine2")
	})
}

func TestQueueBoundsBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ch := &slow{name: "slow", turn: make(chan error)}
		c := start(t, courier.Config{Channels: fast(ch), QueueBytes: 2 * courier.MaxFrame})
		large := make([]byte, courier.MaxFrame)
		c.Send("slow", 1, large) // in hand
		synctest.Wait()
		for i := range 3 {
			equal(t, "room", c.Send("slow", 1, large), i < 2)
		}
		equal(t, "room in another urgency", c.Send("slow", 2, large), true)
	})
}

func TestSlowChannelHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := &slow{name: "stuck", turn: make(chan error)}
		a, b := pipe.New("quick")
		north := start(t, courier.Config{Channels: fast(stuck, a), QueueFrames: 1})
		south := start(t, courier.Config{Channels: fast(b)})
		for range 3 {
			north.Send("stuck", 0, []byte("x"))
		}
		equal(t, "queued", north.Send("quick", 3, []byte("through")), true)
		synctest.Wait()
		equal(t, "south has", south.texts(), "through")
	})
}

// A receiver that does not take one channel's frames holds up that channel only.
func TestDeliverHoldsUpItsChannelOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a1, b1 := pipe.New("one")
		a2, b2 := pipe.New("two")
		release := make(chan struct{})
		var mu sync.Mutex
		var got []string
		north := start(t, courier.Config{Channels: fast(a1, a2)})
		start(t, courier.Config{Channels: fast(b1, b2), Deliver: func(in courier.Inbound) {
			if in.Channel == "one" {
				<-release
			}
			mu.Lock()
			defer mu.Unlock()
			got = append(got, in.Channel)
		}})
		north.Send("one", 0, []byte("x"))
		north.Send("two", 0, []byte("x"))
		synctest.Wait()
		mu.Lock()
		equal(t, "delivered", strings.Join(got, " "), "two")
		mu.Unlock()
		close(release)
		synctest.Wait()
		equal(t, "delivered", strings.Join(got, " "), "two one")
	})
}

func TestCutAndRestore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pipe.New("one")
		north := start(t, courier.Config{Channels: fast(a)})
		south := start(t, courier.Config{Channels: fast(b)})
		north.told()
		time.Sleep(time.Minute)
		a.Cut()
		synctest.Wait()
		equal(t, "told", north.told(), "one up=false enabled=true")
		equal(t, "queued while down", north.Send("one", 0, []byte("lost")), false)
		state := north.States()[0]
		equal(t, "since", state.Since, time.Now())
		if !strings.Contains(state.LastError, "the pipe is cut") {
			t.Errorf("last error %q", state.LastError)
		}
		time.Sleep(time.Hour)
		b.Restore()
		synctest.Wait()
		equal(t, "told", north.told(), "one up=true enabled=true")
		equal(t, "queued", north.Send("one", 0, []byte("again")), true)
		time.Sleep(2 * time.Second) // the longest pause
		synctest.Wait()
		equal(t, "south has", south.texts(), "again")
	})
}

func TestDisable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pipe.New("one")
		north := start(t, courier.Config{Channels: fast(a)})
		south := start(t, courier.Config{Channels: fast(b)})
		north.told()
		if err := north.Disable("one"); err != nil {
			t.Fatal(err)
		}
		equal(t, "queued while disabled", north.Send("one", 0, []byte("no")), false)
		equal(t, "enabled", north.States()[0].Enabled, false)
		synctest.Wait()
		equal(t, "told", north.told(), "one up=true enabled=false")
		south.Send("one", 0, []byte("waits"))
		synctest.Wait()
		equal(t, "north has", north.texts(), "")
		if err := north.Enable("one"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		equal(t, "told", north.told(), "one up=true enabled=true")
		equal(t, "north has", north.texts(), "waits")
		equal(t, "queued", north.Send("one", 0, []byte("yes")), true)
		synctest.Wait()
		equal(t, "south has", south.texts(), "yes")
		if err := north.Disable("none"); err == nil {
			t.Error("an unknown channel was disabled")
		}
	})
}

// Whatever fails first, the next frame goes on.
func TestPoisonFirst(t *testing.T) {
	poison := errors.New("poison")
	for _, err := range []error{
		poison,
		fmt.Errorf("%w: %w", courier.ErrFrame, poison),
		fmt.Errorf("%w: %w", courier.ErrDown, poison),
	} {
		t.Run(err.Error(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ch := &slow{name: "one", turn: make(chan error)}
				c := start(t, courier.Config{Channels: fast(ch)})
				for urgency := range courier.Urgencies {
					c.Send("one", urgency, fmt.Appendf(nil, "poison%d", urgency))
					c.Send("one", urgency, fmt.Appendf(nil, "good%d", urgency))
					ch.turn <- err
					ch.turn <- nil
				}
				synctest.Wait()
				equal(t, "sent", strings.Join(ch.sent, " "), "good0 good1 good2 good3")
				state := c.States()[0]
				equal(t, "lost", state.Lost, 4)
				if !strings.Contains(state.LastError, "poison") {
					t.Errorf("last error %q", state.LastError)
				}
			})
		})
	}
}

// bulk is a slow channel that takes batches, and of each only so many frames.
type bulk struct {
	slow
	takes   int
	batches []string
}

func (b *bulk) SendBatch(ctx context.Context, frames [][]byte) (int, error) {
	if err := <-b.turn; err != nil {
		return 1, err // the second frame's fault
	}
	var texts []string
	for _, frame := range frames {
		texts = append(texts, string(frame[:2]))
	}
	b.batches = append(b.batches, strings.Join(texts, " "))
	if len(frames) > b.takes {
		return b.takes, fmt.Errorf("no more: %w", courier.ErrDown)
	}
	return len(frames), nil
}

// What is queued together goes together, the most urgent first, up to 8 KiB.
func TestBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ch := &bulk{slow: slow{name: "bulk", turn: make(chan error)}, takes: 3}
		c := start(t, courier.Config{Channels: fast(ch)})
		c.Send("bulk", 3, []byte("first")) // in hand
		synctest.Wait()
		half := make([]byte, 4<<10)
		for i, frame := range []string{"r0", "r1" + string(half), "r2"} {
			equal(t, "room", c.Send("bulk", 3, []byte(frame)), true)
			equal(t, "room", c.Send("bulk", 0, fmt.Appendf(nil, "f%d%s", i, half[:i])), true)
		}
		equal(t, "room", c.Send("bulk", 2, append([]byte("p0"), half...)), true)
		for range 3 {
			ch.turn <- nil
			time.Sleep(2 * time.Second) // the longest pause
			synctest.Wait()
		}
		equal(t, "alone", strings.Join(ch.sent, " "), "first")
		equal(t, "together", strings.Join(ch.batches, "; "), "f0 f1 f2 p0 r0; r1 r2")
		state := c.States()[0]
		equal(t, "sent", state.Sent.Frames, 6)
		equal(t, "lost", state.Lost, 2)
		equal(t, "last error", state.LastError, "no more: channel is down")
	})
}

// One frame in a batch that its channel refuses costs itself.
func TestPoisonInBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ch := &bulk{slow: slow{name: "bulk", turn: make(chan error)}, takes: 3}
		c := start(t, courier.Config{Channels: fast(ch)})
		for _, frame := range []string{"first", "r0", "r1", "r2", "r3"} {
			c.Send("bulk", 3, []byte(frame))
			synctest.Wait()
		}
		ch.turn <- nil                                    // first
		ch.turn <- fmt.Errorf("r1: %w", courier.ErrFrame) // r0, but not r1
		ch.turn <- nil                                    // r2 and r3
		synctest.Wait()
		equal(t, "batches", strings.Join(ch.batches, "; "), "r2 r3")
		state := c.States()[0]
		equal(t, "sent", state.Sent.Frames, 4)
		equal(t, "lost", state.Lost, 1)
	})
}

// script is a channel that receives what a test wrote down.
type script struct {
	slow
	frames  chan []byte
	errs    chan error
	settled chan struct{}
	closed  error
}

func (s *script) ReceiveUnsettled(ctx context.Context) ([]byte, func(), error) {
	select {
	case frame := <-s.frames:
		return frame, func() { s.settled <- struct{}{} }, nil
	case err := <-s.errs:
		return nil, nil, err
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
}

func (s *script) Close() error { return s.closed }

func TestReceivesOnAfterErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := errors.New("stuck")
		ch := &script{slow: slow{name: "one"}, frames: make(chan []byte), errs: make(chan error), settled: make(chan struct{}, 9), closed: stuck}
		c := start(t, courier.Config{Channels: fast(ch)})
		ch.errs <- fmt.Errorf("torn: %w", courier.ErrRefused)
		ch.errs <- fmt.Errorf("away: %w", courier.ErrDown)
		ch.errs <- errors.New("unheard of")
		ch.frames <- nil
		ch.frames <- make([]byte, courier.MaxFrame+1)
		ch.frames <- bytes.Repeat([]byte("x"), courier.MaxFrame)
		synctest.Wait()
		state := c.States()[0]
		equal(t, "refused", state.Refused, 3)
		equal(t, "received", state.Received, courier.Count{Frames: 1, Bytes: courier.MaxFrame})
		equal(t, "settled before the receiver did", len(ch.settled), 2) // those refused for their size
		c.inbound[0].Settle()
		equal(t, "settled", len(ch.settled), 3)
		if err := c.stop(); !errors.Is(err, stuck) {
			t.Errorf("run returned %v; want what Close said", err)
		}
	})
}

func TestSendRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _ := pipe.New("one")
		c := start(t, courier.Config{Channels: fast(a)})
		equal(t, "unknown channel", c.Send("two", 0, []byte("x")), false)
		for _, test := range []struct {
			urgency, size int
			tells         string
		}{
			{-1, 1, "urgency -1"},
			{4, 1, "urgency 4"},
			{0, 0, "0 bytes"},
			{0, courier.MaxFrame + 1, "65537 bytes"},
		} {
			equal(t, test.tells, c.Send("one", test.urgency, make([]byte, test.size)), false)
			if got := c.States()[0].LastError; !strings.Contains(got, test.tells) {
				t.Errorf("last error %q; want %q in it", got, test.tells)
			}
		}
		equal(t, "good", c.Send("one", 3, []byte("x")), true)
	})
}

func TestRunRefuses(t *testing.T) {
	a, b := pipe.New("one")
	deliver := func(courier.Inbound) {}
	for name, cfg := range map[string]courier.Config{
		"same name":  {Channels: fast(a, b), Deliver: deliver},
		"Deliver":    {Channels: fast(a)},
		"65535 byte": {Channels: fast(a), Deliver: deliver, QueueBytes: 65535},
	} {
		if err := courier.New(cfg).Run(t.Context()); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := courier.New(courier.Config{Deliver: deliver})
	equal(t, "first run", c.Run(ctx), nil)
	if err := c.Run(ctx); err == nil {
		t.Error("a courier ran twice")
	}
}
