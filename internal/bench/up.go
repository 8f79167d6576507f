package bench

import (
	"fmt"
	"time"

	"parley/internal/station"
)

// channelMoved keeps which channels are up; s.mu is held.
func (s *side) channelMoved(e station.Event) {
	s.up[e.Channel] = e.Text == "up"
	close(s.moved)
	s.moved = make(chan struct{})
}

// awaitUp returns when n channels are up.
func (s *side) awaitUp(n int) error {
	limit := time.NewTimer(waitLimit)
	defer limit.Stop()
	for {
		s.mu.Lock()
		up, moved := 0, s.moved
		for _, is := range s.up {
			if is {
				up++
			}
		}
		s.mu.Unlock()
		if up == n {
			return nil
		}
		select {
		case <-moved:
		case <-limit.C:
			return fmt.Errorf("%s has %d channels up, and not %d, after %v", s.party, up, n, waitLimit)
		}
	}
}

// awaitUp returns when both sides have n channels up.
func (p *pair) awaitUp(n int) error {
	if err := p.north.awaitUp(n); err != nil {
		return err
	}
	return p.south.awaitUp(n)
}
