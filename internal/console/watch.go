package console

import (
	"context"
	"fmt"
	"slices"
	"time"

	"parley"
	"parley/internal/api"
	"parley/internal/plain"
	"parley/internal/screen"
	"parley/internal/station"
)

// Options are what a view needs.
type Options struct {
	Client *api.Client
	Self   string // the party whose station it is
	Now    func() time.Time
	// Keys are what a person presses; when they end, Watch does.
	Keys <-chan rune
	// Terminal is where the view is shown.
	Terminal *screen.Terminal
}

const (
	// drawEvery is how often ages and the terminal's size are looked at.
	drawEvery = 250 * time.Millisecond
	// askEvery is how often the state is asked for where there is no news.
	askEvery = 5 * time.Second
	// restEvery is the least time between two askings: a burst of news is one.
	restEvery = 200 * time.Millisecond
	// patience is how long a station may take to say how its lines stand.
	patience = 10 * time.Second
)

// answer is what the station said of its lines, or that it said nothing.
type answer struct {
	lines []Line
	err   error
}

// watcher is a view under way. Its console belongs to the goroutine of run.
type watcher struct {
	o       Options
	c       *Console
	wake    chan bool // to ask; true to ask for everything anew
	answers chan answer
	notes   chan string
	seen    map[string]uint64 // by line: the place of the newest message that was entered
}

// Watch shows the station's lines on a terminal until ctx ends, or the person
// presses q or Ctrl-C. A station that stops is waited for.
func Watch(ctx context.Context, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	w := &watcher{o: o, c: &Console{Self: o.Self}, wake: make(chan bool, 1), answers: make(chan answer), notes: make(chan string), seen: map[string]uint64{}}
	heard := make(chan news)
	ended := make(chan struct{}, 2)
	go func() { listen(ctx, o.Client, heard); ended <- struct{}{} }()
	go func() { w.ask(ctx); ended <- struct{}{} }()
	err := w.run(ctx, heard)
	cancel()
	<-ended
	<-ended
	return err
}

// ask asks the station whenever it is woken, and now and then.
func (w *watcher) ask(ctx context.Context) {
	a := newAsker(w.o.Client)
	now, rest := time.NewTicker(askEvery), time.NewTicker(restEvery)
	defer now.Stop()
	defer rest.Stop()
	for anew := true; ; {
		asking, cancel := context.WithTimeout(ctx, patience)
		lines, err := a.all(asking, anew)
		cancel()
		select {
		case w.answers <- answer{lines, err}:
		case <-ctx.Done():
			return
		}
		select {
		case <-rest.C:
		case <-ctx.Done():
			return
		}
		select {
		case anew = <-w.wake:
		case <-now.C:
			anew = err != nil
		case <-ctx.Done():
			return
		}
	}
}

// stir wakes the asker.
func (w *watcher) stir(anew bool) {
	select {
	case w.wake <- anew:
	case already := <-w.wake:
		w.wake <- anew || already // there is room: this goroutine alone fills it
	}
}

// run is the view.
func (w *watcher) run(ctx context.Context, heard <-chan news) error {
	draw := time.NewTicker(drawEvery)
	defer draw.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case key, ok := <-w.o.Keys:
			if !ok || !w.press(ctx, key) {
				return nil
			}
		case n := <-heard:
			if err := w.hear(n); err != nil {
				return err
			}
		case a := <-w.answers:
			if err := w.enter(a); err != nil {
				return err
			}
		case w.c.Note = <-w.notes:
		case <-draw.C:
		}
		now := w.o.Now()
		if err := w.o.Terminal.Show(func(width, height int, colour bool) []string { return w.c.Frame(now, width, height, colour) }); err != nil {
			return err
		}
	}
}

// press does what a key says; false is the end.
func (w *watcher) press(ctx context.Context, key rune) bool {
	switch w.c.Press(key, w.o.Now()) {
	case Quit:
		return false
	case Redraw:
		w.o.Terminal.Forget()
	case Check:
		line := w.c.Current()
		w.c.Note = "asking for a line check on every channel of " + line + "; PROVED says which answered"
		// It ends with ctx at the latest; the note that nobody reads is lost.
		go func() {
			if err := w.o.Client.Check(ctx, line); err != nil {
				select {
				case w.notes <- "no line check was asked for: " + plain.Line(err.Error()):
				case <-ctx.Done():
				}
			}
		}()
	}
	return true
}

// hear takes in a piece of news.
func (w *watcher) hear(n news) error {
	switch {
	case n.connected:
		w.c.Gone = time.Time{}
		w.stir(true)
		return nil
	case n.gone != nil:
		w.lost()
		return nil
	}
	w.stir(n.event.Missed > 0)
	if n.event.Missed > 0 {
		w.c.Alarm(Alarm{At: n.event.At, Line: n.event.Line, Text: fmt.Sprintf("%d pieces of news came faster than they were read; an alarm may be among them: see the log of parley serve", n.event.Missed)})
	}
	if n.event.Kind == station.EventAlarm.String() {
		w.c.Alarm(Alarm{At: n.event.At, Line: n.event.Line, Text: n.event.Text})
		return w.o.Terminal.Ring()
	}
	return nil
}

// lost notes since when the station does not answer.
func (w *watcher) lost() {
	if w.c.Gone.IsZero() {
		w.c.Gone = w.o.Now()
	}
}

// enter takes in how the lines stand. A Flash that came since, and is no exercise,
// rings.
func (w *watcher) enter(a answer) error {
	if a.err != nil {
		w.lost()
		return nil
	}
	w.c.Gone = time.Time{}
	w.c.Lines = slices.DeleteFunc(w.c.Lines, func(l Line) bool {
		return !slices.ContainsFunc(a.lines, func(b Line) bool { return b.Name == l.Name })
	})
	ring := false
	for _, l := range a.lines {
		w.c.Set(l)
		before, known := w.seen[l.Name]
		newest := before
		for _, v := range l.Messages {
			ring = ring || known && v.Seq > before && !v.Mine && v.Was == "" && v.Precedence == parley.Flash.String() && !exercise(v)
			newest = max(newest, v.Seq)
		}
		w.seen[l.Name] = newest
	}
	if ring {
		return w.o.Terminal.Ring()
	}
	return nil
}
