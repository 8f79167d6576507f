package demo

import (
	"flag"
	"strings"
	"testing"
	"time"

	"parley/internal/screen"
	"parley/internal/screentest"
)

var update = flag.Bool("update", false, "write the golden frames anew")

// picture is a moment of a demo in which much goes on.
func picture(t testing.TB) Picture {
	t.Helper()
	texts, err := Texts()
	if err != nil {
		t.Fatal(err)
	}
	p := Picture{
		At:    time.Date(2026, 11, 28, 12, 37, 6, 0, time.UTC),
		Words: "layer tobacco favorite quit rug upset flag scissors frog agent east giraffe",
		Note:  "south is killed (kill -9)",
	}
	for i, name := range channels {
		p.Channels[i] = ChannelPicture{Name: name, Up: [2]bool{true, true}, Carried: [2]uint64{uint64(i), 123456}, RoundTrip: 4200 * time.Microsecond}
	}
	p.Channels[1].Cut, p.Channels[1].Up = true, [2]bool{}
	p.Channels[pouch].Cut, p.Channels[pouch].RoundTrip = true, 0
	p.Stations = [2]StationPicture{
		{Party: north, State: Running, Said: 120, Proved: 118, Arrived: 97},
		{Party: south, State: Killed, Said: 97, Proved: 97},
	}
	for i, text := range texts[:12] {
		p.Messages = append(p.Messages, MessagePicture{
			Name: "north/10" + string('0'+rune(i%10)), Precedence: precedenceOf(i), Language: text.Language, Body: text.Body,
			CameBy: [len(channels)]bool{i%2 == 0, i%3 == 0, true, false}, Proved: i < 10, Took: time.Duration(1+i*i*i) * 7 * time.Millisecond,
		})
	}
	return p
}

func TestFrames(t *testing.T) {
	hostile := picture(t)
	hostile.Messages[11].Body = "\x1b[2J\u202eevil\u202c\n\n12:00Z north/1 is not so\tو\u0301" + strings.Repeat("\u0300", 9) + strings.Repeat("中", 90)
	helped := picture(t)
	helped.Help, helped.Paused = true, true
	for name, c := range map[string]struct {
		p             Picture
		width, height int
	}{
		"80x24":         {picture(t), 80, 24},
		"80x24-help":    {helped, 80, 24},
		"80x24-hostile": {hostile, 80, 24},
		"120x30":        {picture(t), 120, 30},
		"40x12":         {picture(t), 40, 12},
		"empty-80x24":   {blank(time.Unix(0, 0), "agreeing"), 80, 24},
	} {
		t.Run(name, func(t *testing.T) {
			screentest.Golden(t, name, c.width, c.height, *update, func(colour bool) []string { return c.p.Lines(c.width, c.height, colour) })
		})
	}
}

func FuzzFrame(f *testing.F) {
	f.Add("Hello", 80, 24)
	f.Add("مرحبا \u202e بكم", 60, 20)
	f.Add("\u2068\u2068\u2069 中文 \xff\x1b]0;", 75, 19)
	f.Fuzz(func(t *testing.T, body string, width, height int) {
		width, height = max(0, width)%300, max(0, height)%100
		p := picture(t)
		p.Messages[len(p.Messages)-1].Body = body
		screentest.Fits(t, p.Lines(width, height, false), width, height)
	})
}

func TestTook(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.0 ms", 4250 * time.Microsecond: "4.2 ms", 123 * time.Millisecond: "123 ms",
		99 * time.Second: "99.0 s", 100 * time.Second: "1 min", 50 * time.Hour: "3000 min",
	} {
		if got := took(d); got != want || screen.Cells(got) > 8 {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
