package demo

import (
	"context"
	"time"

	"parley"
	"parley/internal/api"
	"parley/internal/station"
)

// Watch listens to the station of a side until ctx ends, over its deaths and
// returns, and enters every proof into the ledger. tell, if not nil, is given
// every piece of news.
func (s *Side) Watch(ctx context.Context, l *Ledger, side int, tell func(api.Event)) {
	again := time.NewTicker(askEvery)
	defer again.Stop()
	for ctx.Err() == nil {
		// How it ended does not matter: the station is gone, or this watch is over.
		_ = s.client.Events(ctx, func() error { s.catchUp(ctx, l, side); return nil }, func(e api.Event) error {
			s.enter(ctx, l, side, e)
			if tell != nil {
				tell(e)
			}
			return nil
		})
		select {
		case <-ctx.Done():
		case <-again.C:
		}
	}
}

// enter enters a piece of news.
func (s *Side) enter(ctx context.Context, l *Ledger, side int, e api.Event) {
	now := time.Now()
	if e.Missed > 0 {
		s.catchUp(ctx, l, side)
	}
	all := e.Kind == station.EventProved.String()
	if !all && e.Kind != station.EventSingle.String() {
		return
	}
	if party, _, n, err := parley.ParseMessageName(e.Message); err == nil && party == s.Party {
		l.Proved(side, n, all, now)
	}
}

// catchUp enters every proof that the station holds: those that it told while
// nobody listened. If it dies meanwhile, Watch comes back to it.
func (s *Side) catchUp(ctx context.Context, l *Ledger, side int) {
	all, err := s.Messages(ctx, api.List{Mine: true})
	if err != nil {
		return
	}
	now := time.Now()
	for _, m := range all {
		if m.Receipted {
			l.Proved(side, m.Number, false, now)
		}
	}
}
