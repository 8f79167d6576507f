package tcp

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/channel/channeltest"
	"parley/internal/channel/hop"
	"parley/internal/courier"
)

// limit is how long any wait may take: far more than any needs.
const limit = 2 * time.Minute

func listen(t testing.TB, key ed25519.PrivateKey, refused func(net.Addr, error)) *Listener {
	t.Helper()
	l, err := Listen(ListenConfig{Address: "127.0.0.1:0", Key: key, Refused: refused})
	return channeltest.Opened(t, l, err)
}

func open(t testing.TB, cfg Config) *hop.Channel {
	t.Helper()
	c, err := New(cfg)
	return channeltest.Opened(t, c, err)
}

// connect makes a connected pair.
func connect(t testing.TB) (north, south *hop.Channel) {
	nkey, skey := channeltest.NewKey(t), channeltest.NewKey(t)
	l := listen(t, nkey, nil)
	north = open(t, Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
	south = open(t, Config{Name: "north", Key: skey, Peer: channeltest.Public(nkey), Dial: []string{l.Addr().String()}})
	channeltest.WaitUp(t, north)
	channeltest.WaitUp(t, south)
	return north, south
}

// cable is a relay of TCP connections that can be cut.
type cable struct {
	net.Listener
	to    string
	tasks sync.WaitGroup

	mu    sync.Mutex
	cut   bool
	conns []net.Conn
}

func newCable(t testing.TB, to string) *cable {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{Listener: l, to: to}
	c.tasks.Go(c.serve)
	t.Cleanup(func() {
		_ = l.Close()
		c.setCut(true)
		c.tasks.Wait()
	})
	return c
}

func (c *cable) serve() {
	for {
		in, err := c.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", c.to)
		if err != nil {
			_ = in.Close()
			continue
		}
		c.mu.Lock()
		if c.cut {
			_, _ = in.Close(), out.Close()
		} else {
			c.conns = append(c.conns, in, out)
			for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
				c.tasks.Go(func() {
					_, _ = io.Copy(way[0], way[1])
					_, _ = way[0].Close(), way[1].Close()
				})
			}
		}
		c.mu.Unlock()
	}
}

func (c *cable) setCut(cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = cut
	if cut {
		for _, conn := range c.conns {
			_ = conn.Close()
		}
		c.conns = nil
	}
}

func TestConformance(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) (a, b courier.Channel, cut, restore func()) {
		nkey, skey := channeltest.NewKey(t), channeltest.NewKey(t)
		l := listen(t, nkey, nil)
		cable := newCable(t, l.Addr().String())
		a = open(t, Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
		b = open(t, Config{Name: "north", Key: skey, Peer: channeltest.Public(nkey), Dial: []string{cable.Addr().String()}})
		return a, b, func() { cable.setCut(true) }, func() { cable.setCut(false) }
	})
}

