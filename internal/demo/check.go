package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"parley/internal/api"
)

// CheckOptions are the choices of a check.
type CheckOptions struct {
	Texts []Text // what is said, over and over
	Each  int    // messages that each side says
	// Command returns the command that runs the station of a home folder.
	Command func(home string) *exec.Cmd
	Log     io.Writer // told in one line each what is done
	// Keep, if set, is a folder in which the roster and the transcripts are left.
	Keep string
}

// ErrFound is wrapped by the error of a check that went through and found that
// not everything is as it must be.
var ErrFound = errors.New("the check found something wrong")

const (
	// settleLimit is how long a phase may take until everything said is proved.
	settleLimit = 45 * time.Second
	// mendLimit is how long restored channels may take until both sides see them up.
	mendLimit = 30 * time.Second
	// release is about how long a release takes.
	release = 10 * time.Millisecond
	// pace is between two messages of a side.
	pace = 25 * time.Millisecond
)

// checker is a check under way.
type checker struct {
	o      CheckOptions
	scene  *Scene
	ledger *Ledger
	begin  time.Time
	said   [2]int // messages begun
	result Result
}

// Check lets two stations say o.Each messages each while channels are cut and
// stations are killed by Schedule, and accounts for every message. The result
// is valid as far as it got, also with an error.
func Check(ctx context.Context, o CheckOptions) (result Result, err error) {
	scene, err := NewScene(ctx, languagesOf(o.Texts), o.Command)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, scene.Close()) }()
	c := &checker{o: o, scene: scene, ledger: NewLedger(), begin: time.Now()}
	if err = c.run(ctx); c.result.Sent == 0 {
		c.soFar()
	}
	c.result.Cuts = scene.Cuts()
	c.result.Seconds = rounded(time.Since(c.begin).Seconds())
	return c.result, err
}

func (c *checker) run(ctx context.Context) error {
	c.tell("agreed: %s", c.scene.Roster.Words())
	if err := c.scene.Start(ctx); err != nil {
		return err
	}
	if err := c.mended(ctx); err != nil {
		return err
	}
	watching, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	for i, side := range c.scene.Sides {
		wg.Go(func() { side.Watch(watching, c.ledger, i, nil) })
	}
	for _, p := range Schedule(c.o.Each) {
		if err := c.phase(ctx, p); err != nil {
			return fmt.Errorf("%s: %w", p.Title, err)
		}
	}
	if err := c.measure(ctx); err != nil {
		return fmt.Errorf("measure the floor: %w", err)
	}
	return c.account(ctx)
}

// phase runs one phase until everything said so far is proved.
func (c *checker) phase(ctx context.Context, p Phase) error {
	begin := time.Now()
	if !p.Calm() {
		c.ledger.Trouble(begin)
	}
	for _, channel := range p.Cut {
		c.scene.Cut(channel, true)
	}
	if err := c.talk(ctx, p); err != nil {
		return err
	}
	if err := c.settled(ctx); err != nil {
		return err
	}
	if !p.Calm() {
		for _, channel := range p.Cut {
			c.scene.Cut(channel, false)
		}
		if err := c.mended(ctx); err != nil {
			return err
		}
		c.ledger.Calm(time.Now())
	}
	c.tell("%-52s %3d each way, all proved   %4.1f s", p.Title, p.Each, time.Since(begin).Seconds())
	return nil
}

