package keyring

import (
	"bytes"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"testing"
	"time"
)

// TestHopServesTLS: the hop signer, which hides its key, is enough for a
// certificate of its own and a TLS 1.3 handshake.
func TestHopServesTLS(t *testing.T) {
	s := someStation(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(nil, template, template, s.Hop().Public(), s.Hop())
	if err != nil {
		t.Fatal(err)
	}
	near, far := net.Pipe()
	for _, c := range []net.Conn{near, far} {
		if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	served := make(chan error, 1)
	server := tls.Server(far, &tls.Config{MinVersion: tls.VersionTLS13, SessionTicketsDisabled: true,
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: s.Hop()}}})
	go func() { served <- server.Handshake() }()
	client := tls.Client(near, &tls.Config{MinVersion: tls.VersionTLS13, InsecureSkipVerify: true,
		VerifyConnection: func(c tls.ConnectionState) error {
			if pub, ok := c.PeerCertificates[0].PublicKey.(ed25519.PublicKey); !ok || !bytes.Equal(pub, s.Public().Hop) {
				return errors.New("another key than the hop key")
			}
			return nil
		}})
	if err := client.Handshake(); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}
