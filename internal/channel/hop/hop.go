// Package hop is what the channels that run on TLS 1.3 share: how two gateways know each other, and how they keep one
// connection between them.
//
// Each side shows a self-signed certificate with its Ed25519 hop key and is held to the key of the roster. There is no
// certificate authority, no name to look up, no ticket and no early data. It refuses a peer with another key, and a key
// exchange that a quantum computer could undo later. It is spec/FRAME.md §3 "TLS".
//
// A Channel dials until it is connected, or waits at a Door for its peer to come; a newer connection of the same peer
// takes the place of the older. What differs from one kind of channel to the next is its Conn.
package hop

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	rand2 "math/rand/v2"
	"sync/atomic"
	"time"
)

var (
	// ErrPeer is wrapped when the other side proved another hop key than the one agreed, or none.
	ErrPeer = errors.New("not the peer's hop key")

	// ErrExchange is wrapped when the key exchange was not a hybrid with ML-KEM, so that what is recorded today could be
	// read by a quantum computer.
	ErrExchange = errors.New("the key exchange is not a hybrid with ML-KEM")

	// ErrProtocol is wrapped when the other side did not agree on the channel's protocol (ALPN), or on TLS 1.3.
	ErrProtocol = errors.New("the other side does not speak the protocol")
)

// Certificate makes the self-signed certificate that TLS wants around a hop key, which must be Ed25519. Nothing in it
// but the key is looked at.
func Certificate(key crypto.Signer) (tls.Certificate, error) {
	if key == nil {
		return tls.Certificate{}, errors.New("our hop key is missing")
	}
	if _, ok := key.Public().(ed25519.PublicKey); !ok {
		return tls.Certificate{}, fmt.Errorf("our hop key is a %T; want an ed25519.PublicKey", key.Public())
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Unix(0, 0),
		NotAfter:     time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), // "no expiry", RFC 5280 §4.1.2.5
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("certificate for our hop key: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// base is what both sides ask for. CurvePreferences stays unset: by default all hybrids are offered, first.
func base(protocol string, own tls.Certificate, known func(ed25519.PublicKey) bool) *tls.Config {
	return &tls.Config{
		Certificates:                []tls.Certificate{own},
		MinVersion:                  tls.VersionTLS13,
		NextProtos:                  []string{protocol},
		SessionTicketsDisabled:      true,
		DynamicRecordSizingDisabled: true, // it saves a web browser time, and costs us throughput
		VerifyConnection:            func(cs tls.ConnectionState) error { return verify(cs, protocol, known) },
	}
}

// Shown are the hop keys that this side may show: one, but while the peer may know
// either the one before or the one that came in its place. Which is drawn anew for
// every handshake, so that a peer that takes one of two is met soon.
type Shown struct {
	certificates atomic.Pointer[[]tls.Certificate]
}

// Show replaces the keys. Connections that stand stay.
func (s *Shown) Show(keys ...crypto.Signer) error {
	if len(keys) == 0 {
		return errors.New("our hop key is missing")
	}
	certificates := make([]tls.Certificate, len(keys))
	for i, k := range keys {
		var err error
		if certificates[i], err = Certificate(k); err != nil {
			return err
		}
	}
	s.certificates.Store(&certificates)
	return nil
}

func (s *Shown) draw() *tls.Certificate {
	all := *s.certificates.Load()
	return &all[rand2.IntN(len(all))]
}

// client is Client with the keys of s.
func (s *Shown) client(protocol string, known func(ed25519.PublicKey) bool) *tls.Config {
	config := Client(protocol, tls.Certificate{}, nil)
	config.Certificates = nil
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return s.draw(), nil }
	config.VerifyConnection = func(cs tls.ConnectionState) error { return verify(cs, protocol, known) }
	return config
}

// Client is the dialling side's configuration for a protocol (ALPN). It sends no server name, and verifies the peer's
// key in place of a chain of certificates.
func Client(protocol string, own tls.Certificate, peer ed25519.PublicKey) *tls.Config {
	config := base(protocol, own, func(key ed25519.PublicKey) bool { return key.Equal(peer) })
	config.InsecureSkipVerify = true // no chain and no name; see VerifyConnection
	return config
}

// Server is the listening side's configuration for a protocol (ALPN); known says whose hop key may come in.
func Server(protocol string, own tls.Certificate, known func(ed25519.PublicKey) bool) *tls.Config {
	config := base(protocol, own, known)
	config.ClientAuth = tls.RequireAnyClientCert
	return config
}

// verify decides whether the other side is one that we talk to, in a way that lasts. TLS itself makes sure that it
// holds the key of its certificate.
func verify(cs tls.ConnectionState, protocol string, known func(ed25519.PublicKey) bool) error {
	if cs.Version != tls.VersionTLS13 {
		return fmt.Errorf("%w %s, but %s", ErrProtocol, protocol, tls.VersionName(cs.Version))
	}
	if cs.NegotiatedProtocol != protocol {
		return fmt.Errorf("%w %s", ErrProtocol, protocol)
	}
	switch cs.CurveID {
	case tls.X25519MLKEM768, tls.SecP256r1MLKEM768, tls.SecP384r1MLKEM1024:
	default:
		return fmt.Errorf("%w, but %v", ErrExchange, cs.CurveID)
	}
	key, err := PeerKey(cs)
	if err != nil {
		return err
	}
	if !known(key) {
		return fmt.Errorf("%w: %x", ErrPeer, []byte(key))
	}
	return nil
}

// PeerKey returns the one key that the other side proved; else its error wraps ErrPeer.
func PeerKey(cs tls.ConnectionState) (ed25519.PublicKey, error) {
	if len(cs.PeerCertificates) != 1 {
		return nil, fmt.Errorf("%w: %d certificates instead of one", ErrPeer, len(cs.PeerCertificates))
	}
	key, ok := cs.PeerCertificates[0].PublicKey.(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("%w: a %v key instead of Ed25519", ErrPeer, cs.PeerCertificates[0].PublicKeyAlgorithm)
	}
	return key, nil
}
