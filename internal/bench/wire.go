package bench

import (
	"errors"
	"time"

	"parley/internal/cable"
	"parley/internal/channel/hop"
	"parley/internal/channel/tcp"
	"parley/internal/courier"
	"parley/internal/station"
)

// route is a tcp channel of two ends over a cable: the same kind of channel
// for Parley and for the floor.
type route struct {
	dialer, listener *hop.Channel
	cable            *cable.Cable
	door             *tcp.Listener
}

// newRoute connects two hop keys by tcp, each byte delay later.
func newRoute(name string, north, south identity, delay time.Duration) (*route, error) {
	door, err := tcp.Listen(tcp.ListenConfig{Address: "127.0.0.1:0", Key: south.keys.hop})
	if err != nil {
		return nil, err
	}
	r := &route{door: door}
	if r.cable, err = cable.New(door.Addr().String(), delay); err != nil {
		return nil, errors.Join(err, door.Close())
	}
	if r.listener, err = tcp.New(tcp.Config{Name: name, Peer: public(north.keys.hop), Listener: door}); err != nil {
		return nil, errors.Join(err, r.close())
	}
	if r.dialer, err = tcp.New(tcp.Config{Name: name, Key: north.keys.hop, Peer: public(south.keys.hop), Dial: []string{r.cable.Address()}}); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

// ends are the route's two ends as a pair's only channel.
func (r *route) ends(dir string, narrow bool) ends {
	return ends{
		north: []station.Route{{Channel: r.dialer, Class: courier.Fast, Narrow: narrow}},
		south: []station.Route{{Channel: r.listener, Class: courier.Fast, Narrow: narrow}},
		dir:   dir,
	}
}

func (r *route) close() error {
	var errs []error
	if r.dialer != nil {
		errs = append(errs, r.dialer.Close())
	}
	if r.listener != nil {
		errs = append(errs, r.listener.Close())
	}
	return errors.Join(append(errs, r.cable.Close(), r.door.Close())...)
}
