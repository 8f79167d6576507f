package hop

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// fake is a connection that carries nothing and stands until it is closed.
type fake struct {
	gone chan struct{}
	once sync.Once
	why  error
}

func newFake() *fake { return &fake{gone: make(chan struct{})} }

func (f *fake) Write(context.Context, [][]byte) (int, error) { return 0, net.ErrClosed }

func (f *fake) Serve(pass func([]byte, error)) {
	<-f.gone
	pass(nil, f.why)
}

func (f *fake) Close(why error) {
	f.once.Do(func() {
		f.why = why
		close(f.gone)
	})
}

func (f *fake) Gone() <-chan struct{} { return f.gone }
func (f *fake) Remote() net.Addr      { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 4700} }

func newKey(t *testing.T) ed25519.PrivateKey {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// dialling makes a channel that connects by dial.
func dialling(t *testing.T, addresses []string, dial func(address string) (Conn, error)) *Channel {
	key := newKey(t)
	c, err := New(Config{
		Kind: "fake", Name: "north", Key: key, Peer: key.Public().(ed25519.PublicKey), Addresses: addresses, Protocol: "fake/1",
		Dial: func(_ context.Context, address string, _ *tls.Config) (Conn, error) { return dial(address) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// However long a route has been down, it is tried again within a second; each address in its turn. After a connection
// that lasted, the first attempt comes at once.
func TestReconnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const attempts = 1000
		var mu sync.Mutex // guards all until c
		var at []time.Time
		var where []string
		conn := newFake()
		ready := false
		c := dialling(t, []string{"one", "two"}, func(address string) (Conn, error) {
			mu.Lock()
			defer mu.Unlock()
			at, where = append(at, time.Now()), append(where, address)
			if ready {
				return conn, nil
			}
			return nil, errors.New("nobody answers at " + address)
		})
		up := func() {
			for _, down := c.Up(); down != nil; _, down = c.Up() {
				time.Sleep(time.Millisecond)
			}
		}
		time.Sleep(attempts * lastBackoff)
		mu.Lock()
		ready = true
		mu.Unlock()
		up()
		mu.Lock()
		if len(at) <= attempts {
			t.Errorf("%d attempts in %v", len(at), attempts*lastBackoff)
		}
		for i := 1; i < len(at); i++ {
			if gap := at[i].Sub(at[i-1]); gap > lastBackoff {
				t.Errorf("attempt %d came %v after the one before it", i, gap)
			}
			if where[i] == where[i-1] {
				t.Errorf("attempt %d went to %q again", i, where[i])
			}
		}

		first := conn
		conn = newFake()
		mu.Unlock()
		time.Sleep(time.Hour)
		lost := time.Now()
		c.drop(first, net.ErrClosed)
		up()
		if took := time.Since(lost); took > firstBackoff {
			t.Errorf("after a connection that lasted it took %v", took)
		}
		mu.Lock()
		if where[len(where)-1] != where[len(where)-2] {
			t.Error("it left the address that answered")
		}
		mu.Unlock()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if !errors.Is(conn.why, ErrClosed) {
			t.Errorf("its connection ended because %v", conn.why)
		}
	})
}

// A peer that accepts and hangs up at once is not dialled more often than one that does not answer.
func TestHangUpsAreNoSuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dialled atomic.Int64
		c := dialling(t, []string{"one"}, func(string) (Conn, error) {
			dialled.Add(1)
			conn := newFake()
			conn.Close(net.ErrClosed)
			return conn, nil
		})
		time.Sleep(time.Hour)
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if most := int64(2*time.Hour/lastBackoff) + 10; dialled.Load() > most {
			t.Errorf("it dialled %d times in an hour; want at most %d", dialled.Load(), most)
		}
	})
}

// At a door the newer connection of a peer takes the place of the older; a closed channel takes none.
func TestOneConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		door := NewDoor("fake", nil)
		key := newKey(t).Public().(ed25519.PublicKey)
		c, err := New(Config{Kind: "fake", Name: "south", Peer: key, Door: door})
		if err != nil {
			t.Fatal(err)
		}
		older, newer, late := newFake(), newFake(), newFake()
		for _, conn := range []*fake{older, newer} {
			if err := c.admit(conn); err != nil {
				t.Fatal(err)
			}
		}
		<-older.Gone()
		if !errors.Is(older.why, errReplaced) {
			t.Errorf("the older ended because %v", older.why)
		}
		synctest.Wait()
		if _, down := c.Up(); down != nil || c.Conn() != newer {
			t.Errorf("it uses %v and tells %v", c.Conn(), down)
		}
		if !door.Knows(Host(newer.Remote())) {
			t.Error("the door does not know where its peer was")
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if err := c.admit(late); !errors.Is(err, errNoChannel) {
			t.Errorf("a closed channel took a connection: %v", err)
		}
		if door.channel(key) != nil {
			t.Error("the door still knows the channel")
		}
	})
}

type otherSigner struct{ crypto.Signer }

func (otherSigner) Public() crypto.PublicKey { return "no key" }

func TestNewRefuses(t *testing.T) {
	key := newKey(t)
	peer, to := key.Public().(ed25519.PublicKey), []string{"192.0.2.1:1"}
	door := NewDoor("fake", nil)
	for name, cfg := range map[string]Config{
		"no peer":     {Key: key, Addresses: to},
		"no route":    {Key: key, Peer: peer},
		"two routes":  {Key: key, Peer: peer, Addresses: to, Door: door},
		"no key":      {Peer: peer, Addresses: to},
		"another key": {Key: otherSigner{key}, Peer: peer, Addresses: to},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	c, err := New(Config{Peer: peer, Door: door})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(Config{Peer: peer, Door: door}); err == nil {
		t.Error("a second channel for the same peer was accepted")
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
