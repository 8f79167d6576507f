package pouch

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"parley/internal/channel/channeltest"
	"parley/internal/courier"
)

func TestConformance(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) (a, b courier.Channel, cut, restore func()) {
		dir := t.TempDir()
		east, west := filepath.Join(dir, "east"), filepath.Join(dir, "west")
		for _, folder := range []string{east, west} {
			if err := os.Mkdir(folder, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		rename := func(from, to string) {
			for _, folder := range []string{east, west} {
				if err := os.Rename(folder+from, folder+to); err != nil {
					t.Error(err)
				}
			}
		}
		return open(t, Config{Name: "south", Out: east, In: west, Poll: 5 * time.Millisecond}),
			open(t, Config{Name: "north", Out: west, In: east, Poll: 5 * time.Millisecond}),
			func() { rename("", ".out") }, func() { rename(".out", "") }
	})
}

func open(t *testing.T, cfg Config) *Channel {
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}
