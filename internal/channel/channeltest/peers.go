package channeltest

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"io"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"parley/internal/channel/hop"
	"parley/internal/courier"
)

// NewKey makes a hop key.
func NewKey(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Public is the public half of a hop key.
func Public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

// Certificate is the certificate of a hop key.
func Certificate(t testing.TB, key ed25519.PrivateKey) tls.Certificate {
	t.Helper()
	own, err := hop.Certificate(key)
	if err != nil {
		t.Fatal(err)
	}
	return own
}

// ForeignCertificate is a certificate of a key that is not of the kind of hop keys.
func ForeignCertificate(t testing.TB) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// Opened returns what New of a package made, and closes it at the end of the test.
func Opened[C io.Closer](t testing.TB, c C, err error) C {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// WaitUp waits until a channel is up.
func WaitUp(t testing.TB, c courier.Upper) {
	t.Helper()
	WaitFor(t, c, "up", func(down error) bool { return down == nil })
}

// WaitDown waits until a channel is down.
func WaitDown(t testing.TB, c courier.Upper) {
	t.Helper()
	WaitFor(t, c, "down", func(down error) bool { return down != nil })
}

// WaitFor waits until what Up tells is what the test wants.
func WaitFor(t testing.TB, c courier.Upper, what string, is func(down error) bool) {
	t.Helper()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		changed, down := c.Up()
		if is(down) {
			return
		}
		select {
		case <-changed:
		case <-timer.C:
			t.Fatalf("waited %v for %s; it tells %v", limit, what, down)
		}
	}
}

// Receive waits for the next frame.
func Receive(t testing.TB, c courier.Channel) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	frame, err := c.Receive(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return frame
}

// Carry sends one frame over a channel that is up, and waits for it.
func Carry(t testing.TB, from, to courier.Channel, size int) {
	t.Helper()
	frame := Frame(size)
	if err := from.Send(t.Context(), frame); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(Receive(t, to), frame) {
		t.Fatal("another frame came, or it was altered")
	}
}

// SpecExample returns an example of spec/FRAME.md, by the name in its marker, to the test of a channel.
func SpecExample(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("../../../spec/FRAME.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "<!-- example "+name+" -->\n```hex\n")
	block, _, closed := strings.Cut(rest, "```")
	b, err := hex.DecodeString(strings.ReplaceAll(block, "\n", ""))
	if !found || !closed || err != nil {
		t.Fatalf("no example %q: %v", name, err)
	}
	return b
}
