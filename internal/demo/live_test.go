package demo_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"parley/internal/demo"
	"parley/internal/hometest"
)

// TestLive presses every key, each when the picture shows what the one before
// it did, and ends when all that was said is proved.
func TestLive(t *testing.T) {
	if testing.Short() {
		t.Skip("sets up two parties")
	}
	texts, err := demo.Texts()
	if err != nil {
		t.Fatal(err)
	}
	waits := func(p demo.Picture) bool { return p.Stations[0].Said > p.Stations[0].Proved }
	steps := []struct {
		press string
		until func(demo.Picture) bool
	}{
		{"", func(p demo.Picture) bool {
			return p.Stations[0].Proved > 0 && p.Stations[1].Proved > 0 && p.Channels[0].Up == [2]bool{true, true} && came(p.Messages)
		}},
		{"?", func(p demo.Picture) bool { return p.Help }},
		{"?1234", func(p demo.Picture) bool {
			return !p.Help && p.Channels[0].Cut && p.Channels[3].Cut && waits(p) && p.Channels[2].Up == [2]bool{}
		}},
		{"l", func(p demo.Picture) bool { return p.Stations[1].State == demo.Killed }},
		{"1234", func(p demo.Picture) bool { return !p.Channels[0].Cut && !p.Channels[3].Cut }},
		{"l", func(p demo.Picture) bool { return p.Stations[1].State == demo.Running && !waits(p) }},
		{"k", func(p demo.Picture) bool { return p.Stations[0].State == demo.Killed }},
		{"k", func(p demo.Picture) bool { return p.Stations[0].State == demo.Running }},
		{" f", func(p demo.Picture) bool { return p.Paused && p.Stations[0].Said == p.Stations[0].Proved }},
		{"q", nil},
	}
	keys := make(chan rune, 16)
	step := 0
	var told []string
	show := func(p demo.Picture) error {
		for step < len(steps) && steps[step].until != nil && steps[step].until(p) {
			step++
			for _, key := range steps[step].press {
				keys <- key
			}
		}
		return nil
	}
	limit := time.AfterFunc(2*time.Minute, func() { close(keys) })
	defer limit.Stop()
	r, err := demo.Live(t.Context(), demo.LiveOptions{
		Texts: texts, Command: hometest.Station(t), Keys: keys, Every: 50 * time.Millisecond, Show: show,
		Tell: func(line string) { told = append(told, line) },
	})
	if err != nil {
		t.Fatalf("%v; told:\n%s", err, strings.Join(told, "\n"))
	}
	if step != len(steps)-1 {
		t.Fatalf("waited two minutes for what %q does; told:\n%s", steps[step].press, strings.Join(told, "\n"))
	}
	if r.Sent == 0 || r.Cuts != 4 || r.Kills != 2 || r.Transcripts != 2 {
		t.Errorf("%+v", r)
	}
	all := strings.Join(told, "\n")
	for _, want := range []string{"the pouch is cut", "the cable is restored", "south is killed", "north is started again", "proved in"} {
		if !strings.Contains(all, want) {
			t.Errorf("nobody was told that %s", want)
		}
	}
}

// TestLiveQuitsEarly quits before there is anything to see.
func TestLiveQuitsEarly(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	keys := make(chan rune, 1)
	shown := 0
	r, err := demo.Live(t.Context(), demo.LiveOptions{
		Texts: []demo.Text{{Language: "en", Body: "Hello"}}, Command: hometest.Station(t), Keys: keys, Every: time.Second,
		Show: func(p demo.Picture) error { shown++; keys <- 'q'; return nil },
	})
	if err != nil || r != (demo.Result{}) || shown != 1 {
		t.Errorf("%+v, %v, %d pictures", r, err, shown)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// came reports whether one message is shown with the channels it came by.
func came(all []demo.MessagePicture) bool {
	for _, m := range all {
		for _, by := range m.CameBy {
			if by {
				return true
			}
		}
	}
	return false
}