// One listener serves many lines, each by the hop key of its peer.
func TestListenerServesManyLines(t *testing.T) {
	nkey := channeltest.NewKey(t)
	l := listen(t, nkey, nil)
	for range 3 {
		skey := channeltest.NewKey(t)
		north := open(t, Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
		south := open(t, Config{Name: "north", Key: skey, Peer: channeltest.Public(nkey), Dial: []string{l.Addr().String()}})
		channeltest.WaitUp(t, south)
		frame := channeltest.Frame(600)
		if err := south.Send(t.Context(), frame); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(channeltest.Receive(t, north), frame) {
			t.Error("the frame came by another line, or altered")
		}
		if _, err := New(Config{Name: "again", Peer: channeltest.Public(skey), Listener: l}); err == nil {
			t.Error("a second channel for the same peer was accepted")
		}
	}
}

// A peer that comes again, from a new place, is heard there and no longer in the old one.
func TestNewerConnectionReplacesOlder(t *testing.T) {
	nkey, skey := channeltest.NewKey(t), channeltest.NewKey(t)
	l := listen(t, nkey, nil)
	north := open(t, Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
	older := dialRaw(t, l, hop.Client(protocol, channeltest.Certificate(t, skey), channeltest.Public(nkey)))
	if err := readGreeting(older); err != nil {
		t.Fatal(err)
	}
	newer := dialRaw(t, l, hop.Client(protocol, channeltest.Certificate(t, skey), channeltest.Public(nkey)))
	if err := readGreeting(newer); err != nil {
		t.Fatal(err)
	}
	if _, err := older.Read(make([]byte, 1)); err == nil {
		t.Error("the older connection still carries")
	}
	frame := channeltest.Frame(600)
	if _, err := newer.Write(appendFrame(nil, frame)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(channeltest.Receive(t, north), frame) {
		t.Error("the frame was altered")
	}
}

// The second address is used when the first does not answer, and the first when the second is gone.
func TestDialsAddressesInTurn(t *testing.T) {
	nkey, skey := channeltest.NewKey(t), channeltest.NewKey(t)
	l := listen(t, nkey, nil)
	first, second := newCable(t, l.Addr().String()), newCable(t, l.Addr().String())
	first.setCut(true)
	open(t, Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
	south := open(t, Config{Name: "north", Key: skey, Peer: channeltest.Public(nkey),
		Dial: []string{first.Addr().String(), second.Addr().String()}})
	channeltest.WaitUp(t, south)
	first.setCut(false)
	second.setCut(true)
	channeltest.WaitDown(t, south)
	channeltest.WaitUp(t, south)
}

// Bytes that are no frame cost their connection, are told of, and nothing else.
func TestHostileStream(t *testing.T) {
	nkey, skey := channeltest.NewKey(t), channeltest.NewKey(t)
	l := listen(t, nkey, nil)
	north := open(t, Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
	for _, test := range []struct {
		name, bytes string
		told        bool
	}{
		{"empty frame", "\x00\x00\x00\x00", true},
		{"one too large", "\x00\x01\x00\x01", true},
		{"all ones", "\xff\xff\xff\xff\xff\xff\xff\xff", true},
		{"half a length", "\x00\x00", false},
		{"half a frame", "\x00\x00\x00\x09half", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			stream := dialRaw(t, l, hop.Client(protocol, channeltest.Certificate(t, skey), channeltest.Public(nkey)))
			if err := readGreeting(stream); err != nil {
				t.Fatal(err)
			}
			if _, err := stream.Write([]byte(test.bytes)); err != nil {
				t.Fatal(err)
			}
			if !test.told {
				_ = stream.Close()
				channeltest.WaitDown(t, north)
				return
			}
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			if _, err := north.Receive(ctx); !errors.Is(err, courier.ErrRefused) {
				t.Errorf("receive: %v; want ErrRefused", err)
			}
			if _, err := stream.Read(make([]byte, 1)); err == nil {
				t.Error("the connection still stands")
			}
		})
	}
	south := open(t, Config{Name: "north", Key: skey, Peer: channeltest.Public(nkey), Dial: []string{l.Addr().String()}})
	channeltest.WaitUp(t, south)
	if err := south.Send(t.Context(), []byte("good")); err != nil {
		t.Fatal(err)
	}
	if got := channeltest.Receive(t, north); string(got) != "good" {
		t.Errorf("received %q", got)
	}
}

// A Send that waits for a peer who does not read ends with its context, and the channel comes up again.
func TestSendEndsWithContext(t *testing.T) {
	_, south := connect(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	failed := make(chan error, 1)
	passed := make(chan struct{}, 1<<20)
	go func() {
		for {
			if err := south.Send(ctx, make([]byte, courier.MaxFrame)); err != nil {
				failed <- err
				return
			}
			passed <- struct{}{}
		}
	}()
	<-passed
	cancel()
	select {
	case err := <-failed:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("send: %v", err)
		}
	case <-time.After(limit):
		t.Fatal("waited for Send to end with its context")
	}
	channeltest.WaitUp(t, south)
}

func TestListenRefuses(t *testing.T) {
	if _, err := Listen(ListenConfig{Address: "127.0.0.1:0"}); err == nil {
		t.Error("listened without a key")
	}
	address := "127.0.0.1:http:"
	if _, err := Listen(ListenConfig{Address: address, Key: channeltest.NewKey(t)}); err == nil || !strings.Contains(err.Error(), address) {
		t.Errorf("listen on no address: %v", err)
	}
}

// dialRaw connects to l with a TLS configuration of the test's own.
func dialRaw(t testing.TB, l *Listener, config *tls.Config) *tls.Conn {
	t.Helper()
	conn, err := net.DialTimeout("tcp", l.Addr().String(), limit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(limit)); err != nil {
		t.Fatal(err)
	}
	return tls.Client(conn, config)
}
