package quic

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/channel/channeltest"
	"parley/internal/courier"
)

// A path that shrinks to what QUIC needs at least goes on carrying the largest frames, by the same connection.
func TestShrinkingPath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir()
		north, south := pair(t, a)
		channeltest.WaitUp(t, south)
		channeltest.WaitUp(t, north)
		channeltest.Carry(t, south, north, courier.MaxFrame)
		before := south.Conn()
		a.set(func() { a.largest = 1200 })
		for range 10 {
			channeltest.Carry(t, south, north, courier.MaxFrame)
			channeltest.Carry(t, north, south, courier.MaxFrame)
		}
		if south.Conn() != before {
			t.Error("it took another connection")
		}
	})
}

// On a path that shrinks below that, small frames pass and large ones wait; they arrive when it is as large again. No new
// connection is made over such a path, and that is told.
func TestTooSmallPath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir()
		north, south := pair(t, a)
		channeltest.WaitUp(t, south)
		channeltest.WaitUp(t, north)
		before := south.Conn()
		a.set(func() { a.largest = 1000 })
		large := channeltest.Frame(1150)
		if err := south.Send(t.Context(), large); err != nil {
			t.Fatal(err)
		}
		for range 30 {
			channeltest.Carry(t, south, north, 300)
			channeltest.Carry(t, north, south, 300)
			time.Sleep(time.Second)
		}
		a.set(func() { a.largest = 0 })
		if !bytes.Equal(channeltest.Receive(t, north), large) {
			t.Error("the large frame was altered")
		}
		if south.Conn() != before {
			t.Error("it took another connection")
		}
		a.set(func() { a.cut, a.largest = true, 1000 })
		channeltest.WaitDown(t, south)
		a.set(func() { a.cut = false })
		time.Sleep(time.Minute)
		if _, down := south.Up(); down == nil || !strings.Contains(down.Error(), "handshake") {
			t.Errorf("over a path of 1,000 bytes it tells %v", down)
		}
		a.set(func() { a.largest = 0 })
		channeltest.WaitUp(t, south)
		channeltest.Carry(t, south, north, courier.MaxFrame)
	})
}
