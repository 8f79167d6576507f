// Package quic is a channel over one QUIC connection, pinned to the peer's hop key, that outlives the path it runs on.
//
// One side listens, the other dials, and both directions use the one connection; package hop keeps it. Every frame goes
// on a stream of its own, so that a lost packet delays one frame and not those behind it. When the dialling side's
// address changes, or its path goes silent while another answers, the connection moves there and no frame is lost. It
// refuses a peer with another key, a key exchange that a quantum computer could undo later, early data, and whatever is
// no frame: that costs the connection, and the next is made. What goes over the connection is spec/FRAME.md §6.
package quic

import (
	"crypto"
	"crypto/ed25519"

	"parley/internal/channel/hop"
)

const (
	kind     = "quic"
	protocol = "parley-quic/1" // the name that both sides must agree on (ALPN)
)

// Config says what a channel connects. Either Listener or Dial is given.
type Config struct {
	Name string            // Name is the channel's name for people.
	Key  crypto.Signer     // Key is our Ed25519 hop key. A channel of a Listener uses the Listener's.
	Peer ed25519.PublicKey // Peer is the peer's hop key.

	Listener *Listener // Listener is where the peer connects to.
	Dial     []string  // Dial are the addresses "host:port" where the peer listens, tried in turn, again and again.

	sockets sockets // where sockets come from; nil for the machine's
}

// New returns a channel that connects by itself until it is closed. A Listener has one channel for each peer's key. A
// Send that its context ends in the middle costs that frame only. A peer that is gone is noticed within 10 s.
func New(cfg Config) (*hop.Channel, error) {
	d := dialer{sockets: cfg.sockets}
	if d.sockets == nil {
		d.sockets = machine{}
	}
	c := hop.Config{
		Kind: kind, Name: cfg.Name, Peer: cfg.Peer,
		Addresses: cfg.Dial, Key: cfg.Key, Protocol: protocol, Dial: d.dial,
	}
	if cfg.Listener != nil {
		c.Door = cfg.Listener.door
	}
	return hop.New(c)
}
