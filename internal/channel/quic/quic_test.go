package quic

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/channel/channeltest"
	"parley/internal/courier"
)

// limit is how long any wait may take: far more than any needs.
const limit = 2 * time.Minute

func newKey(t testing.TB) ed25519.PrivateKey {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

func listen(t testing.TB, cfg ListenConfig) *Listener {
	l, err := Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func open(t testing.TB, cfg Config) *Channel {
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// pair makes both ends of a channel over the air.
func pair(t testing.TB, a *air) (north, south *Channel) {
	nkey, skey := newKey(t), newKey(t)
	l := listen(t, ListenConfig{Address: airAddress, Key: nkey, sockets: a})
	north = open(t, Config{Name: "south", Peer: public(skey), Listener: l})
	south = open(t, Config{Name: "north", Key: skey, Peer: public(nkey), Dial: []string{airAddress}, sockets: a})
	return north, south
}

func waitUp(t testing.TB, c courier.Upper) {
	t.Helper()
	waitFor(t, c, "up", func(down error) bool { return down == nil })
}

// waitFor waits until what Up tells is what the test wants.
func waitFor(t testing.TB, c courier.Upper, what string, is func(down error) bool) {
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

func receive(t testing.TB, c *Channel) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	frame, err := c.Receive(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return frame
}

// carry sends one frame and waits for it.
func carry(t testing.TB, from, to *Channel, size int) {
	t.Helper()
	frame := channeltest.Frame(size)
	if err := from.Send(t.Context(), frame); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(receive(t, to), frame) {
		t.Fatal("another frame came, or it was altered")
	}
}

// inUse is the connection that c uses.
func inUse(c *Channel) *connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conn
}

func TestConformance(t *testing.T) {
	for name, spoil := range map[string]func(*air){
		"good": func(*air) {},
		"bad": func(a *air) {
			a.loss, a.twice, a.delay, a.jitter = 0.1, 0.1, 20*time.Millisecond, 30*time.Millisecond
		},
	} {
		t.Run(name, func(t *testing.T) {
			channeltest.RunInBubble(t, func(t *testing.T) (a, b courier.Channel, cut, restore func()) {
				air := newAir()
				spoil(air)
				a, b = pair(t, air)
				return a, b, func() { air.set(func() { air.cut = true }) }, func() { air.set(func() { air.cut = false }) }
			})
		})
	}
}

// A path that shrinks to what QUIC needs at least goes on carrying the largest frames, by the same connection.
func TestShrinkingPath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir()
		north, south := pair(t, a)
		waitUp(t, south)
		waitUp(t, north)
		carry(t, south, north, courier.MaxFrame)
		before := inUse(south)
		a.set(func() { a.largest = 1200 })
		for range 10 {
			carry(t, south, north, courier.MaxFrame)
			carry(t, north, south, courier.MaxFrame)
		}
		if inUse(south) != before {
			t.Error("it took another connection")
		}
	})
}

// Both ends notice within 10 s that the other is gone, idle or not.
func TestDeadPeerIsNoticed(t *testing.T) {
	for name, poke := range map[string]bool{"idle": false, "sending": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newAir()
				north, south := pair(t, a)
				waitUp(t, south)
				waitUp(t, north)
				time.Sleep(time.Hour)
				a.set(func() { a.cut = true })
				began := time.Now()
				for _, end := range []*Channel{north, south} {
					if poke {
						if err := end.Send(t.Context(), channeltest.Frame(600)); err != nil {
							t.Error(err)
						}
					}
					waitFor(t, end, "down", func(down error) bool { return down != nil })
				}
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// A listener that comes back after a crash tells the peer, at the first frame, that the old connection is no more.
func TestRestartIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir()
		nkey, skey := newKey(t), newKey(t)
		l := listen(t, ListenConfig{Address: airAddress, Key: nkey, sockets: a})
		open(t, Config{Name: "south", Peer: public(skey), Listener: l})
		south := open(t, Config{Name: "north", Key: skey, Peer: public(nkey), Dial: []string{airAddress}, sockets: a})
		waitUp(t, south)
		_ = l.transport.Close() // without a word, as in a crash
		_ = l.transport.Conn.Close()
		again := listen(t, ListenConfig{Address: airAddress, Key: nkey, sockets: a})
		open(t, Config{Name: "south", Peer: public(skey), Listener: again})
		began := time.Now()
		if err := south.Send(t.Context(), channeltest.Frame(600)); err != nil {
			t.Fatal(err)
		}
		waitFor(t, south, "down", func(down error) bool { return down != nil })
		waitUp(t, south)
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// A peer that comes again is heard there and no longer in the old place.
func TestNewerConnectionReplacesOlder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir()
		nkey, skey := newKey(t), newKey(t)
		l := listen(t, ListenConfig{Address: airAddress, Key: nkey, sockets: a})
		north := open(t, Config{Name: "south", Peer: public(skey), Listener: l})
		older := open(t, Config{Name: "older", Key: skey, Peer: public(nkey), Dial: []string{airAddress}, sockets: a})
		waitUp(t, older)
		waitUp(t, north)
		was := inUse(older)
		newer := open(t, Config{Name: "newer", Key: skey, Peer: public(nkey), Dial: []string{airAddress}, sockets: a})
		waitUp(t, newer)
		<-was.gone()
		_ = older.Close()
		waitUp(t, newer)
		waitUp(t, north)
	})
}

