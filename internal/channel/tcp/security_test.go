package tcp

import (
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"parley/internal/channel/channeltest"
	"parley/internal/channel/hop"
)

// Nobody but the peer is let in, and the peer only in a way that lasts. After each attempt the peer still is.
func TestListenerRefuses(t *testing.T) {
	nkey, skey := channeltest.NewKey(t), channeltest.NewKey(t)
	refused := make(chan error, 16)
	l := listen(t, nkey, func(_ net.Addr, why error) { refused <- why })
	open(t, Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
	good := func() *tls.Config {
		config := hop.Client(protocol, channeltest.Certificate(t, skey), channeltest.Public(nkey))
		config.VerifyConnection = nil // or this side would refuse first
		return config
	}
	for _, test := range []struct {
		name  string
		spoil func(*tls.Config)
		want  error // or
		says  string
	}{
		{"unknown key", func(c *tls.Config) { c.Certificates[0] = channeltest.Certificate(t, channeltest.NewKey(t)) }, hop.ErrPeer, ""},
		{"no certificate", func(c *tls.Config) { c.Certificates = nil }, nil, "certificate"},
		{"two certificates", func(c *tls.Config) {
			own := &c.Certificates[0]
			own.Certificate = append(own.Certificate, own.Certificate[0])
		}, hop.ErrPeer, ""},
		{"a key of another kind", func(c *tls.Config) { c.Certificates[0] = channeltest.ForeignCertificate(t) }, hop.ErrPeer, ""},
		{"the peer's certificate without its key", func(c *tls.Config) { c.Certificates[0].PrivateKey = channeltest.NewKey(t) }, nil, "signature"},
		{"no hybrid key exchange", func(c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.X25519} }, hop.ErrExchange, ""},
		{"TLS 1.2", func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12 }, nil, "version"},
		{"no protocol", func(c *tls.Config) { c.NextProtos = nil }, hop.ErrProtocol, ""},
		{"another protocol", func(c *tls.Config) { c.NextProtos = []string{"h2"} }, nil, "protocol"},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := good()
			test.spoil(config)
			stream := dialRaw(t, l, config)
			if err := readGreeting(stream); err == nil {
				t.Error("let in")
			}
			why := next(t, refused)
			if test.want != nil && !errors.Is(why, test.want) || !strings.Contains(why.Error(), test.says) {
				t.Errorf("refused because %q; want %v%s", why, test.want, test.says)
			}
			if err := readGreeting(dialRaw(t, l, good())); err != nil {
				t.Errorf("the peer was refused afterwards: %v", err)
			}
		})
	}
}

// next waits for the next refusal.
func next(t *testing.T, refused <-chan error) error {
	t.Helper()
	select {
	case why := <-refused:
		return why
	case <-time.After(limit):
		t.Fatalf("waited %v for a connection to be refused", limit)
		return nil
	}
}

// Bytes that are not TLS end that connection.
func TestListenerRefusesNoise(t *testing.T) {
	refused := make(chan error, 16)
	l := listen(t, channeltest.NewKey(t), func(_ net.Addr, why error) { refused <- why })
	for _, noise := range []string{"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\xff\xff", strings.Repeat("\x00", 4096), ""} {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write([]byte(noise)); err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
		next(t, refused)
	}
}

// A dialling channel stays down, and says why, when it is answered by another than the peer, or in a way that does
// not last.
func TestDialerRefuses(t *testing.T) {
	nkey, skey := channeltest.NewKey(t), channeltest.NewKey(t)
	for _, test := range []struct {
		name  string
		spoil func(*tls.Config)
		says  string
	}{
		{"another key", func(c *tls.Config) { c.Certificates[0] = channeltest.Certificate(t, channeltest.NewKey(t)) }, hop.ErrPeer.Error()},
		{"no hybrid key exchange", func(c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.CurveP256} }, hop.ErrExchange.Error()},
		{"another protocol", func(c *tls.Config) { c.NextProtos = []string{"h2"} }, "protocol"},
		{"no protocol", func(c *tls.Config) { c.NextProtos = nil }, hop.ErrProtocol.Error()},
		{"our key refused", func(c *tls.Config) { c.VerifyConnection = func(tls.ConnectionState) error { return hop.ErrPeer } }, "has not accepted our key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := hop.Server(protocol, channeltest.Certificate(t, nkey), nil)
			config.VerifyConnection = nil
			test.spoil(config)
			fake, err := tls.Listen("tcp", "127.0.0.1:0", config)
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan struct{})
			go func() {
				defer close(done)
				for {
					conn, err := fake.Accept()
					if err != nil {
						return
					}
					_ = writeGreeting(conn) // it fails as it should
					_ = conn.Close()
				}
			}()
			south := open(t, Config{Name: "north", Key: skey, Peer: channeltest.Public(nkey), Dial: []string{fake.Addr().String()}})
			channeltest.WaitFor(t, south, test.says, func(down error) bool {
				if down == nil {
					t.Fatal("connected")
				}
				return strings.Contains(down.Error(), test.says)
			})
			_ = south.Close()
			_ = fake.Close()
			<-done
		})
	}
}

// Those who only hold places cannot keep the peer out.
func TestSilentGuestsGiveWay(t *testing.T) {
	nkey, skey := channeltest.NewKey(t), channeltest.NewKey(t)
	l := listen(t, nkey, nil)
	open(t, Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
	for range 3 * maxGuestsPerHost {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
	}
	south := open(t, Config{Name: "north", Key: skey, Peer: channeltest.Public(nkey), Dial: []string{l.Addr().String()}})
	channeltest.WaitUp(t, south)
	l.guests.mu.Lock()
	defer l.guests.mu.Unlock()
	if n := len(l.guests.list); n > maxGuestsPerHost {
		t.Errorf("%d guests of one host", n)
	}
}