// talk lets both sides say their messages of a phase at the same time.
func (c *checker) talk(ctx context.Context, p Phase) error {
	talking, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for i := range c.scene.Sides {
		wg.Go(func() {
			kill := -1
			if p.Kill != nil && *p.Kill == i {
				kill = p.Each / 2
			}
			if err := c.speak(talking, i, p.Each, kill); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	return context.Cause(talking)
}

// speak lets one side say n messages. When it comes to message kill, its station
// is killed while that message is released.
func (c *checker) speak(ctx context.Context, i, n, kill int) error {
	side := c.scene.Sides[i]
	tick := time.NewTicker(pace)
	defer tick.Stop()
	var killed sync.WaitGroup
	defer killed.Wait()
	var failed error
	for k := range n {
		t := c.o.Texts[(c.said[i]+i*len(c.o.Texts)/2)%len(c.o.Texts)]
		p := precedenceOf(c.said[i])
		c.said[i]++
		if k == kill {
			refused, err := side.refusedFrames(ctx)
			if err != nil {
				return err
			}
			c.result.Refused += refused
			c.result.Kills++
			killed.Go(func() { failed = strike(ctx, side) })
		}
		m, err := side.Release(ctx, t, p)
		if err != nil {
			return err
		}
		c.ledger.Said(i, m)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
	killed.Wait()
	return failed
}

// strike kills a station at some moment of a release, and starts it again.
func strike(ctx context.Context, side *Side) error {
	select {
	case <-time.After(rand.N(release)):
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if err := side.Kill(); err != nil {
		return err
	}
	return side.Start(ctx)
}

// settled waits until everything said is proved.
func (c *checker) settled(ctx context.Context) error {
	limit := time.NewTimer(settleLimit)
	defer limit.Stop()
	for {
		changed := c.ledger.Changed()
		a, b := c.ledger.Waiting(0), c.ledger.Waiting(1)
		if a+b == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-limit.C:
			return fmt.Errorf("waited %s for the proof of %d messages of north and %d of south", settleLimit, a, b)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// mended waits until both stations see all channels up.
func (c *checker) mended(ctx context.Context) error {
	for _, side := range c.scene.Sides {
		err := Until(ctx, mendLimit, fmt.Sprintf("every channel to be up at %s", side.Party), func(ctx context.Context) (bool, error) {
			s, err := side.client.Status(ctx, side.Line())
			return err == nil && allUp(s), nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func allUp(s api.Status) bool {
	for _, c := range s.Channels {
		if !c.Up {
			return false
		}
	}
	return true
}

func (s *Side) refusedFrames(ctx context.Context) (int, error) {
	status, err := s.client.Status(ctx, s.Line())
	return int(status.Refused), err
}

// measure measures the floor while both stations run idle, and compares.
func (c *checker) measure(ctx context.Context) error {
	floor, err := measureFloor(ctx, c.scene.dir, []byte(c.o.Texts[0].Body))
	if err != nil {
		return err
	}
	confirms := c.ledger.Confirms()
	c.result.Measured = len(confirms)
	c.result.Confirm, c.result.Floor = percentiles(confirms), percentiles(floor)
	if c.result.Floor.P50 > 0 {
		c.result.Ratio = rounded(c.result.Confirm.P50 / c.result.Floor.P50)
	}
	return nil
}

// account asks both stations what they hold, and has both transcripts audited.
func (c *checker) account(ctx context.Context) error {
	var wrong []error
	for i, side := range c.scene.Sides {
		other := c.scene.Sides[1-i]
		mine, err := side.Messages(ctx, api.List{Mine: true})
		if err != nil {
			return err
		}
		theirs, err := other.Messages(ctx, api.List{Theirs: true})
		if err != nil {
			return err
		}
		Account(&c.result, c.ledger.All(i), mine, theirs)
		refused, err := side.refusedFrames(ctx)
		if err != nil {
			return err
		}
		c.result.Refused += refused
		if err := c.audit(ctx, side); err != nil {
			wrong = append(wrong, fmt.Errorf("transcript of %s: %w", side.Party, err))
		} else {
			c.result.Transcripts++
		}
	}
	if err := c.keep("roster.txt", c.scene.Roster.Text()); err != nil {
		return err
	}
	if !c.result.Good() {
		wrong = append(wrong, ErrFound)
	}
	return errors.Join(wrong...)
}

// soFar accounts for a check that did not come to its end by what the senders
// know.
func (c *checker) soFar() {
	for i := range c.scene.Sides {
		c.result.Sent += c.ledger.Count(i)
		c.result.Receipted += c.ledger.Count(i) - c.ledger.Waiting(i)
	}
	c.result.Lost = c.result.Sent - c.result.Receipted
}

// audit keeps the transcript of a side and checks that it proves everything
// that was said, by both.
func (c *checker) audit(ctx context.Context, side *Side) error {
	file, report, err := side.Export(ctx, c.scene.Roster)
	if err != nil {
		return err
	}
	if err := c.keep(string(side.Party)+".transcript", file); err != nil {
		return err
	}
	if report.Wrong != nil {
		return report.Wrong
	}
	for i, l := range report.Logs {
		if want := c.ledger.Count(i); len(l.Believed) != want {
			return fmt.Errorf("it proves %d messages of %s, who said %d", len(l.Believed), l.Party, want)
		}
	}
	return nil
}

// keep leaves a file in the folder that the caller named, if any.
func (c *checker) keep(name string, b []byte) error {
	if c.o.Keep == "" {
		return nil
	}
	if err := os.MkdirAll(c.o.Keep, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(c.o.Keep, name), b, 0o600)
}

func (c *checker) tell(format string, args ...any) {
	// The log is for people; the result does not depend on it.
	_, _ = fmt.Fprintf(c.o.Log, format+"\n", args...)
}

// languagesOf returns the languages of all, each once, in order.
func languagesOf(all []Text) (out []string) {
	seen := map[string]bool{}
	for _, t := range all {
		if !seen[t.Language] {
			seen[t.Language] = true
			out = append(out, t.Language)
		}
	}
	return out
}
