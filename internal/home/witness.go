package home

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"parley"
	"parley/internal/station"
	"parley/internal/witness"
	"parley/transcript"
)

// WitnessConfig is a neutral witness that is asked to cosign what this party said on its
// lines, without seeing it (spec/WITNESS.md §1).
type WitnessConfig struct {
	// Key is the verifier key of the witness, one line of text from its operator.
	Key string `toml:"key"`
	// URL is its submission prefix: https, or http for one on this machine.
	URL string `toml:"url"`
	// Lines are the names of the lines it is asked about. Empty: all.
	Lines []string `toml:"lines,omitempty"`
	// Every is how often it is asked, where something was said: "1s" to "24h".
	// Empty: "1h". The witness sees this rhythm, and not that of the messages.
	Every string `toml:"every,omitempty"`
}

// parsed returns what a keeper needs of the witness. The error wraps ErrConfig.
func (w WitnessConfig) parsed() (c witness.Config, err error) {
	wrong := func(err error) error { return fmt.Errorf("%w: witness %q: %w", ErrConfig, w.Key, err) }
	if c.Key, err = transcript.ParseWitnessKey(w.Key); err != nil {
		return c, wrong(err)
	}
	if c.URL, err = witness.ParseURL(w.URL); err != nil {
		return c, wrong(err)
	}
	if c.Every = witness.DefaultEvery; w.Every != "" {
		if c.Every, err = time.ParseDuration(w.Every); err != nil {
			return c, wrong(err)
		}
	}
	if c.Every < witness.LeastEvery || c.Every > witness.MostEvery {
		return c, wrong(fmt.Errorf("every = %q: write %s to %s", w.Every, witness.LeastEvery, witness.MostEvery))
	}
	for _, l := range w.Lines {
		if _, err := parley.ParseParty(l); err != nil {
			return c, wrong(err)
		}
	}
	return c, nil
}

// of reports whether the witness is asked about a line.
func (w WitnessConfig) of(line string) bool {
	return len(w.Lines) == 0 || slices.Contains(w.Lines, line)
}

// checkWitnesses says whether the witnesses of parley.toml can be asked.
func (c Config) checkWitnesses() error {
	count, keys := map[string]int{}, map[string]bool{}
	all := 0
	for _, w := range c.Witnesses {
		if _, err := w.parsed(); err != nil {
			return err
		}
		if keys[w.Key] {
			return fmt.Errorf("%w: witness %q stands there twice", ErrConfig, w.Key)
		}
		keys[w.Key] = true
		if len(w.Lines) == 0 {
			all++
		}
		for _, l := range w.Lines {
			count[l]++
		}
	}
	most := all
	for _, n := range count {
		most = max(most, all+n)
	}
	if most > transcript.MaxWitnesses {
		return fmt.Errorf("%w: a line has at most %d witnesses", ErrConfig, transcript.MaxWitnesses)
	}
	return nil
}

// witnesses are those that the station asks, by line.
type witnesses map[*station.Line][]*witness.Keeper

// witnesses makes a keeper for each witness of each line. Nothing of a deniable line is
// shown to anybody.
func (h *Home) witnesses(s *station.Station, now func() time.Time, log *logbook) (witnesses, error) {
	all := witnesses{}
	for _, l := range s.Lines() {
		if l.Deniable() {
			continue
		}
		for _, w := range h.config.Witnesses {
			if !w.of(l.Name()) {
				continue
			}
			c, err := w.parsed()
			if err != nil {
				return nil, err
			}
			of, cosignature, ok, err := l.Witnessed(c.Key)
			if err != nil {
				return nil, fmt.Errorf("witness %s: %w", c.Key.Name(), err)
			}
			if ok {
				c.Known = witness.Cosigned{Log: of.Log, Size: of.Size, At: cosignature.At()}
			}
			c.Log, c.Now = l, now
			c.Tell = func(text string) { log.say(now(), l.Name(), text) }
			all[l] = append(all[l], witness.NewKeeper(c))
		}
	}
	return all, nil
}

// start has the witnesses asked until stop is called, which returns when nothing of it
// is under way.
func (w witnesses) start(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	for _, keepers := range w {
		for _, k := range keepers {
			running.Go(func() { k.Run(ctx) })
		}
	}
	return func() {
		cancel()
		running.Wait()
	}
}

// states returns how the witnesses of a line stand.
func (w witnesses) states(l *station.Line) []witness.State {
	var out []witness.State
	for _, k := range w[l] {
		out = append(out, k.State())
	}
	return out
}
