package tcp

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// protocol is the name that both sides must agree on (ALPN).
const protocol = "parley-tcp/1"

var (
	// ErrPeer is wrapped when the other side proved another hop key than the one agreed, or none.
	ErrPeer = errors.New("not the peer's hop key")

	// ErrExchange is wrapped when the key exchange was not a hybrid with ML-KEM, so that what is recorded today could be
	// read by a quantum computer.
	ErrExchange = errors.New("the key exchange is not a hybrid with ML-KEM")

	errProtocol = errors.New("the other side does not speak " + protocol)
)

// certificate makes the self-signed certificate that TLS wants around a key. Nothing in it but the key is looked at.
func certificate(key crypto.Signer) (tls.Certificate, error) {
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

// baseConfig is what both sides ask for. CurvePreferences stays unset: by default all hybrids are offered, first.
func baseConfig(own tls.Certificate, known func(ed25519.PublicKey) bool) *tls.Config {
	return &tls.Config{
		Certificates:                []tls.Certificate{own},
		MinVersion:                  tls.VersionTLS13,
		NextProtos:                  []string{protocol},
		SessionTicketsDisabled:      true,
		DynamicRecordSizingDisabled: true, // it saves a web browser time, and costs us throughput
		VerifyConnection:            func(cs tls.ConnectionState) error { return verify(cs, known) },
	}
}

// clientConfig sends no server name, and verifies the peer's key in place of a chain of certificates.
func clientConfig(own tls.Certificate, peer ed25519.PublicKey) *tls.Config {
	config := baseConfig(own, func(key ed25519.PublicKey) bool { return key.Equal(peer) })
	config.InsecureSkipVerify = true // no chain and no name; see VerifyConnection
	return config
}

func serverConfig(own tls.Certificate, known func(ed25519.PublicKey) bool) *tls.Config {
	config := baseConfig(own, known)
	config.ClientAuth = tls.RequireAnyClientCert
	return config
}

// verify decides whether the other side is one that we talk to, in a way that lasts. TLS itself makes sure that it
// holds the key of its certificate.
func verify(cs tls.ConnectionState, known func(ed25519.PublicKey) bool) error {
	if cs.Version != tls.VersionTLS13 {
		return fmt.Errorf("%s: %w", tls.VersionName(cs.Version), errProtocol)
	}
	if cs.NegotiatedProtocol != protocol {
		return errProtocol
	}
	switch cs.CurveID {
	case tls.X25519MLKEM768, tls.SecP256r1MLKEM768, tls.SecP384r1MLKEM1024:
	default:
		return fmt.Errorf("%w, but %v", ErrExchange, cs.CurveID)
	}
	key, err := peerKey(cs)
	if err != nil {
		return err
	}
	if !known(key) {
		return fmt.Errorf("%w: %x", ErrPeer, []byte(key))
	}
	return nil
}

// peerKey returns the one key that the other side proved.
func peerKey(cs tls.ConnectionState) (ed25519.PublicKey, error) {
	if len(cs.PeerCertificates) != 1 {
		return nil, fmt.Errorf("%w: %d certificates instead of one", ErrPeer, len(cs.PeerCertificates))
	}
	key, ok := cs.PeerCertificates[0].PublicKey.(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("%w: a %v key instead of Ed25519", ErrPeer, cs.PeerCertificates[0].PublicKeyAlgorithm)
	}
	return key, nil
}
