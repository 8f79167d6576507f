package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"parley/internal/api"
)

// checkedChannel is what a check found out of one channel.
type checkedChannel struct {
	Channel   string `json:"channel"`
	Answered  bool   `json:"answered"`
	RoundTrip uint64 `json:"round_trip_ms,omitempty"`
	State     string `json:"state"`
}

func (m *Main) check() *cobra.Command {
	var wait time.Duration
	c := &cobra.Command{
		Use:   "check",
		Short: "Ask the other station for an answer over every channel",
		Long: `Sends a signed line check over every channel that is up, waits for the signed
answers, and tells of each channel. It fails if a channel that is up gave no
answer. A channel carried by hand answers when it was carried, and is not
waited for, but for the question to lie in the pouch.`,
		Example: examples("parley check", "parley check --wait 30s"),
		Args:    takes(0, 0),
	}
	c.Flags().DurationVar(&wait, "wait", 10*time.Second, "how long to wait for the answers")
	asJSON := jsonFlag(c)
	return m.onLine(c, func(ctx context.Context, s *speaker, _ []string) error {
		answered, asked, st, err := s.checkAll(ctx, wait)
		if err != nil {
			return err
		}
		out := []checkedChannel{}
		silent, up := 0, 0
		for _, ch := range st.Channels {
			one := checkedChannel{Channel: ch.Name, Answered: answered[ch.Name], State: stateOf(ch)}
			switch {
			case one.Answered:
				one.RoundTrip, one.State = ch.RoundTrip, "up"
				up++
			case awaited(ch):
				one.State = "SILENT"
				silent++
				up++
			case ch.Up && ch.Enabled && asked[ch.Name]:
				one.State = "asked; it answers when it was carried"
			case ch.Up && ch.Enabled:
				one.State = fmt.Sprintf("NOT ASKED: nothing was written within %s; parley status shows why", wait)
			}
			out = append(out, one)
		}
		if *asJSON {
			if err := m.json(out); err != nil {
				return err
			}
		} else {
			t := table{head: []string{"channel", "answered", "round trip", "state"}}
			for _, o := range out {
				yes, trip := "no", "-"
				if o.Answered {
					yes, trip = "yes", (time.Duration(o.RoundTrip) * time.Millisecond).String()
				}
				t.add(o.Channel, yes, trip, o.State)
			}
			m.print(t)
		}
		switch {
		case silent > 0:
			return fmt.Errorf("check: %s gave no answer within %s", count(uint64(silent), "channel that is up", "channels that are up"), wait)
		case up == 0:
			return hinted{fmt.Errorf("check: no channel to %s answers", s.name()), "parley status shows the trouble of each"}
		}
		return nil
	})
}

// awaited reports whether an answer can come over a channel within seconds.
func awaited(c api.Channel) bool { return c.Up && c.Enabled && c.Class == "fast" }

// carriedNow reports whether a question over a channel leaves by a carrier.
func carriedNow(c api.Channel) bool { return c.Up && c.Enabled && c.Class != "fast" }

// checkAll asks over every channel and returns which answered, and to which carriers
// a question was handed.
func (s *speaker) checkAll(ctx context.Context, wait time.Duration) (answered, asked map[string]bool, st api.Status, err error) {
	answered, asked = map[string]bool{}, map[string]bool{}
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	done := fmt.Errorf("all answered")
	pending, sent := map[string]bool{}, map[string]uint64{}
	ask := func() error {
		st, err := s.Status(waiting, s.name())
		if err != nil {
			return err
		}
		for _, c := range st.Channels {
			switch {
			case awaited(c):
				pending[c.Name] = true
			case carriedNow(c):
				sent[c.Name] = c.Sent
			}
		}
		if len(pending)+len(sent) == 0 {
			return done
		}
		if err := s.Check(waiting, s.name()); err != nil || len(pending) > 0 {
			return err
		}
		return done
	}
	err = s.Events(waiting, ask, func(e api.Event) error {
		if e.Kind != "checked" || e.Line != s.name() {
			return nil
		}
		answered[e.Channel] = true
		delete(pending, e.Channel)
		if len(pending) == 0 {
			return done
		}
		return nil
	})
	if err != done && waiting.Err() == nil || ctx.Err() != nil {
		return nil, nil, api.Status{}, err
	}
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		if st, err = s.Status(ctx, s.name()); err != nil {
			return nil, nil, api.Status{}, err
		}
		late := false
		for _, c := range st.Channels {
			if before, ok := sent[c.Name]; ok && carriedNow(c) {
				asked[c.Name] = c.Sent > before
				late = late || !asked[c.Name]
			}
		}
		if !late {
			return answered, asked, st, nil
		}
		select {
		case <-again.C:
		case <-waiting.Done():
			return answered, asked, st, nil
		}
	}
}
