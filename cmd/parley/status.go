package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"parley/internal/api"
	"parley/internal/home"
	"parley/internal/plain"
	"parley/roster"
)

func (m *Main) status() *cobra.Command {
	var line string
	var wait time.Duration
	c := &cobra.Command{
		Use:   "status",
		Short: "Show how each line stands and who must act",
		Long: `Shows for every line what is proved, which channels carry, and who must do what.
A channel is proved by a line check that came back over it. One on which none ever
did is UNPROVEN, whatever it looks like; so is one that is SILENT: it seems to be
up, and its newest line checks have had no answer. Silence is shown as silence: it says which
channel was last heard, not why.`,
		Example: examples("parley status", "parley status --line south --json", "parley status --wait 30s"),
		Args:    takes(0, 0),
	}
	c.Flags().StringVar(&line, "line", "", "this line only")
	c.Flags().DurationVar(&wait, "wait", 0, "wait up to this long for a station that is starting")
	asJSON := jsonFlag(c)
	return m.inHome(c, func(ctx context.Context, h *home.Home, _ []string) error {
		if err := answering(ctx, api.NewClient(h.Socket()), wait); err != nil {
			return err
		}
		lines, err := h.AllLines()
		if err != nil {
			return err
		}
		all := []api.Status{}
		for _, l := range lines {
			if line != "" && l.Name != line && l.Name != home.DeniableName(line) {
				continue
			}
			if !l.Deniable && l.Roster != nil && l.Roster.Terms.Evidence == roster.Deniable && l.Step == home.Confirmed {
				continue // the deniable one stands in its place
			}
			if l.Step != home.Confirmed {
				if !*asJSON {
					m.say("Line with %s: %s. Next: %s", l.Name, l.Step, next(l))
					m.say("")
				}
				continue
			}
			st, err := m.statusOf(ctx, l.Name, *asJSON)
			if err != nil {
				return err
			}
			all = append(all, st)
		}
		if line != "" && len(all) == 0 {
			return fmt.Errorf("%s: %w", line, home.ErrNoLine)
		}
		if *asJSON {
			return m.json(all)
		}
		return m.lastBackup(h)
	})
}

// retryEvery is how often a station that is starting is tried.
const retryEvery = 50 * time.Millisecond

// answering returns once the station answers; one that is starting has until
// wait is over.
func answering(ctx context.Context, c *api.Client, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, max(wait, time.Minute))
	defer cancel()
	end := time.Now().Add(wait)
	for {
		_, err := c.Lines(ctx)
		if !errors.Is(err, api.ErrNotRunning) || !time.Now().Before(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(retryEvery):
		}
	}
}

// generation says in which generation a log is written, if not in the first.
func generation(l api.Log) string {
	text := ""
	if l.Generation > 1 {
		text = fmt.Sprintf("; in generation %d of the log", l.Generation)
	}
	if l.Restoring {
		text += "; RESTORED FROM A BACKUP: nothing is signed yet"
	}
	return text
}

// statusOf prints the state of one line, unless it is for a program.
func (m *Main) statusOf(ctx context.Context, name string, asJSON bool) (api.Status, error) {
	s, err := m.speak(lineChoice{name: name})
	if err != nil {
		return api.Status{}, err
	}
	st, err := s.Status(ctx, name)
	if err != nil || asJSON {
		return st, err
	}
	all, cut, err := s.recent(ctx)
	if err != nil {
		return st, err
	}
	drafts, err := s.Drafts(ctx, name)
	if err != nil {
		return st, err
	}
	m.say("Line of %s with %s, at %s", s.home.Party(), name, m.moment(st.At))
	m.say("")
	text := count(st.Ours.Size, "message", "messages")
	if st.Ours.Size > 0 {
		text += fmt.Sprintf(", %s proved to be held by %s", allOf(st.Ours.Cosigned, st.Ours.Size), name)
	}
	m.say("  %-8s %s", string(s.home.Party()), text+generation(st.Ours))
	text = count(st.Theirs.Size, "message", "messages")
	if st.Theirs.Ahead > 0 {
		text += fmt.Sprintf(", and %d AHEAD OF A GAP", st.Theirs.Ahead)
	}
	m.say("  %-8s %s", name, text+generation(st.Theirs))
	m.say("  %-8s %s", "ML-DSA", m.quantum(st, string(s.home.Party()), name))
	if st.Refused > 0 {
		m.say("  %s refused since the station was made", count(st.Refused, "frame was", "frames were"))
		for _, r := range st.RefusedBy {
			m.say("    %s on %s, first at %s, last at %s: %s", count(r.Count, "frame", "frames"), r.Channel, clock(r.First), clock(r.Last), r.Reason)
		}
	}
	m.say("  %s", quota(st.Quota, name))
	for _, w := range st.Witnesses {
		m.say("  %s", witnessText(w, st.Ours.Size))
	}
	m.say("")
	m.channels(st)
	m.say("")
	for _, t := range st.Troubles {
		m.say("TROUBLE since %s: %s", clock(t.First), plain.Line(t.What))
		m.say("  What to do: %s.", plain.Line(t.Do))
		m.say("")
	}
	for _, w := range st.Witnesses {
		m.witnessTrouble(w)
	}
	if way := onItsWay(all); len(way) > 0 {
		m.say("On its way, and not proved to be held by %s: %s", name, strings.Join(way, ", "))
	}
	acts := m.acts(s, st, all, drafts)
	if len(acts) == 0 {
		m.say("Nobody must act.")
	} else {
		m.say("Who must act:")
		for _, a := range acts {
			m.say("  %s", a)
		}
	}
	if cut {
		m.say("(Of the newest %d messages; older ones were not looked through.)", openLimit)
	}
	m.say("")
	return st, nil
}

