package bench

import (
	"errors"
	"fmt"
	"time"

	"parley/internal/courier"
	"parley/internal/station"
)

// wide is a pair with several tcp channels, and the cables under them.
type wide struct {
	pair   *pair
	routes []*route
	stop   func() error
}

// newWide joins two new parties by n channels, each byte delay later, and waits
// until all are up and the epochs are open.
func newWide(dir string, n int, delay time.Duration) (w *wide, err error) {
	w = &wide{stop: func() error { return nil }}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	north, south, err := identities()
	if err != nil {
		return w, err
	}
	e := ends{dir: dir}
	for i := range n {
		r, err := newRoute(fmt.Sprintf("line-%d", i+1), north, south, delay)
		if err != nil {
			return w, err
		}
		w.routes = append(w.routes, r)
		e.north = append(e.north, station.Route{Channel: r.dialer, Class: courier.Fast})
		e.south = append(e.south, station.Route{Channel: r.listener, Class: courier.Fast})
	}
	if w.pair, w.stop, err = start(north, south, e); err != nil {
		w.stop = func() error { return nil } // start has stopped what it began
		return w, err
	}
	if err := w.pair.awaitUp(n); err != nil {
		return w, err
	}
	return w, w.warm()
}

// warm lets both sides open their epochs and prove them.
func (w *wide) warm() error {
	for range 5 {
		for _, s := range []*side{w.pair.north, w.pair.south} {
			if err := s.confirm(1, body); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *wide) close() error {
	errs := []error{w.stop()}
	for _, r := range w.routes {
		errs = append(errs, r.close())
	}
	return errors.Join(errs...)
}
