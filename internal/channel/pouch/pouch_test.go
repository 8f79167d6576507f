package pouch

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/channel/channeltest"
	"parley/internal/courier"
)

func TestConformance(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) (a, b courier.Channel, cut, restore func()) {
		r := newRoute(t)
		r.poll = 5 * time.Millisecond
		return r.open(r.east, r.west), r.open(r.west, r.east), r.pull, r.insert
	})
}

func TestNewRefuses(t *testing.T) {
	for _, cfg := range []Config{{Out: "a"}, {In: "a"}, {Out: "a", In: "a"}} {
		if _, err := New(cfg); err == nil {
			t.Errorf("accepted %+v", cfg)
		}
	}
}

// The courier deletes a file when the station has settled its frames, and poison in the folder stops nothing.
func TestWithCourier(t *testing.T) {
	bubble(t, func(t *testing.T, r *route) {
		r.lay("0.pouch", "poison")
		north, south := r.open(r.west, r.east), r.open(r.east, r.west)
		var held []courier.Inbound
		run := func(c *Channel, deliver func(courier.Inbound)) *courier.Courier {
			k := courier.New(courier.Config{Channels: []courier.Leg{{Channel: c, Class: courier.Carried}}, Deliver: deliver})
			go func() { _ = k.Run(t.Context()) }()
			return k
		}
		sender := run(north, func(courier.Inbound) {})
		receiver := run(south, func(in courier.Inbound) { held = append(held, in) })
		synctest.Wait()
		for i := range 300 {
			if !sender.Send("stick", i%courier.Urgencies, fmt.Appendf(nil, "frame %d", i)) {
				t.Fatalf("frame %d was not queued", i)
			}
		}
		elapse(repeat)
		equal(t, "received", len(held), 300)
		if n := len(strings.Fields(r.names(r.west))); n > 10 {
			t.Errorf("%d files for 300 frames sent together", n)
		}
		for _, in := range held {
			in.Settle()
		}
		equal(t, "left", r.names(r.west), refusedFolder)
		equal(t, "refused", receiver.States()[0].Refused, 1)
	})
}
