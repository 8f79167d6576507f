package quic

import (
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	quicgo "github.com/quic-go/quic-go"

	"parley/internal/channel/channeltest"
	"parley/internal/channel/hop"
)

// dialRaw connects over the air with a configuration of the test's own, and returns why that, or the greeting, failed.
func dialRaw(t testing.TB, a *air, config *tls.Config) (*quicgo.Conn, error) {
	t.Helper()
	socket, err := a.open(netip.Addr{}, netip.AddrPort{})
	if err != nil {
		t.Fatal(err)
	}
	transport := &quicgo.Transport{Conn: socket}
	t.Cleanup(func() { _, _ = transport.Close(), socket.Close() })
	to := net.UDPAddrFromAddrPort(netip.MustParseAddrPort(airAddress))
	conn, err := transport.Dial(t.Context(), to, config, &quicgo.Config{HandshakeIdleTimeout: limit, InitialPacketSize: packetSize, DisablePathMTUDiscovery: true, EnableDatagrams: true})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = conn.CloseWithError(0, "") })
	return conn, greeted(t.Context(), conn)
}

// Nobody but the peer is let in, and the peer only in a way that lasts. After each attempt the peer still is.
func TestListenerRefuses(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(*testing.T, *tls.Config)
		want  error // or
		says  string
	}{
		{"unknown key", func(t *testing.T, c *tls.Config) {
			c.Certificates[0] = channeltest.Certificate(t, channeltest.NewKey(t))
		}, hop.ErrPeer, ""},
		{"no certificate", func(_ *testing.T, c *tls.Config) { c.Certificates = nil }, nil, "certificate"},
		{"two certificates", func(_ *testing.T, c *tls.Config) {
			own := &c.Certificates[0]
			own.Certificate = append(own.Certificate, own.Certificate[0])
		}, hop.ErrPeer, ""},
		{"a key of another kind", func(t *testing.T, c *tls.Config) { c.Certificates[0] = channeltest.ForeignCertificate(t) }, hop.ErrPeer, ""},
		{"the peer's certificate without its key", func(t *testing.T, c *tls.Config) { c.Certificates[0].PrivateKey = channeltest.NewKey(t) }, nil, "signature"},
		{"no hybrid key exchange", func(_ *testing.T, c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.X25519} }, hop.ErrExchange, ""},
		{"another protocol", func(_ *testing.T, c *tls.Config) { c.NextProtos = []string{"h3"} }, nil, "protocol"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newAir()
				nkey, skey := channeltest.NewKey(t), channeltest.NewKey(t)
				refused := make(chan error, 16)
				l := listen(t, ListenConfig{Address: airAddress, Key: nkey, sockets: a, Refused: func(_ net.Addr, why error) { refused <- why }})
				open(t, Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
				config := hop.Client(protocol, channeltest.Certificate(t, skey), channeltest.Public(nkey))
				config.VerifyConnection = nil // or this side would refuse first
				test.spoil(t, config)
				if _, err := dialRaw(t, a, config); err == nil {
					t.Error("let in")
				}
				select {
				case why := <-refused:
					if test.want != nil && !errors.Is(why, test.want) || !strings.Contains(why.Error(), test.says) {
						t.Errorf("refused because %q; want %v%s", why, test.want, test.says)
					}
				case <-time.After(limit):
					t.Error("nobody was told")
				}
				if _, err := dialRaw(t, a, hop.Client(protocol, channeltest.Certificate(t, skey), channeltest.Public(nkey))); err != nil {
					t.Errorf("the peer was refused afterwards: %v", err)
				}
			})
		})
	}
}

