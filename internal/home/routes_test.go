package home

import (
	"crypto/ed25519"
	"errors"
	"testing"

	"parley/internal/channel/quic"
	"parley/internal/channel/tcp"
	"parley/internal/courier"
	"parley/internal/rostertest"
	"parley/roster"
)

// A setting of a channel that would not be obeyed is refused.
func TestSettingsThatDoNotFit(t *testing.T) {
	h := &Home{dir: t.TempDir(), config: Config{Party: "north"}}
	listens := roster.Channel{Name: "a", Kind: roster.TCP, Listener: "north", Address: "192.0.2.1:1"}
	dials := roster.Channel{Name: "a", Kind: roster.TCP, Listener: "south", Address: "192.0.2.1:1"}
	pouch := roster.Channel{Name: "a", Kind: roster.Pouch}
	for _, c := range []struct {
		name    string
		channel roster.Channel
		own     ChannelConfig
		ok      bool
	}{
		{"listen where it listens", listens, ChannelConfig{Listen: ":1"}, true},
		{"dial where it dials", dials, ChannelConfig{Dial: "a:1"}, true},
		{"folders of a pouch", pouch, ChannelConfig{Out: "a", In: "b"}, true},
		{"listen where it dials", dials, ChannelConfig{Listen: ":1"}, false},
		{"dial where it listens", listens, ChannelConfig{Dial: "a:1"}, false},
		{"listen for a pouch", pouch, ChannelConfig{Listen: ":1"}, false},
		{"folder for tcp", dials, ChannelConfig{In: "a"}, false},
	} {
		err := c.own.fits(c.channel, h)
		if c.ok != (err == nil) || err != nil && !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func routesOf(t *testing.T, h *Home) *routes {
	t.Helper()
	r := &routes{home: h, hops: &hops{home: h, lines: map[string]*hopLine{}}, tcp: map[string]*tcp.Listener{}, quic: map[string]*quic.Listener{}, pouches: map[string]bool{}}
	t.Cleanup(func() {
		if err := r.close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// A channel of kind quic listens where this side is told to, and on one socket for all lines.
func TestQUICListens(t *testing.T) {
	_, hop, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	h := &Home{dir: t.TempDir(), config: Config{Party: "north"}}
	listen := ChannelConfig{Listen: "127.0.0.1:0"}
	h.config.Lines = map[string]LineConfig{"south": {Channels: map[string]ChannelConfig{"one": listen}}, "east": {Channels: map[string]ChannelConfig{"one": listen}}}
	r := routesOf(t, h)
	r.hop = hop
	for _, peer := range []string{"south", "east"} {
		line := rostertest.New(t, rostertest.Seed(peer), rostertest.Channels(roster.Channel{Name: "one", Kind: roster.QUIC, Listener: "north", Address: "192.0.2.1:7700"}))
		if got, err := r.of(peer, line.Roster); err != nil || len(got) != 1 || got[0].Class != courier.Fast {
			t.Errorf("%s: %v, %v", peer, got, err)
		}
	}
	if len(r.quic) != 1 || len(r.tcp) != 0 {
		t.Errorf("%d listeners of quic and %d of tcp", len(r.quic), len(r.tcp))
	}
}

func TestPipesAreNotServed(t *testing.T) {
	h := &Home{dir: t.TempDir(), config: Config{Party: "north"}}
	line := rostertest.New(t, rostertest.Channels(roster.Channel{Name: "one", Kind: roster.Pipe}))
	if _, err := routesOf(t, h).of("south", line.Roster); !errors.Is(err, ErrPipe) {
		t.Errorf("a pipe: %v, want ErrPipe", err)
	}
}

// Two pouches of one line must not share their folders.
func TestEachPouchHasItsFolders(t *testing.T) {
	line := rostertest.New(t, rostertest.Channels(
		roster.Channel{Name: "stick", Kind: roster.Pouch}, roster.Channel{Name: "bag", Kind: roster.Pouch}))
	h := &Home{dir: t.TempDir(), config: Config{Party: "north"}}
	if _, err := routesOf(t, h).of("south", line.Roster); !errors.Is(err, ErrConfig) {
		t.Errorf("two pouches without folders: %v, want ErrConfig", err)
	}
	h.config.Lines = map[string]LineConfig{"south": {Channels: map[string]ChannelConfig{"bag": {Out: t.TempDir(), In: t.TempDir()}}}}
	got, err := routesOf(t, h).of("south", line.Roster)
	if err != nil || len(got) != 2 {
		t.Errorf("with folders of its own: %d routes, %v", len(got), err)
	}
}
