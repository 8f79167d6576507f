package link

import (
	"testing"

	"parley"
)

// script drives one link by hand and keeps what the newest step said.
type script struct {
	t   *testing.T
	l   *Link
	now parley.Time
	out []Action
}

func begin(t *testing.T, cfg Config, s Start) *script {
	sc := &script{t: t, l: New(cfg, s), now: 1_000_000}
	sc.step(Wake{})
	return sc
}

func (s *script) step(e Event) *script {
	s.out = s.l.Step(s.now, e)
	return s
}

func (s *script) sends() (sends []Send) {
	for _, a := range s.out {
		if f, ok := a.(Send); ok {
			sends = append(sends, f)
		}
	}
	return sends
}

// opened gives the link its first epoch and brings all its channels up.
func opened(t *testing.T, cfg Config, s Start) *script {
	sc := begin(t, cfg, s)
	sc.step(EpochReady{ID: parley.EpochID{1}})
	for _, c := range cfg.Channels {
		sc.step(Up{c.Name})
	}
	return sc
}

func TestFirstStepAsksForAnEpoch(t *testing.T) {
	s := begin(t, Config{Channels: []Channel{{Name: "a", Class: Fast}}}, Start{})
	for _, a := range s.out {
		if _, ok := a.(NewEpoch); ok {
			return
		}
	}
	t.Fatalf("no NewEpoch in %v", s.out)
}

func TestCommittedLeavesAtOnce(t *testing.T) {
	s := opened(t, Config{Channels: []Channel{{Name: "a", Class: Fast}}}, Start{})
	s.step(Committed{[]Queued{{1, parley.Routine, 100}}})
	sends := s.sends()
	if len(sends) != 1 || len(sends[0].Entries) != 1 || !sends[0].Opening || !sends[0].Checkpoint || sends[0].Urgency != 3 {
		t.Fatalf("sent %+v, want entry 1 with the opening and a checkpoint", sends)
	}
}
