package home

import (
	"cmp"
	"crypto"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"

	"parley/internal/channel/hop"
	"parley/internal/channel/pouch"
	"parley/internal/channel/quic"
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
	home    *Home
	hop     crypto.Signer // the first hop key; hops has those that came later
	hops    *hops
	rolled  *rolled
	roots   *roots
	refused func(listen string, remote net.Addr, why error)
	through func(courier.Channel) courier.Channel // nil: nothing is put in between
	tcp     map[string]*tcp.Listener              // by address
	quic    map[string]*quic.Listener             // by address
	pouches map[string]bool                       // folders that are taken
	made    []io.Closer                           // channels; closing one twice does nothing
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
		if r.through != nil {
			channel = r.through(channel)
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
		made, err := r.overTCP(line, c, own, peer)
		return made, courier.Fast, err
	case roster.QUIC:
		made, err := r.overQUIC(line, c, own, peer)
		return made, courier.Fast, err
	case roster.Pouch:
		made, err := r.pouch(line, c, own)
		return made, courier.Carried, err
	}
	return nil, 0, ErrPipe
}

// fits refuses settings that would not be obeyed.
func (own ChannelConfig) fits(c roster.Channel, h *Home) error {
	listens := c.Dialled() && c.Listener == h.Party()
	dials := c.Dialled() && !listens
	switch {
	case own.Listen != "" && !listens:
		return fmt.Errorf("%w: listen is for the side that listens on a tcp or quic channel", ErrConfig)
	case own.Dial != "" && !dials:
		return fmt.Errorf("%w: dial is for the side that dials on a tcp or quic channel", ErrConfig)
	case c.Kind != roster.Pouch && (own.Out != "" || own.In != ""):
		return fmt.Errorf("%w: out and in are for a pouch", ErrConfig)
	}
	return nil
}

// address is where to listen, when listens, and else where to dial.
func (r *routes) address(c roster.Channel, own ChannelConfig) (address string, listens bool) {
	if c.Listener == r.home.Party() {
		return cmp.Or(own.Listen, c.Address), true
	}
	return cmp.Or(own.Dial, c.Address), false
}

func (r *routes) overTCP(line string, c roster.Channel, own ChannelConfig, peer roster.Side) (courier.Channel, error) {
	listen := func(address string, refused func(net.Addr, error)) (*tcp.Listener, error) {
		return tcp.Listen(tcp.ListenConfig{Address: address, Key: r.hop, Refused: refused})
	}
	return pinned(r, line, c, own, r.tcp, listen, func(l *tcp.Listener, dial []string) (*hop.Channel, error) {
		return tcp.New(tcp.Config{Name: c.Name, Key: r.hop, Peer: peer.Hop, Listener: l, Dial: dial})
	})
}

func (r *routes) overQUIC(line string, c roster.Channel, own ChannelConfig, peer roster.Side) (courier.Channel, error) {
	listen := func(address string, refused func(net.Addr, error)) (*quic.Listener, error) {
		return quic.Listen(quic.ListenConfig{Address: address, Key: r.hop, Refused: refused})
	}
	return pinned(r, line, c, own, r.quic, listen, func(l *quic.Listener, dial []string) (*hop.Channel, error) {
		return quic.New(quic.Config{Name: c.Name, Key: r.hop, Peer: peer.Hop, Listener: l, Dial: dial})
	})
}

// pinned makes a channel between hop keys, where connect is given the listener or the addresses to dial, and lets the
// line's hop keys reach both. The listeners there are, by address, are shared.
func pinned[L shower](r *routes, line string, c roster.Channel, own ChannelConfig, there map[string]L,
	listen func(address string, refused func(net.Addr, error)) (L, error), connect func(l L, dial []string) (*hop.Channel, error),
) (courier.Channel, error) {
	var door L
	var dial []string
	address, listens := r.address(c, own)
	if listens {
		l, err := listener(r, there, address, listen)
		if err != nil {
			return nil, err
		}
		door = l
	} else {
		dial = []string{address}
	}
	made, err := connect(door, dial)
	if err != nil {
		return nil, err
	}
	r.made = append(r.made, made)
	known := r.hops.line(line)
	known.channels = append(known.channels, made)
	if listens {
		known.doors = append(known.doors, door)
	}
	return made, nil
}

// listener returns the listener of address, from those there are or from listen.
func listener[L any](r *routes, there map[string]L, address string, listen func(address string, refused func(net.Addr, error)) (L, error)) (L, error) {
	if l, ok := there[address]; ok {
		return l, nil
	}
	l, err := listen(address, func(remote net.Addr, why error) { r.refused(address, remote, why) })
	if err != nil {
		return l, fmt.Errorf("%w (if a gateway holds that address, set listen in %s)", err, filepath.Join(r.home.dir, configName))
	}
	there[address] = l
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
	for _, l := range r.tcp {
		all = append(all, l.Close())
	}
	for _, l := range r.quic {
		all = append(all, l.Close())
	}
	for _, c := range r.made {
		all = append(all, c.Close())
	}
	return errors.Join(all...)
}