// quota says in a line how much of its quota the other side has used.
func quota(q api.Quota, name string) string {
	var bounds []string
	if q.Messages > 0 {
		bounds = append(bounds, count(uint64(q.Messages), "message", "messages"))
	}
	if q.Bytes > 0 {
		bounds = append(bounds, fmt.Sprintf("%d MiB", q.Bytes>>20))
	}
	if len(bounds) == 0 {
		return name + " has no quota here"
	}
	text := fmt.Sprintf("%s has used %s of its quota here: %s in %s", name, percent(q.Used), strings.Join(bounds, " or "), time.Duration(q.Seconds)*time.Second)
	if q.FlashUsed > 0 {
		text += fmt.Sprintf("; and %s of what is for Flash only", percent(q.FlashUsed))
	}
	return text
}

// percent returns a part of 1 in percent, rounded up: what is not empty is not 0.
func percent(part float64) string { return fmt.Sprintf("%d %%", int(math.Ceil(100*part))) }

func allOf(n, of uint64) string {
	if n == of && of > 0 {
		return "all"
	}
	return fmt.Sprint(n)
}

// channels prints the channels of a line.
func (m *Main) channels(st api.Status) {
	t := table{head: []string{"  channel", "kind", "state", "proved both ways", "p50/p99", "lost", "last heard", "waiting", "trouble"}}
	for _, c := range st.Channels {
		trip, lost := "-", "-"
		if h := c.Health; h.Times > 0 {
			trip = fmt.Sprintf("%d/%d ms", h.P50, h.P99)
		}
		if h := c.Health; h.Probes > 0 {
			lost = fmt.Sprintf("%d of %d", h.Lost, h.Probes)
		}
		trouble := "-"
		if !c.Up {
			trouble = dash(plain.Line(c.Error))
		}
		t.add("  "+c.Name, kindOf(c), stateOf(c), proofOf(c), trip, lost, clockOr(c.Heard, "never"),
			fmt.Sprint(c.Waiting), trouble)
	}
	m.print(t)
}

func kindOf(c api.Channel) string {
	if c.Narrow {
		return c.Class + ", narrow"
	}
	return c.Class
}

// proofOf says when a channel was proved last, unless its line checks have had no answer since.
func proofOf(c api.Channel) string {
	if c.Silent != nil {
		return "UNPROVEN since " + clock(*c.Silent)
	}
	return clockOr(c.Proven, "UNPROVEN")
}

func stateOf(c api.Channel) string {
	switch {
	case !c.Enabled:
		return "DISABLED"
	case c.Up && c.Silent != nil:
		return "SILENT"
	case c.Up:
		return "up"
	}
	return "DOWN"
}

// quantum says how much of both logs is cosigned by ML-DSA-44 as well, and since when.
func (m *Main) quantum(st api.Status, ours, theirs string) string {
	if !st.MLDSA {
		return "not used: no such key of both sides stands in the roster, so that all rests on Ed25519"
	}
	of := func(l api.Log, party string) string {
		switch {
		case l.Size == 0:
			return "nothing of " + party + " to cosign"
		case l.MLDSA == 0:
			return "nothing of " + party + " is cosigned yet"
		}
		return fmt.Sprintf("%s cosigned up to %s, since %s", party, l.MLDSAUpTo, m.moment(*l.MLDSASince))
	}
	return of(st.Ours, ours) + "; " + of(st.Theirs, theirs)
}
