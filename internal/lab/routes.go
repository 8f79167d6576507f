package lab

import (
	"errors"
	"fmt"

	"parley"
	"parley/internal/cable"
	"parley/internal/demo"
	"parley/roster"
)

// The two parties.
const (
	north parley.Party = "north"
	south parley.Party = "south"
)

var parties = [2]parley.Party{north, south}

// routes are the names of the routes, in the order of the charter.
var routes = [...]string{"cable", "radio", "satellite", "pouch"}

// pouch is the index of the route that is carried by hand.
const pouch = len(routes) - 1

// kinds are the kinds of the routes before the pouch.
var kinds = [pouch]string{roster.TCP, roster.TCP, roster.QUIC}

// listeners says who listens on each of them.
var listeners = [pouch]parley.Party{north, south, north}

// route is a way between the two stations that can have bad hours.
type route interface {
	Cut(cut bool)
	IsCut() bool
	CutWay(w cable.Way, cut bool)
	SetWeather(w cable.Way, to cable.Weather)
	Close() error
}

// lay makes the dialled routes, and what the parties need to know of them: terms for
// the charter and, for each side, what only it has in its configuration.
func (l *Lab) lay(terms *roster.Terms) (overrides [2]string, err error) {
	// Half an hour of a soak says more than a day's quota: that is another trouble,
	// which the tests of a station make.
	for i := range overrides {
		overrides[i] = fmt.Sprintf("\n[line.%s.quota]\nmessages = -1\nmebibytes = -1\nflash-messages = -1\nflash-mebibytes = -1\n", parties[1-i])
	}
	for i, listener := range listeners {
		behind, err := demo.FreeAddress()
		if err != nil {
			return overrides, err
		}
		address, err := l.dig(i, behind)
		if err != nil {
			return overrides, err
		}
		terms.Channels = append(terms.Channels, roster.Channel{
			Name: routes[i], Kind: kinds[i], Listener: listener, Address: address,
		})
		overrides[index(listener)] += fmt.Sprintf("\n[line.%s.channel.%s]\nlisten = %q\n", parties[1-index(listener)], routes[i], behind)
	}
	terms.Channels = append(terms.Channels, roster.Channel{Name: routes[pouch], Kind: roster.Pouch})
	return overrides, nil
}

// dig makes one route to the address behind it, and returns where it is dialled.
func (l *Lab) dig(i int, behind string) (string, error) {
	seed := l.o.Seed + uint64(i)
	if kinds[i] == roster.QUIC {
		a, err := cable.NewAir(behind, seed)
		if err != nil {
			return "", err
		}
		l.routes[i] = a
		return a.Address(), nil
	}
	c, err := cable.NewSeeded(behind, seed)
	if err != nil {
		return "", err
	}
	l.routes[i] = c
	return c.Address(), nil
}

// ride starts the carrying of the pouch.
func (l *Lab) ride() {
	l.routes[pouch] = cable.NewRider(l.Sides[0].Pouch(), l.Sides[1].Pouch(), l.o.Seed+uint64(pouch))
}

// way returns the direction in which what a party sends travels a route.
func way(route int, sender parley.Party) cable.Way {
	dials := south
	if route < pouch {
		dials = parties[1-index(listeners[route])]
	} else {
		dials = north
	}
	if sender == dials {
		return cable.Out
	}
	return cable.Back
}

func index(p parley.Party) int {
	if p == south {
		return 1
	}
	return 0
}

// mend mends a route whatever was done to it, except its weather.
func mend(r route) {
	r.Cut(false)
	r.CutWay(cable.Out, false)
	r.CutWay(cable.Back, false)
}

// closeRoutes ends all routes and returns what went wrong on them.
func (l *Lab) closeRoutes() error {
	var all []error
	for _, r := range l.routes {
		if r != nil {
			all = append(all, r.Close())
		}
	}
	return errors.Join(all...)
}
