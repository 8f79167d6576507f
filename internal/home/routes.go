package home

import (
	"crypto"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"

	"parley/internal/channel/pouch"
	"parley/internal/channel/tcp"
	"parley/internal/courier"
	"parley/internal/durable"
	"parley/internal/station"
	"parley/roster"
)

// ErrPipe is returned for a line with a channel of kind pipe: those join two
// stations of one process and exist for tests.
var ErrPipe = errors.New("a pipe cannot be served: agree on another channel with the other side")

// routes makes the channels of lines. Lines that listen on one address share
// its listener.
type routes struct {
	home      *Home
	hop       crypto.Signer
	refused   func(listen string, remote net.Addr, why error)
	listeners map[string]*tcp.Listener // by address
	pouches   map[string]bool          // folders that are taken
	made      []io.Closer              // channels; closing one twice does nothing
}

// of returns the channels of one line, in the order of its charter.
func (r *routes) of(name string, line *roster.Roster) ([]station.Route, error) {
	peer, _ := line.Peer(r.home.Party())
	own := r.home.config.Lines[name]
	known := map[string]bool{}
	var out []station.Route
	for _, c := range line.Terms.Channels {
		known[c.Name] = true
		channel, class, err := r.one(name, c, own.Channels[c.Name], peer)
		if err != nil {
			return nil, fmt.Errorf("channel %s of the line with %s: %w", c.Name, name, err)
		}
		out = append(out, station.Route{Channel: channel, Class: class, Narrow: c.Narrow})
	}
	for c := range own.Channels {
		if !known[c] {
			return nil, fmt.Errorf("%w: [line.%s.channel.%s]: the charter of that line has no such channel", ErrConfig, name, c)
		}
	}
	return out, nil
}

func (r *routes) one(line string, c roster.Channel, own ChannelConfig, peer roster.Side) (courier.Channel, courier.Class, error) {
	if err := own.fits(c, r.home); err != nil {
		return nil, 0, err
	}
	switch c.Kind {
	case roster.TCP:
		made, err := r.tcp(c, own, peer)
		return made, courier.Fast, err
	case roster.Pouch:
		made, err := r.pouch(line, c, own)
		return made, courier.Carried, err
	}
	return nil, 0, ErrPipe
}

// fits refuses settings that would not be obeyed.
func (own ChannelConfig) fits(c roster.Channel, h *Home) error {
	listens := c.Kind == roster.TCP && c.Listener == h.Party()
	dials := c.Kind == roster.TCP && !listens
	switch {
	case own.Listen != "" && !listens:
		return fmt.Errorf("%w: listen is for the side that listens on a tcp channel", ErrConfig)
	case own.Dial != "" && !dials:
		return fmt.Errorf("%w: dial is for the side that dials on a tcp channel", ErrConfig)
	case c.Kind != roster.Pouch && (own.Out != "" || own.In != ""):
		return fmt.Errorf("%w: out and in are for a pouch", ErrConfig)
	}
	return nil
}

func (r *routes) tcp(c roster.Channel, own ChannelConfig, peer roster.Side) (courier.Channel, error) {
	cfg := tcp.Config{Name: c.Name, Key: r.hop, Peer: peer.Hop}
	if c.Listener == r.home.Party() {
		address := c.Address
		if own.Listen != "" {
			address = own.Listen
		}
		l, err := r.listener(address)
		if err != nil {
			return nil, err
		}
		cfg.Listener = l
	} else {
		cfg.Dial = []string{c.Address}
		if own.Dial != "" {
			cfg.Dial = []string{own.Dial}
		}
	}
	made, err := tcp.New(cfg)
	if err != nil {
		return nil, err
	}
	r.made = append(r.made, made)
	return made, nil
}

func (r *routes) listener(address string) (*tcp.Listener, error) {
	if l, ok := r.listeners[address]; ok {
		return l, nil
	}
	l, err := tcp.Listen(tcp.ListenConfig{
		Address: address, Key: r.hop,
		Refused: func(remote net.Addr, why error) { r.refused(address, remote, why) },
	})
	if err != nil {
		return nil, fmt.Errorf("%w (if a gateway holds that address, set listen in %s)", err, filepath.Join(r.home.dir, configName))
	}
	r.listeners[address] = l
	return l, nil
}

func (r *routes) pouch(line string, c roster.Channel, own ChannelConfig) (courier.Channel, error) {
	if (own.Out == "") != (own.In == "") {
		return nil, fmt.Errorf("%w: name both folders of the pouch, out and in", ErrConfig)
	}
	if own.Out == "" {
		dir := filepath.Join(r.home.dir, "pouch", line)
		if r.pouches[dir] {
			return nil, fmt.Errorf("%w: the line has several pouches: name the folders of each, out and in", ErrConfig)
		}
		r.pouches[dir] = true
		own.Out, own.In = filepath.Join(dir, "out"), filepath.Join(dir, "in")
		for _, d := range []string{own.Out, own.In} {
			if err := durable.Folder(d); err != nil {
				return nil, err
			}
		}
	}
	made, err := pouch.New(pouch.Config{Name: c.Name, Out: own.Out, In: own.In})
	if err != nil {
		return nil, err
	}
	r.made = append(r.made, made)
	return made, nil
}

// close closes the listeners and whatever channels are still open.
func (r *routes) close() error {
	var all []error
	for _, l := range r.listeners {
		all = append(all, l.Close())
	}
	for _, c := range r.made {
		all = append(all, c.Close())
	}
	return errors.Join(all...)
}
