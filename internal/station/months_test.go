package station_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"parley"
	"parley/audit"
	"parley/internal/rostertest"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

var (
	seed = flag.Uint64("seed", 1, "the first seed of the bad days")
	days = flag.Int("days", 2, "how many bad days to live through, each of its own seed")
)

// TestBadDays lives through days of cuts, loss, repetition, overtaking, altered
// bytes, and crashes after commits, on a clock that runs as fast as the machine
// allows. At the end of each day the routes are mended; then each side must
// hold what the other released, once, in order, and know that it does.
func TestBadDays(t *testing.T) {
	for i := range *days {
		s := *seed + uint64(i)
		t.Run(fmt.Sprintf("seed=%d", s), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { newDay(t, s).live() })
		})
	}
}

// day is one bad day.
type day struct {
	t     *testing.T
	rng   *rand.Rand
	w     *stationtest.World
	sides []*bad
	hired int
}

// bad is a side that crashes now and then.
type bad struct {
	*stationtest.Side
	name    string
	said    []string
	last    uint64
	crash   *rand.Rand
	odds    float64
	crashed chan struct{}
}

func newDay(t *testing.T, seed uint64) *day {
	d := &day{t: t, rng: rand.New(rand.NewPCG(seed, 1))}
	names := []string{"one", "two", "three"}
	var channels []roster.Channel
	for _, n := range names {
		channels = append(channels, roster.Channel{Name: n, Kind: roster.Pipe, Narrow: n == "three"})
	}
	d.w = stationtest.New(t, names, rostertest.Channels(channels...), rostertest.CheckEvery(10*time.Minute))
	for i, s := range []*stationtest.Side{d.w.North, d.w.South} {
		b := &bad{Side: s, name: []string{"north", "south"}[i], crash: rand.New(rand.NewPCG(seed, uint64(i+2))), odds: 0.02, crashed: make(chan struct{}, 1)}
		s.Started = func(l *station.Line) { l.CrashWhen(func() bool { return b.crash.Float64() < b.odds }) }
		s.Ended = func(error) { b.crashed <- struct{}{} }
		d.sides = append(d.sides, b)
	}
	return d
}

func (d *day) live() {
	for range 96 { // quarters of an hour
		d.weather()
		for range d.rng.IntN(6) {
			b := d.sides[d.rng.IntN(2)]
			d.say(b)
		}
		d.pass(time.Duration(1+d.rng.IntN(15)) * time.Minute)
	}
	d.mend()
	for _, b := range d.sides {
		if b.last > 0 {
			b.Proved(b.last)
		}
	}
	d.audit()
	for i, b := range d.sides {
		if got := d.sides[1-i].Held(); !slices.Equal(got, b.said) {
			d.t.Errorf("%s released %d messages, and the other side holds %d:\n%q\n%q", b.name, len(b.said), len(got), b.said, got)
		}
	}
}

// say releases a message, or finds that the station crashed over it.
func (d *day) say(b *bad) {
	p := parley.Precedence(d.rng.IntN(4) + 1)
	c := b.Content(p, fmt.Sprintf("%s %d", b.name, len(b.said)))
	if d.rng.IntN(5) == 0 {
		c = d.change(b)
	}
	body := c.Body
	ref, err := b.Line.Release(context.Background(), b.Released(c))
	switch {
	case err == nil:
		b.said = append(b.said, body)
		b.last = ref.Number
	case errors.Is(err, station.ErrStopped):
		d.restart(b)
		// Whether it was released is what the journal says: the one who
		// released it looks, and so do we.
		own, err := b.Line.Messages(station.Filter{Mine: true, Newest: true, Limit: 1})
		if err != nil {
			d.t.Fatal(err)
		}
		if len(own) == 1 && own[0].Content.Body == body {
			b.said = append(b.said, body)
			b.last = own[0].Ref.Number
		}
	default:
		d.t.Fatal(err)
	}
}

