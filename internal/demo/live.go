package demo

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"time"

	"parley"
)

// LiveOptions are the choices of a live show.
type LiveOptions struct {
	Texts []Text
	// Command returns the command that runs the station of a home folder.
	Command func(home string) *exec.Cmd
	// Keys are what a person presses; see Picture's help. If they end, the show ends.
	Keys <-chan rune
	// Every is the time from one message to the next.
	Every time.Duration
	// Show, if set, is shown the picture some times a second.
	Show func(Picture) error
	// Tell, if set, is told in one line each what happened.
	Tell func(string)
}

// The keys that kill and start north and south.
var killKeys = [2]rune{'k', 'l'}

const (
	frameEvery = 100 * time.Millisecond
	lookEvery  = 250 * time.Millisecond
	// remembered is how many messages are kept for the picture.
	remembered = 64
	// patience is how long a person may leave a station dead in mid-release.
	patience = time.Hour
)

// live is a show under way. All of it but looked belongs to the goroutine of run.
type live struct {
	o      LiveOptions
	scene  *Scene
	ledger *Ledger

	state  [2]State
	busy   [2]bool // a message is being released
	said   int
	kills  int
	flash  bool // the next message is a Flash
	paused bool
	help   bool
	note   string
	rows   []*saying // the oldest first
	failed error

	results chan func() // what goroutines found out, to be done by run
	wg      sync.WaitGroup
	looked  look
}

// saying is a message in the picture.
type saying struct {
	Said
	side int
	told bool
}

// Live shows two stations that talk, and does what the person presses, until
// that is q, the keys end, or ctx ends.
func Live(ctx context.Context, o LiveOptions) (result Result, err error) {
	scene, err := open(ctx, o)
	if errors.Is(err, errQuit) {
		return result, nil
	}
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, scene.Close()) }()
	v := &live{o: o, scene: scene, ledger: NewLedger(), state: [2]State{Running, Running}, results: make(chan func())}
	for _, side := range scene.Sides {
		side.patience = patience
	}
	v.say("both stations run")
	if err := v.run(ctx); err != nil {
		return result, err
	}
	return v.result(ctx)
}

// errQuit is why an opening ends that a person did not wait for.
var errQuit = errors.New("quit")

// open makes the scene and starts both stations, unless a person quits.
func open(ctx context.Context, o LiveOptions) (*Scene, error) {
	const opening = "both parties make their keys and agree on a line: some seconds"
	if o.Tell != nil {
		o.Tell(opening)
	}
	if o.Show != nil {
		if err := o.Show(blank(time.Now(), opening)); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	defer wg.Wait()
	opened := make(chan struct{})
	defer close(opened)
	wg.Go(func() {
		for {
			select {
			case <-opened:
				return
			case key, ok := <-o.Keys:
				if !ok || key == 'q' {
					cancel(errQuit)
					return
				}
			}
		}
	})
	scene, err := NewScene(ctx, languagesOf(o.Texts), o.Command)
	if err != nil {
		return nil, err
	}
	if err := scene.Start(ctx); err != nil {
		return nil, errors.Join(err, scene.Close())
	}
	return scene, nil
}

// run is the show. Goroutines started here are over when it returns.
func (v *live) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer v.wg.Wait()
	defer cancel()
	for i, side := range v.scene.Sides {
		v.wg.Go(func() { side.Watch(ctx, v.ledger, i, v.looked.heard) })
	}
	v.wg.Go(func() { v.looked.run(ctx, v.scene) })
	frame, talk := time.NewTicker(frameEvery), time.NewTicker(v.o.Every)
	defer frame.Stop()
	defer talk.Stop()
	for v.failed == nil {
		select {
		case <-ctx.Done():
			return nil
		case key, ok := <-v.o.Keys:
			if !ok || key == 'q' {
				return nil
			}
			v.press(ctx, key)
		case do := <-v.results:
			do()
		case <-talk.C:
			if !v.paused {
				v.talk(ctx)
			}
		case <-frame.C:
			if err := v.frame(); err != nil {
				return err
			}
		}
	}
	return v.failed
}

