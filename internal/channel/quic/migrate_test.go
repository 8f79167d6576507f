package quic

import (
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/channel/channeltest"
)

// The connection moves, and goes on as the one it was, when its path ends and another would do.
func TestMoves(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(a *air, port uint16)
	}{
		{"the machine sends from another address", func(a *air, _ uint16) { a.source = second }},
		{"its interface is gone", func(a *air, _ uint16) { a.source, a.dead[first] = second, true }},
		{"a gateway has forgotten the port", func(a *air, port uint16) { a.forgot[port] = true }},
		{"a gateway shows another port", func(a *air, port uint16) { a.public[port] = port - 1000 }},
		{"the machine has not noticed that its interface is dead", func(a *air, _ uint16) { a.dead[first] = true }},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newAir()
				north, south := pair(t, a)
				channeltest.WaitUp(t, south)
				channeltest.WaitUp(t, north)
				channeltest.Carry(t, south, north, 600)
				near, far := south.Conn(), north.Conn()
				a.set(func() { test.change(a, a.next) })
				for range 30 {
					channeltest.Carry(t, south, north, 600)
					channeltest.Carry(t, north, south, 600)
					time.Sleep(time.Second)
				}
				if south.Conn() != near || north.Conn() != far {
					t.Error("it took another connection")
				}
			})
		})
	}
}

// A path that comes back in time is no reason for another connection, however often that happens.
func TestStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir()
		north, south := pair(t, a)
		channeltest.WaitUp(t, south)
		channeltest.WaitUp(t, north)
		near := south.Conn()
		for range 20 {
			a.set(func() { a.cut = true })
			time.Sleep(4 * time.Second)
			a.set(func() { a.cut = false })
			channeltest.Carry(t, south, north, 600)
			channeltest.Carry(t, north, south, 600)
			time.Sleep(time.Second)
			if south.Conn() != near {
				t.Error("it took another connection")
			}
		}
	})
}
