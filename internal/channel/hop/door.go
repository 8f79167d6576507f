package hop

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
)

var errNoChannel = errors.New("its channel was closed")

// Door is what the listeners of all kinds share: the channels whose peers may come in, each known by its hop key.
type Door struct {
	kind    string
	refused func(net.Addr, error)
	ended   context.Context // ends with Close
	end     context.CancelFunc
	tasks   sync.WaitGroup

	mu       sync.Mutex
	channels map[string]*Channel // by the peer's hop key
}

// NewDoor returns a door of a listener of one kind. refused, which may be nil, is told of each connection that was not
// let in, and why: anyone can cause that, as often as they like. It is called from several goroutines at the same time.
func NewDoor(kind string, refused func(remote net.Addr, why error)) *Door {
	d := &Door{kind: kind, refused: refused, channels: make(map[string]*Channel)}
	d.ended, d.end = context.WithCancel(context.Background())
	return d
}

// Server is Server for whoever may come in by this door, who is shown the keys of own.
func (d *Door) Server(protocol string, own *Shown) *tls.Config {
	config := Server(protocol, tls.Certificate{}, func(key ed25519.PublicKey) bool { return d.channel(key) != nil })
	config.Certificates = nil
	config.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return own.draw(), nil }
	return config
}

// Serve accepts connections until the door is closed: it calls accept again and again, and welcome, which must not
// block, with each connection that comes.
func Serve[C any](d *Door, at net.Addr, accept func(context.Context) (C, error), welcome func(C)) {
	d.tasks.Go(func() {
		var backoff Backoff
		for {
			conn, err := accept(d.ended)
			switch {
			case err == nil:
				backoff.Reset()
				welcome(conn)
			case d.ended.Err() != nil:
				return
			default: // such as too many open files, which passes
				d.Refuse(at, fmt.Errorf("accept: %w", err))
				backoff.Wait(d.ended)
			}
		}
	})
}

// Go runs f, which Close waits for.
func (d *Door) Go(f func()) { d.tasks.Go(f) }

// Admit gives a connection, whose greeting was sent, to the channel of the peer that proved its key in it. The
// connection stays the caller's to close when that fails.
func (d *Door) Admit(state tls.ConnectionState, conn Conn) error {
	key, err := PeerKey(state)
	if err != nil {
		return err
	}
	c := d.channel(key)
	if c == nil {
		return errNoChannel
	}
	return c.admit(conn)
}

// Refuse tells that a connection was not let in.
func (d *Door) Refuse(remote net.Addr, why error) {
	if d.refused != nil && d.ended.Err() == nil {
		d.refused(remote, fmt.Errorf("%s: handshake with %s: %w", d.kind, remote, why))
	}
}

// Close lets nobody in any more; stop, which is called unless the door is closed already, makes accept end. The channels
// keep the connections they have.
func (d *Door) Close(stop func() error) error {
	if d.ended.Err() != nil {
		return nil
	}
	d.end()
	err := stop()
	d.tasks.Wait()
	return err
}

// HangUp ends the connections of all channels, which stay.
func (d *Door) HangUp() {
	for _, c := range d.all() {
		c.hangUp()
	}
}

// Knows reports whether the last connection of a channel came from host.
func (d *Door) Knows(host netip.Prefix) bool {
	for _, c := range d.all() {
		if c.lastHost() == host {
			return true
		}
	}
	return false
}

func (d *Door) all() []*Channel {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make([]*Channel, 0, len(d.channels))
	for _, c := range d.channels {
		if !slices.Contains(all, c) { // it has two keys while one takes the other's place
			all = append(all, c)
		}
	}
	return all
}

func (d *Door) channel(key ed25519.PublicKey) *Channel {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.channels[string(key)]
}

// register lets a channel's peer in by any of its keys, and by none that it had before.
func (d *Door) register(c *Channel, peers []ed25519.PublicKey) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, key := range peers {
		if other, ok := d.channels[string(key)]; ok && other != c {
			return fmt.Errorf("channel %s has the same peer's key on this listener; give it another address", other.name)
		}
	}
	d.strike(c)
	for _, key := range peers {
		d.channels[string(key)] = c
	}
	return nil
}

func (d *Door) forget(c *Channel) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.strike(c)
}

// strike removes every key of a channel. The caller holds mu.
func (d *Door) strike(c *Channel) {
	for key, is := range d.channels {
		if is == c {
			delete(d.channels, key)
		}
	}
}
