package quic

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/channel/channeltest"
	"parley/internal/channel/hop"
	"parley/internal/courier"
)

// limit is how long any wait may take: far more than any needs.
const limit = 2 * time.Minute

func listen(t testing.TB, cfg ListenConfig) *Listener {
	t.Helper()
	l, err := Listen(cfg)
	return channeltest.Opened(t, l, err)
}

func open(t testing.TB, cfg Config) *hop.Channel {
	t.Helper()
	c, err := New(cfg)
	return channeltest.Opened(t, c, err)
}

// pair makes both ends of a channel over the air.
func pair(t testing.TB, a *air) (north, south *hop.Channel) {
	nkey, skey := channeltest.NewKey(t), channeltest.NewKey(t)
	l := listen(t, ListenConfig{Address: airAddress, Key: nkey, sockets: a})
	north = open(t, Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
	south = open(t, Config{Name: "north", Key: skey, Peer: channeltest.Public(nkey), Dial: []string{airAddress}, sockets: a})
	return north, south
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

// Both ends notice within 10 s that the other is gone, idle or not.
func TestDeadPeerIsNoticed(t *testing.T) {
	for name, poke := range map[string]bool{"idle": false, "sending": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newAir()
				north, south := pair(t, a)
				channeltest.WaitUp(t, south)
				channeltest.WaitUp(t, north)
				time.Sleep(time.Hour)
				a.set(func() { a.cut = true })
				began := time.Now()
				ends := []*hop.Channel{north, south}
				for _, end := range ends { // both, before either can have noticed
					if poke {
						if err := end.Send(t.Context(), channeltest.Frame(600)); err != nil {
							t.Error(err)
						}
					}
				}
				for _, end := range ends {
					channeltest.WaitDown(t, end)
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
		nkey, skey := channeltest.NewKey(t), channeltest.NewKey(t)
		l := listen(t, ListenConfig{Address: airAddress, Key: nkey, sockets: a})
		open(t, Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
		south := open(t, Config{Name: "north", Key: skey, Peer: channeltest.Public(nkey), Dial: []string{airAddress}, sockets: a})
		channeltest.WaitUp(t, south)
		_ = l.transport.Close() // without a word, as in a crash
		_ = l.transport.Conn.Close()
		again := listen(t, ListenConfig{Address: airAddress, Key: nkey, sockets: a})
		open(t, Config{Name: "south", Peer: channeltest.Public(skey), Listener: again})
		began := time.Now()
		if err := south.Send(t.Context(), channeltest.Frame(600)); err != nil {
			t.Fatal(err)
		}
		channeltest.WaitDown(t, south)
		channeltest.WaitUp(t, south)
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// A peer that comes again is heard there and no longer in the old place.
func TestNewerConnectionReplacesOlder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir()
		nkey, skey := channeltest.NewKey(t), channeltest.NewKey(t)
		l := listen(t, ListenConfig{Address: airAddress, Key: nkey, sockets: a})
		north := open(t, Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
		older := open(t, Config{Name: "older", Key: skey, Peer: channeltest.Public(nkey), Dial: []string{airAddress}, sockets: a})
		channeltest.WaitUp(t, older)
		channeltest.WaitUp(t, north)
		was := older.Conn()
		newer := open(t, Config{Name: "newer", Key: skey, Peer: channeltest.Public(nkey), Dial: []string{airAddress}, sockets: a})
		channeltest.WaitUp(t, newer)
		<-was.Gone()
		_ = older.Close()
		channeltest.WaitUp(t, newer)
		channeltest.WaitUp(t, north)
	})
}

// One listener serves many lines, each by the hop key of its peer.
func TestListenerServesManyLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir()
		nkey := channeltest.NewKey(t)
		l := listen(t, ListenConfig{Address: airAddress, Key: nkey, sockets: a})
		for range 3 {
			skey := channeltest.NewKey(t)
			north := open(t, Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
			south := open(t, Config{Name: "north", Key: skey, Peer: channeltest.Public(nkey), Dial: []string{airAddress}, sockets: a})
			channeltest.WaitUp(t, south)
			channeltest.Carry(t, south, north, 600)
			if _, err := New(Config{Name: "again", Peer: channeltest.Public(skey), Listener: l}); err == nil {
				t.Error("a second channel for the same peer was accepted")
			}
		}
	})
}

// A Send that waits for a peer who does not read ends with its context, and costs its own frame and no connection.
func TestSendEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		north, south := pair(t, newAir())
		channeltest.WaitUp(t, south)
		channeltest.WaitUp(t, north)
		before := south.Conn()
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
		if south.Conn() != before {
			t.Error("it cost the connection")
		}
		for range sent - 1 {
			channeltest.Receive(t, north)
		}
		channeltest.Carry(t, south, north, 600)
	})
}

// The second address is used when the first does not answer.
func TestDialsAddressesInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir()
		nkey, skey := channeltest.NewKey(t), channeltest.NewKey(t)
		l := listen(t, ListenConfig{Address: airAddress, Key: nkey, sockets: a})
		open(t, Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
		south := open(t, Config{Name: "north", Key: skey, Peer: channeltest.Public(nkey), Dial: []string{"192.0.2.9:9", airAddress}, sockets: a})
		channeltest.WaitUp(t, south)
	})
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

var _ net.PacketConn = (*airSocket)(nil)
