package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"parley"
	"parley/internal/cable"
	"parley/internal/home"
	"parley/roster"
)

// The two parties.
const (
	north parley.Party = "north"
	south parley.Party = "south"
)

// The channels, in the order of the charter and of the keys that cut them.
var channels = [...]string{"cable", "radio", "satellite", "pouch"}

// pouch is the index of the channel that is carried by hand; those before it
// are tcp.
const pouch = len(channels) - 1

// listeners says who listens on each tcp route.
var listeners = [pouch]parley.Party{north, south, north}

// checkEvery is how often every channel is checked: often, so that one sees it.
const checkEvery = 2 * time.Second

// Route is a channel's way between the two stations, which the demo can cut.
type Route interface {
	Cut(cut bool)
	IsCut() bool
}

// Scene is two parties on one machine, with a line between them.
type Scene struct {
	Sides  [2]*Side // north, south
	Roster *roster.Roster

	dir    string
	cables [pouch]*cable.Cable
	rider  *cable.Rider
	cuts   int
}

// NewScene makes two parties in a new temporary folder and agrees on a line
// between them by the ceremony that people go through. command returns the
// command that runs the station of a home folder. Close removes it all.
func NewScene(ctx context.Context, languages []string, command func(home string) *exec.Cmd) (s *Scene, err error) {
	dir, err := os.MkdirTemp("", "parley-demo-")
	if err != nil {
		return nil, err
	}
	s = &Scene{dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	var roots [2]home.RootKey
	for i, p := range [...]parley.Party{north, south} {
		peer := [...]parley.Party{south, north}[i]
		if ctx.Err() != nil {
			return s, context.Cause(ctx)
		}
		if s.Sides[i], roots[i], err = NewSide(filepath.Join(dir, string(p)), p, peer, command); err != nil {
			return s, err
		}
	}
	terms := roster.DefaultTerms()
	terms.Languages, terms.CheckEvery = languages, checkEvery
	var overrides [2]string
	for i := range s.cables {
		behind, err := FreeAddress()
		if err != nil {
			return s, err
		}
		if s.cables[i], err = cable.New(behind, 0); err != nil {
			return s, err
		}
		terms.Channels = append(terms.Channels, roster.Channel{
			Name: channels[i], Kind: roster.TCP, Listener: listeners[i], Address: s.cables[i].Address(),
		})
		for j, side := range s.Sides {
			if side.Party == listeners[i] {
				overrides[j] += fmt.Sprintf("\n[line.%s.channel.%s]\nlisten = %q\n", side.Peer, channels[i], behind)
			}
		}
	}
	terms.Channels = append(terms.Channels, roster.Channel{Name: channels[pouch], Kind: roster.Pouch})
	if s.Roster, err = Meet(s.Sides, terms, roots); err != nil {
		return s, fmt.Errorf("agree on the line: %w", err)
	}
	for j, side := range s.Sides {
		if err := side.Configure(overrides[j]); err != nil {
			return s, err
		}
	}
	s.rider = cable.NewRider(s.Sides[0].Pouch(), s.Sides[1].Pouch(), 0) // in fair weather nothing is drawn
	return s, nil
}

// Meet takes two sides through the key ceremony, as the person on both of them,
// and returns what they agreed on. The first invites.
func Meet(sides [2]*Side, terms roster.Terms, roots [2]home.RootKey) (*roster.Roster, error) {
	a, b := sides[0].home, sides[1].home
	now := time.Now()
	invite, err := a.Invite(b.Party(), terms, true, roots[0], now)
	if err != nil {
		return nil, err
	}
	accept, r, err := b.Accept(invite, roots[1], now)
	if err != nil {
		return nil, err
	}
	mine, err := a.Receive(string(b.Party()), accept)
	if err != nil {
		return nil, err
	}
	if err := a.Confirm(string(b.Party()), r.Words(), now); err != nil {
		return nil, err
	}
	return r, b.Confirm(string(a.Party()), mine.Words(), now)
}

// Start starts both stations.
func (s *Scene) Start(ctx context.Context) error {
	for _, side := range s.Sides {
		if err := side.Start(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Route returns the way of the channel with the given index.
func (s *Scene) Route(channel int) Route {
	if channel == pouch {
		return s.rider
	}
	return s.cables[channel]
}

// Cut cuts a channel's way or restores it, and counts the cuts.
func (s *Scene) Cut(channel int, cut bool) {
	r := s.Route(channel)
	if cut && !r.IsCut() {
		s.cuts++
	}
	r.Cut(cut)
}

// Cuts returns how many ways were cut so far.
func (s *Scene) Cuts() int { return s.cuts }

// Close ends what runs and removes what is on the disk.
func (s *Scene) Close() error {
	var all []error
	for _, side := range s.Sides {
		if side != nil {
			all = append(all, side.Kill())
		}
	}
	for _, r := range s.cables {
		if r != nil {
			all = append(all, r.Close())
		}
	}
	if s.rider != nil {
		all = append(all, s.rider.Close())
	}
	return errors.Join(append(all, os.RemoveAll(s.dir))...)
}

// FreeAddress returns an address of the loopback on which nobody listens now.
func FreeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// Configure appends to the party's parley.toml, as its administrator would.
func (s *Side) Configure(text string) error {
	f, err := os.OpenFile(filepath.Join(s.home.Dir(), "parley.toml"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// Pouch returns the folder of the side's pouch, which holds out and in.
func (s *Side) Pouch() string { return filepath.Join(s.home.Dir(), "pouch", s.Line()) }