// One listener serves many lines, each by the hop key of its peer.
func TestListenerServesManyLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir()
		nkey := newKey(t)
		l := listen(t, ListenConfig{Address: airAddress, Key: nkey, sockets: a})
		for range 3 {
			skey := newKey(t)
			north := open(t, Config{Name: "south", Peer: public(skey), Listener: l})
			south := open(t, Config{Name: "north", Key: skey, Peer: public(nkey), Dial: []string{airAddress}, sockets: a})
			waitUp(t, south)
			carry(t, south, north, 600)
			if _, err := New(Config{Name: "again", Peer: public(skey), Listener: l}); err == nil {
				t.Error("a second channel for the same peer was accepted")
			}
		}
	})
}

// A Send that waits for a peer who does not read ends with its context, and costs its own frame and no connection.
func TestSendEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		north, south := pair(t, newAir())
		waitUp(t, south)
		waitUp(t, north)
		before := inUse(south)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		sent := 0
		var err error
		for ; err == nil; sent++ {
			err = south.Send(ctx, make([]byte, courier.MaxFrame))
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("send: %v", err)
		}
		if inUse(south) != before {
			t.Error("it cost the connection")
		}
		for range sent - 1 {
			receive(t, north)
		}
		carry(t, south, north, 600)
	})
}

// The second address is used when the first does not answer.
func TestDialsAddressesInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir()
		nkey, skey := newKey(t), newKey(t)
		l := listen(t, ListenConfig{Address: airAddress, Key: nkey, sockets: a})
		open(t, Config{Name: "south", Peer: public(skey), Listener: l})
		south := open(t, Config{Name: "north", Key: skey, Peer: public(nkey), Dial: []string{"192.0.2.9:9", airAddress}, sockets: a})
		waitUp(t, south)
	})
}

type otherSigner struct{ crypto.Signer }

func (otherSigner) Public() crypto.PublicKey { return "no key" }

func TestNewRefuses(t *testing.T) {
	key := newKey(t)
	for name, cfg := range map[string]Config{
		"no peer":     {Key: key, Dial: []string{"127.0.0.1:1"}},
		"no route":    {Key: key, Peer: public(key)},
		"two routes":  {Key: key, Peer: public(key), Dial: []string{"127.0.0.1:1"}, Listener: &Listener{}},
		"no key":      {Peer: public(key), Dial: []string{"127.0.0.1:1"}},
		"another key": {Key: otherSigner{key}, Peer: public(key), Dial: []string{"127.0.0.1:1"}},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := Listen(ListenConfig{Address: "127.0.0.1:0"}); err == nil {
		t.Error("listened without a key")
	}
	if _, err := Listen(ListenConfig{Address: "127.0.0.1:http:", Key: key}); err == nil || !strings.Contains(err.Error(), "127.0.0.1:http:") {
		t.Errorf("listen on no address: %v", err)
	}
}

var _ net.PacketConn = (*airSocket)(nil)
