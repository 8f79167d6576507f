package console

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/internal/api"
	"parley/internal/screen"
	"parley/internal/screentest"
)

var update = flag.Bool("update", false, "write the frames of testdata anew")

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func ago(d time.Duration) time.Time { return noon.Add(-d) }

// said is a message of a party, released or received some time ago.
func said(seq uint64, party string, number uint64, precedence, body string, since time.Duration) api.Message {
	other := map[string]string{"north": "south/duty", "south": "north/duty"}[party]
	return api.Message{
		Name: fmt.Sprintf("%s/%d", party, number), From: party + "/duty", To: []string{other}, Mine: party == "north",
		Number: number, Seq: seq, Composed: ago(since), Received: ago(since), Believed: true,
		Precedence: precedence, Status: "real", Kind: "text", Language: "en", Body: body,
	}
}

// answering makes a message an answer to another.
func answering(v api.Message, answer, about string) api.Message {
	v.Answer, v.Kind, v.References = answer, "acknowledgement", []string{about}
	return v
}

// watched is a console with everything that there is to be seen.
func watched() *Console {
	held := func(v api.Message) api.Message { v.Receipted = true; return v }
	drill := said(5, "south", 3, "flash", "This is a drill: a vessel is adrift.", 90*time.Second)
	drill.Status = "exercise"
	doubtful := said(6, "south", 4, "routine", "", 70*time.Second)
	doubtful.Believed, doubtful.Precedence, doubtful.Language, doubtful.Refusal = false, "", "", "quorum: 1 of 2 officers"
	promised := answering(said(7, "south", 5, "immediate", "", 65*time.Second), "reply-by", "north/2")
	by := ago(5 * time.Second)
	promised.By = &by
	proved := ago(12 * time.Second)
	c := &Console{Self: "north"}
	c.Set(Line{
		Name: "south",
		Status: api.Status{
			Line: api.Line{Name: "south", Self: "north"}, At: noon,
			Ours: api.Log{Size: 3, Cosigned: 2}, Theirs: api.Log{Size: 6, Ahead: 1}, Refused: 2,
			Channels: []api.Channel{
				{Name: "cable", Up: true, Enabled: true, Proven: &proved, RoundTrip: 41, Heard: &proved},
				{Name: "sat", Enabled: true, Error: "dial: connection refused", Waiting: 3},
				{Name: "stick", Up: true, Enabled: true},
			},
		},
		Messages: []api.Message{
			held(said(1, "north", 1, "routine", "Good morning.", 26*time.Hour)),
			answering(said(2, "south", 1, "routine", "", 25*time.Hour), "accepted", "north/1"),
			held(said(3, "north", 2, "immediate", "Our tanker Alva has lost power. It is no threat.", 20*time.Minute)),
			said(4, "south", 2, "flash", "سفينتنا \u202eجنحت قرب الجزيرة، ونطلب ألا يُفهم ذلك خطأً. Vessel 7, at 25.3N.", 4*time.Minute),
			drill, doubtful, promised,
			said(8, "north", 3, "flash", "We see your vessel.\n\nHow many people are on board?", 3*time.Second),
		},
		Drafts: []api.Draft{{ID: "0a1b2c3d4e5f", Created: ago(time.Minute), Quorum: 2, Approved: []string{"alice"},
			Text: said(0, "north", 0, "priority", "A draft.", time.Minute)}},
	})
	c.Set(Line{Name: "east", Status: api.Status{Line: api.Line{Name: "east", Self: "north"}, Ours: api.Log{Halted: "east proved 7 of our entries, here are 5"}}})
	c.line = "south"
	c.Alarm(Alarm{At: ago(time.Hour), Line: "south", Text: "the disk is nearly full"})
	return c
}

// The frames of testdata. Each is checked for its width too, and that no order of
// writing leaves its line.
func TestFrames(t *testing.T) {
	for name, prepare := range map[string]func(*Console){
		"lists":    func(*Console) {},
		"selected": func(c *Console) { c.cursor = "message south/3" },
		"whole":    func(c *Console) { c.cursor, c.detail = "message south/2", true },
		"promised": func(c *Console) { c.cursor, c.detail = "message north/2", true },
		"exercise": func(c *Console) { c.cursor, c.detail = "open south/3", true },
		"draft":    func(c *Console) { c.cursor, c.detail = "draft 0a1b2c3d4e5f", true },
		"refused":  func(c *Console) { c.cursor, c.detail = "open south/4", true },
		"gone":     func(c *Console) { c.Gone = ago(90 * time.Second); c.Press('d', noon) },
		"help":     func(c *Console) { c.Press('?', noon) },
		"other":    func(c *Console) { c.Press(screen.KeyTab, noon) },
		"none":     func(c *Console) { *c = Console{Self: "north"} },
	} {
		for _, size := range [][2]int{{80, 24}, {120, 40}} {
			width, height := size[0], size[1]
			name := fmt.Sprintf("%s-%dx%d", name, width, height)
			t.Run(name, func(t *testing.T) {
				c := watched()
				prepare(c)
				if n := len(c.Frame(noon, width, height, false)); n != height {
					t.Errorf("%d lines of %d", n, height)
				}
				screentest.Golden(t, name, width, height, *update, func(colour bool) []string { return c.Frame(noon, width, height, colour) })
			})
		}
	}
}

// The help is whole on the smallest screen that is asked for, and explains every
// standing there is.
func TestHelp(t *testing.T) {
	c := watched()
	c.Lines, c.Alarms = c.Lines[1:], nil
	c.Press('?', noon)
	text := strings.Join(c.Frame(noon, 79, 24, false), "\n") // a terminal of 80: Terminal.Show
	if strings.Contains(text, "…") || !strings.Contains(text, "parley ack.") {
		t.Errorf("cut:\n%s", text)
	}
	l, _ := c.current()
	answered := Answers(l.Messages)
	l.Messages = append(l.Messages, answering(said(9, "north", 4, "flash", "", 0), "accepted", "south/2"))
	for _, all := range []map[string]api.Message{answered, Answers(l.Messages)} {
		for _, v := range l.Messages {
			for _, receipted := range []bool{false, true} {
				v.Receipted = receipted
				stands := strings.NewReplacer("reply-by", "ANSWER", "accepted", "ANSWER").Replace(Standing(v, all))
				if !strings.Contains(Standings, "  "+stands+"  ") {
					t.Errorf("%q is not explained", stands)
				}
			}
		}
	}
	disputed := api.Message{Believed: true, Mine: true, Disputed: "quorum"}
	if stands := Standing(disputed, nil); !strings.Contains(Standings, "  "+stands+"  ") {
		t.Errorf("%q is not explained", stands)
	}
}

func FuzzFrame(f *testing.F) {
	f.Add("Hello", "why", "jj\r", 80, 24)
	f.Add("مرحبا \u202e بكم", "\x1b[2J", "\tj?", 60, 20)
	f.Add("\u2068\u2068\u2069 中文 \xff\x1b]0;\t", "\u2069", "G\rjjjj", 75, 7)
	f.Fuzz(func(t *testing.T, body, reason, keys string, width, height int) {
		width, height = max(0, width)%300, max(0, height)%100
		c := watched()
		l := &c.Lines[1]
		l.Messages[3].Body, l.Messages[5].Refusal, l.Messages[3].Officers = body, reason, []string{reason}
		l.Status.Channels[1].Error, l.Status.Theirs.Halted = reason, reason
		c.Alarm(Alarm{At: noon, Line: "south", Text: reason})
		for _, k := range keys {
			c.Press(k, noon)
			screentest.Fits(t, c.Frame(noon, width, height, false), width, height)
		}
	})
}