// A dialling channel stays down, and says why, when it is answered by another than the peer, or in a way that does
// not last.
func TestDialerRefuses(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(*testing.T, *tls.Config)
		says  string
	}{
		{"another key", func(t *testing.T, c *tls.Config) {
			c.Certificates[0] = channeltest.Certificate(t, channeltest.NewKey(t))
		}, hop.ErrPeer.Error()},
		{"no hybrid key exchange", func(_ *testing.T, c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.CurveP256} }, hop.ErrExchange.Error()},
		{"another protocol", func(_ *testing.T, c *tls.Config) { c.NextProtos = []string{"h3"} }, "protocol"},
		{"our key refused", func(_ *testing.T, c *tls.Config) {
			c.VerifyConnection = func(tls.ConnectionState) error { return hop.ErrPeer }
		}, "has not accepted our key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newAir()
				nkey, skey := channeltest.NewKey(t), channeltest.NewKey(t)
				config := hop.Server(protocol, channeltest.Certificate(t, nkey), nil)
				config.VerifyConnection = nil
				test.spoil(t, config)
				socket, err := a.listen(airAddress)
				if err != nil {
					t.Fatal(err)
				}
				transport := &quicgo.Transport{Conn: socket}
				defer func() { _, _ = transport.Close(), socket.Close() }()
				if _, err := transport.Listen(config, nil); err != nil {
					t.Fatal(err)
				}
				south := open(t, Config{Name: "north", Key: skey, Peer: channeltest.Public(nkey), Dial: []string{airAddress}, sockets: a})
				channeltest.WaitFor(t, south, test.says, func(down error) bool {
					if down == nil {
						t.Fatal("connected")
					}
					return strings.Contains(down.Error(), test.says)
				})
				_ = south.Close()
			})
		})
	}
}

// Who only holds places is made to prove its address, and has no more than one host may have; the peer gets in.
func TestGuests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir()
		nkey, skey := channeltest.NewKey(t), channeltest.NewKey(t)
		l := listen(t, ListenConfig{Address: airAddress, Key: nkey, sockets: a})
		open(t, Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
		stranger := func(i int) netip.Prefix { return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 32) }
		var held []*guest
		for range 2 * maxGuestsPerHost {
			if g, err := l.guests.enter(stranger(0), false); err == nil {
				held = append(held, g)
			}
		}
		if len(held) != maxGuestsPerHost {
			t.Errorf("one host has %d places; want %d", len(held), maxGuestsPerHost)
		}
		if !l.guests.crowded() {
			t.Error("no address would have to be proved")
		}
		if _, err := dialRaw(t, a, hop.Client(protocol, channeltest.Certificate(t, skey), channeltest.Public(nkey))); err != nil {
			t.Errorf("the peer was refused meanwhile: %v", err)
		}
		// When all places are taken there still is one for the peer, where it was before, and for nobody else.
		for i := range maxGuests {
			if g, err := l.guests.enter(stranger(1+i/maxGuestsPerHost), false); err == nil {
				held = append(held, g)
			}
		}
		if len(held) != maxGuests {
			t.Errorf("there are %d places; want %d", len(held), maxGuests)
		}
		if _, err := dialRaw(t, a, hop.Client(protocol, channeltest.Certificate(t, skey), channeltest.Public(nkey))); err != nil {
			t.Errorf("the peer was refused from where it was before: %v", err)
		}
		a.set(func() { a.source = second })
		if _, err := dialRaw(t, a, hop.Client(protocol, channeltest.Certificate(t, channeltest.NewKey(t)), channeltest.Public(nkey))); err == nil {
			t.Error("a place was left over")
		}
		for _, g := range held {
			if !g.leave() || g.leave() {
				t.Error("a place was not given back once")
			}
		}
		noGuests(t, l)
	})
}

// Packets that are no QUIC, or only its beginning, leave nothing behind.
func TestNoise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir()
		nkey, skey := channeltest.NewKey(t), channeltest.NewKey(t)
		l := listen(t, ListenConfig{Address: airAddress, Key: nkey, sockets: a})
		open(t, Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
		socket, err := a.open(netip.Addr{}, netip.AddrPort{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = socket.Close() }()
		to := net.UDPAddrFromAddrPort(netip.MustParseAddrPort(airAddress))
		for _, noise := range []string{"", "GET / HTTP/1.1\r\n\r\n", strings.Repeat("\x00", 1200), "\xc0\x00\x00\x00\x01" + strings.Repeat("\x08", 1195), strings.Repeat("\xff", 1500)} {
			if _, err := socket.WriteTo([]byte(noise), to); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := dialRaw(t, a, hop.Client(protocol, channeltest.Certificate(t, skey), channeltest.Public(nkey))); err != nil {
			t.Errorf("the peer was refused afterwards: %v", err)
		}
		time.Sleep(2 * handshakeLimit)
		noGuests(t, l)
	})
}

func noGuests(t *testing.T, l *Listener) {
	t.Helper()
	l.guests.mu.Lock()
	defer l.guests.mu.Unlock()
	if l.guests.all != 0 || len(l.guests.hosts) != 0 {
		t.Errorf("%d places are taken, of %d hosts", l.guests.all, len(l.guests.hosts))
	}
}
