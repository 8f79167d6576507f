package lab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/internal/api"
	"parley/internal/cable"
	"parley/internal/demo"
)

// ErrExpected is wrapped when something that a script expects is not so.
var ErrExpected = errors.New("not as the script expects")

// waitLimit is how long a wait takes at most unless the script says.
const waitLimit = 2 * time.Minute

// refreshEvery is how often a side that was restored is asked for its numbers.
const refreshEvery = 200 * time.Millisecond

// language is what is said in.
const language = "en"

// Run obeys a script. Its error says which line of it failed. What the script
// expects to be held counts from its first line.
func (l *Lab) Run(ctx context.Context, script []Command) error {
	for i, side := range l.Sides {
		theirs, err := side.Messages(ctx, api.List{Theirs: true})
		if err != nil {
			return err
		}
		l.heldBefore[i] = len(theirs)
		if l.before[i], err = l.measure(ctx, i); err != nil {
			return err
		}
	}
	for _, c := range script {
		l.tell("%s", c)
		if err := l.obey(ctx, c); err != nil {
			return fmt.Errorf("line %d: %s: %w", c.Line, c, err)
		}
	}
	return nil
}

func (l *Lab) obey(ctx context.Context, c Command) error {
	i := slices.Index(routes[:], c.Route)
	side := l.Sides[index(c.Party)]
	switch c.Verb {
	case "path":
		for _, p := range parties {
			if c.Party == "" || c.Party == p {
				l.routes[i].SetWeather(way(i, p), c.Weather.Weather)
			}
		}
	case "cut":
		l.routes[i].Cut(true)
	case "mend":
		for k, r := range l.routes {
			if k == i || c.Route == "all" {
				mend(r)
			}
		}
	case "one-way cut":
		l.routes[i].CutWay(way(i, c.Party), true)
	case "flap":
		l.flap(l.routes[i], c.Every, c.Within)
	case "kill":
		return side.Kill()
	case "start":
		if side.Running() {
			return fmt.Errorf("%s runs already", c.Party)
		}
		return side.Start(ctx)
	case "back up":
		return l.backUp(ctx, index(c.Party))
	case "restore":
		return l.restore(ctx, index(c.Party))
	case "clock":
		return l.setClock(index(c.Party), c.Ahead)
	case "hostile":
		return l.treat(index(c.Party), c.Route, c.Manner)
	case "honest":
		return l.treat(index(c.Party), "all", honest)
	case "full disk", "free disk":
		return l.setDisk(index(c.Party), c.Verb == "full disk")
	case "say":
		return l.say(ctx, c)
	case "wait":
		return pause(ctx, c.Within)
	case "wait up", "wait down":
		return l.waitRoute(ctx, c.Route, c.Verb == "wait up", c.Within)
	case "wait proved":
		return l.WaitProved(ctx, c.Within)
	case "wait packed":
		return l.waitPacked(ctx, index(c.Party), c.Within)
	case "wait frames":
		return l.waitFrames(ctx, c)
	case "wait status", "wait calm":
		return l.waitTrouble(ctx, c, c.Verb == "wait status")
	default:
		return l.expect(ctx, c)
	}
	return nil
}

// flap cuts a route and mends it again, every so often and for so long.
func (l *Lab) flap(r route, every, within time.Duration) {
	l.wg.Go(func() {
		defer r.Cut(false)
		end := time.NewTimer(within)
		defer end.Stop()
		tick := time.NewTicker(every)
		defer tick.Stop()
		for r.Cut(true); ; r.Cut(!r.IsCut()) {
			select {
			case <-tick.C:
			case <-end.C:
				return
			case <-l.running.Done():
				return
			}
		}
	})
}

func (l *Lab) setDisk(i int, full bool) error {
	if l.disks[i] == "" {
		return ErrNoDisk
	}
	if full {
		return fill(l.disks[i])
	}
	return free(l.disks[i])
}

// say lets a party say something, which then counts for all that is waited for
// and expected.
func (l *Lab) say(ctx context.Context, c Command) error {
	side := l.Sides[index(c.Party)]
	for range max(1, c.Times) {
		if !side.Running() {
			return fmt.Errorf("the station of %s does not run: start it first", c.Party)
		}
		m, err := side.Release(ctx, demo.Text{Language: language, Body: c.Body}, c.Precedence)
		if err != nil {
			return err
		}
		l.ledger.Said(index(c.Party), m)
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// waitRoute waits until both stations see the channel up, or both see it down.
func (l *Lab) waitRoute(ctx context.Context, route string, up bool, limit time.Duration) error {
	for _, side := range l.Sides {
		what := fmt.Sprintf("%s to see the %s up: %v", side.Party, route, up)
		err := demo.Until(ctx, limit, what, func(ctx context.Context) (bool, error) {
			s, err := side.Client().Status(ctx, side.Line())
			is := slices.ContainsFunc(s.Channels, func(c api.Channel) bool { return c.Name == route && c.Up })
			return err == nil && is == up, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// WaitProved waits until everything said is proved to whoever said it.
func (l *Lab) WaitProved(ctx context.Context, limit time.Duration) error {
	end := time.NewTimer(limit)
	defer end.Stop()
	again := time.NewTicker(refreshEvery)
	defer again.Stop()
	for {
		changed := l.ledger.Changed()
		a, b := l.ledger.Waiting(0), l.ledger.Waiting(1)
		if a+b == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-again.C:
			if err := l.refresh(ctx); err != nil {
				return err
			}
		case <-end.C:
			return fmt.Errorf("%w: waited %s for the proof of %d messages of north and %d of south; %s", ErrExpected, limit, a, b, l.troubles(ctx))
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// troubles says what both stations say is wrong.
func (l *Lab) troubles(ctx context.Context) string {
	var said []string
	for _, side := range l.Sides {
		st, err := side.Client().Status(ctx, side.Line())
		if err != nil {
			said = append(said, fmt.Sprintf("%s does not say how it stands: %v", side.Party, err))
			continue
		}
		for _, t := range st.Troubles {
			said = append(said, fmt.Sprintf("%s: %s %s", side.Party, t.Channel, t.What))
		}
	}
	if len(said) == 0 {
		return "neither station knows of any trouble"
	}
	return strings.Join(said, "; ")
}

// MendAll ends every trouble: routes are whole and in fair weather, disks have
// room, clocks are right, and both stations run and are honest. A station that ended and was not killed is an
// error.
func (l *Lab) MendAll(ctx context.Context) error {
	var all []error
	for i, r := range l.routes {
		mend(r)
		for _, p := range parties {
			r.SetWeather(way(i, p), cable.Weather{})
		}
	}
	for _, d := range l.disks {
		if d != "" {
			all = append(all, free(d))
		}
	}
	for i, side := range l.Sides {
		all = append(all, l.setClock(i, 0), l.treat(i, "all", honest))
		if !side.Running() {
			all = append(all, side.Fell(), side.Start(ctx))
		}
	}
	return errors.Join(all...)
}