// later runs f beside the show; what f returns is done by run afterwards.
func (v *live) later(ctx context.Context, f func() func()) {
	v.wg.Go(func() {
		do := f()
		select {
		case v.results <- do:
		case <-ctx.Done():
		}
	})
}

// press does what a key says.
func (v *live) press(ctx context.Context, key rune) {
	switch key {
	case '1', '2', '3', '4':
		channel := int(key - '1')
		cut := !v.scene.Route(channel).IsCut()
		v.scene.Cut(channel, cut)
		v.say("the %s is %s", channels[channel], map[bool]string{true: "cut", false: "restored"}[cut])
	case killKeys[0]:
		v.strike(ctx, 0)
	case killKeys[1]:
		v.strike(ctx, 1)
	case 'f':
		v.flash = true
		v.talk(ctx)
	case ' ':
		v.paused = !v.paused
		v.say("%s", map[bool]string{true: "nothing more is said for now", false: "the talk goes on"}[v.paused])
	case '?', 'h':
		v.help = !v.help
	}
}

// strike kills a side's station, or starts it if it is dead.
func (v *live) strike(ctx context.Context, i int) {
	side := v.scene.Sides[i]
	switch v.state[i] {
	case Running:
		if err := side.Kill(); err != nil {
			v.failed = err
			return
		}
		v.kills++
		v.state[i] = Killed
		v.say("%s is killed (kill -9)", side.Party)
	case Killed:
		v.state[i] = Starting
		v.say("%s is started again", side.Party)
		v.later(ctx, func() func() {
			err := side.Start(ctx)
			return func() { v.state[i], v.failed = Running, errors.Join(v.failed, err) }
		})
	}
}

// talk lets the side whose turn it is say the next thing, or the other one if
// that side cannot.
func (v *live) talk(ctx context.Context) {
	for _, i := range [2]int{v.said % 2, 1 - v.said%2} {
		if v.state[i] == Running && !v.busy[i] {
			v.speak(ctx, i)
			return
		}
	}
}

func (v *live) speak(ctx context.Context, i int) {
	t, p := v.o.Texts[v.said%len(v.o.Texts)], precedenceOf(v.said)
	if v.flash {
		p, v.flash = parley.Flash, false
	}
	v.said++
	v.busy[i] = true
	v.later(ctx, func() func() {
		m, err := v.scene.Sides[i].Release(ctx, t, p)
		return func() {
			v.busy[i] = false
			if err != nil {
				v.failed = err
				return
			}
			v.ledger.Said(i, m)
			v.rows = append(v.rows, &saying{Said: m, side: i})
			v.rows = v.rows[max(0, len(v.rows)-remembered):]
		}
	})
}

// say tells the person what happened.
func (v *live) say(format string, args ...any) {
	v.note = fmt.Sprintf(format, args...)
	if v.o.Tell != nil {
		v.o.Tell(v.note)
	}
}

// result accounts for the show. What a person cut or killed at its end may still
// wait: that is no failure.
func (v *live) result(ctx context.Context) (r Result, err error) {
	r.Cuts, r.Kills = v.scene.Cuts(), v.kills
	for i, side := range v.scene.Sides {
		r.Sent += v.ledger.Count(i)
		r.Receipted += v.ledger.Count(i) - v.ledger.Waiting(i)
		if v.state[i] != Running || ctx.Err() != nil {
			continue
		}
		if _, report, err := side.Export(ctx, v.scene.Roster); err != nil {
			return r, err
		} else if report.Wrong != nil {
			return r, fmt.Errorf("transcript of %s: %w", side.Party, report.Wrong)
		}
		r.Transcripts++
	}
	return r, nil
}