// change is an officer who joins, one who leaves, or one in the place of
// another, whose key may be compromised.
func (d *day) change(b *bad) wire.Content {
	ctx := context.Background()
	status, err := b.Line.Status(ctx)
	if errors.Is(err, station.ErrStopped) {
		d.restart(b)
		status, err = b.Line.Status(ctx)
	}
	if err != nil {
		return b.Content(parley.Routine, "crashed again") // the release will say so
	}
	party := map[string]*rostertest.Party{"north": d.w.Line.North, "south": d.w.Line.South}[b.name]
	h := b.Line.History()
	now, _ := h.Now(party.Party)
	var c roster.Change
	if old := now.Officers[d.rng.IntN(len(now.Officers))]; d.rng.IntN(3) > 0 && len(now.Officers) > 3 || len(now.Officers) > 8 {
		c.Leave = []roster.Leave{{Key: old.KeyID(), Name: old.Name}}
		if d.rng.IntN(3) == 0 {
			since := 1 + uint64(d.rng.IntN(int(status.Ours.Size+1)))
			c.Thefts = []roster.Compromise{{Role: roster.RoleOfficer, Key: old.KeyID(), Since: since, Name: old.Name}}
		}
	}
	d.hired++
	c.Join = []roster.Officer{party.Hire(d.t, fmt.Sprintf("%s %04d", b.name, d.hired), now.Desks...)}
	for _, role := range []roster.Role{roster.RoleHop, roster.RoleReceipt, roster.RoleRoot, roster.RoleStation} {
		if d.rng.IntN(3) > 0 {
			continue
		}
		d.hired++
		c.Keys = append(c.Keys, roster.NewKey{Role: role, Key: party.Hire(d.t, fmt.Sprintf("no officer %04d", d.hired)).Key})
		if d.rng.IntN(2) == 0 {
			c.Thefts = append(c.Thefts, roster.Compromise{Role: role, Key: roster.KeyID(role, now.Key(role)), Since: status.Ours.Size + 1})
		}
	}
	full, err := h.Draft(party.Party, status.Ours.Size, c)
	if err != nil {
		d.t.Fatal(err)
	}
	content := b.Content(parley.Routine, string(full.Text()))
	content.Kind = parley.Change
	return content
}

// audit holds both exports against the roster that the line began with.
func (d *day) audit() {
	for _, b := range d.sides {
		text, err := b.Line.Export()
		if err != nil {
			d.t.Fatal(err)
		}
		f, err := transcript.ParseFile(text)
		if err != nil {
			d.t.Fatal(err)
		}
		report := audit.Audit(f, d.w.Line.Roster)
		if report.Wrong != nil {
			d.t.Errorf("the export of %s: %v", b.name, report.Wrong)
		}
		for i, log := range report.Logs {
			if len(log.Refused) > 0 || len(log.Believed) != len(d.sides[i].said) {
				d.t.Errorf("the export of %s: of %s %d messages are proved and %d refused, and it released %d", b.name, log.Party, len(log.Believed), len(log.Refused), len(d.sides[i].said))
			}
			if got := b.Line.History().Keys(log.Party); !reflect.DeepEqual(got, log.Keys) {
				d.t.Errorf("%s and the auditor differ about the keys of %s:\n%v\n%v", b.name, log.Party, got, log.Keys)
			}
		}
	}
}

func (d *day) restart(b *bad) {
	if err := b.Crashed(); err != nil && !errors.Is(err, station.ErrCrashed) {
		d.t.Fatalf("%s: %v", b.name, err)
	}
	select {
	case <-b.crashed:
	default:
	}
	b.Start()
}

// pass lets time pass, and starts again what crashed meanwhile.
func (d *day) pass(long time.Duration) {
	timer := time.NewTimer(long)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return
		case <-d.sides[0].crashed:
			d.restart(d.sides[0])
		case <-d.sides[1].crashed:
			d.restart(d.sides[1])
		}
	}
}

// weather changes what each channel does to frames.
func (d *day) weather() {
	for _, name := range []string{"one", "two", "three"} {
		if d.rng.IntN(3) == 0 {
			d.w.Cut(name)
		} else {
			d.w.Restore(name)
		}
		d.w.SetWeather(name, stationtest.Weather{
			Loss: d.rng.Float64() * 0.5, Twice: d.rng.Float64() * 0.3, Altered: d.rng.Float64() * 0.1,
			Delay: time.Duration(d.rng.IntN(4000)) * time.Millisecond,
		})
	}
}

// mend makes everything good, and lets both stations run.
func (d *day) mend() {
	for _, b := range d.sides {
		b.odds = 0
		d.restart(b)
	}
	d.w.Restore()
	for _, name := range []string{"one", "two", "three"} {
		d.w.SetWeather(name, stationtest.Weather{})
	}
}
