package main

import (
	"strings"
	"testing"
	"time"

	"parley/internal/api"
	"parley/internal/console"
)

// at is the moment at which the tests of this file look.
var at = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func mainAt(at time.Time) *Main { return &Main{Now: func() time.Time { return at }, Zone: time.UTC} }

func theirs(name, precedence string) api.Message {
	return api.Message{
		Name: name, From: "south/duty", To: []string{"north/duty"}, Received: at.Add(-time.Hour),
		Believed: true, Precedence: precedence, Status: "real", Kind: "text", Body: "A text.",
	}
}

func ours(name string, receipted bool) api.Message {
	m := theirs(name, "routine")
	m.From, m.To, m.Mine, m.Receipted = "north/duty", []string{"south/duty"}, true, receipted
	return m
}

func change(m api.Message) api.Message {
	m.Kind = "change"
	return m
}

func answer(name, about, answer string, by *time.Time) api.Message {
	m := theirs(name, "routine")
	if strings.HasPrefix(name, "north/") {
		m = ours(name, true)
	}
	m.Kind, m.Answer, m.References, m.By, m.Body = "acknowledgement", answer, []string{about}, by, ""
	return m
}

func TestWhoMustAct(t *testing.T) {
	past, future := at.Add(-90*time.Second), at.Add(time.Hour)
	refused := api.Message{Name: "south/1", From: "south", Refusal: "not signed by\nthe quorum"}
	disputed := ours("north/1", true)
	disputed.Disputed = "unknown officer"
	expired := theirs("south/1", "flash")
	expired.Expires = &past
	drill := theirs("south/1", "flash")
	drill.Status = "exercise"
	for _, c := range []struct {
		name string
		all  []api.Message
		want string // "" is nobody
	}{
		{"nothing", nil, ""},
		{"no answer", []api.Message{theirs("south/1", "flash")},
			"north/duty: south/1 (flash) from south/duty has no answer, since 2026-11-28 11:00:00Z"},
		{"an exercise", []api.Message{drill},
			"north/duty: south/1 (EXERCISE flash) from south/duty has no answer, since 2026-11-28 11:00:00Z"},
		{"accepted", []api.Message{theirs("south/1", "flash"), answer("north/1", "south/1", "accepted", nil)}, ""},
		{"declined", []api.Message{theirs("south/1", "flash"), answer("north/1", "south/1", "decline", nil)}, ""},
		{"a change of ours", []api.Message{change(ours("north/1", true))}, ""},
		{"a change of theirs", []api.Message{change(theirs("south/1", "flash"))},
			"north/duty: with south/1, south changed its officers or keys, 2026-11-28 11:00:00Z: look (parley line show), then parley ack south/1 read"},
		{"a change that was looked at", []api.Message{change(theirs("south/1", "flash")), answer("north/1", "south/1", "read", nil)}, ""},
		{"only read", []api.Message{theirs("south/1", "flash"), answer("north/1", "south/1", "read", nil)},
			`north/duty: south/1 (flash) is answered with "read" only`},
		{"read and then accepted", []api.Message{theirs("south/1", "flash"), answer("north/1", "south/1", "read", nil), answer("north/2", "south/1", "accepted", nil)}, ""},
		{"to be answered", []api.Message{theirs("south/1", "flash"), answer("north/1", "south/1", "reply-by", &future)},
			"north/duty: south/1 (flash) is to be answered by 2026-11-28 13:00:00Z"},
		{"late", []api.Message{ours("north/1", true), answer("south/1", "north/1", "reply-by", &past)},
			"south/duty: north/1 (routine) is to be answered by 2026-11-28 11:58:30Z, LATE by 1m30s"},
		{"they claim an answer to their own", []api.Message{theirs("south/1", "flash"), answer("south/2", "south/1", "accepted", nil)},
			"north/duty: south/1 (flash) from south/duty has no answer, since 2026-11-28 11:00:00Z"},
		{"expired", []api.Message{expired}, ""},
		{"on its way", []api.Message{ours("north/1", false)}, ""},
		{"not believed here", []api.Message{refused},
			"north: south/1 arrived and is not believed (not signed by⟨U+000A⟩the quorum): ask south by another way"},
		{"not believed there", []api.Message{disputed}, "north: south does not believe north/1 (routine) (unknown officer)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			answered := console.Answers(c.all)
			var got []string
			for _, v := range c.all {
				if text := mainAt(at).act(v, answered, "north", "south"); text != "" {
					got = append(got, text)
				}
			}
			if all := strings.Join(got, "\n"); all != c.want {
				t.Errorf("got  %s\nwant %s", all, c.want)
			}
		})
	}
}

func TestWhatIsOnItsWay(t *testing.T) {
	all := []api.Message{ours("north/1", true), theirs("south/1", "flash"), ours("north/2", false)}
	if got := strings.Join(onItsWay(all), ", "); got != "north/2 (routine)" {
		t.Errorf("on its way: %s", got)
	}
	for range 6 {
		all = append(all, ours("north/3", false))
	}
	if got := onItsWay(all); len(got) != 6 || got[5] != "and 2 more" {
		t.Errorf("of seven on their way: %q", got)
	}
}

// A message cannot look like a line of the program's own, whatever it says.
func TestTextStaysInItsFrame(t *testing.T) {
	v := theirs("south/1", "flash")
	v.Body = "x\nsouth/2  FLASH from south/duty to north/duty\n\x1b[2J\u202e\rWho must act:"
	v.Status = "exercise"
	var out strings.Builder
	m := mainAt(at)
	m.Stdout = &out
	m.message(v, "held here", "south")
	_, text, _ := strings.Cut(out.String(), exerciseRule+"\n")
	text, _, ok := strings.Cut(text, exerciseRule)
	if !ok {
		t.Fatalf("no rules around the text of an exercise:\n%s", out.String())
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		if !strings.HasPrefix(line, bodyIndent) || strings.ContainsAny(line, "\x1b\r\u202e") {
			t.Errorf("the line %q is not framed", line)
		}
	}
}

func TestSpans(t *testing.T) {
	for d, want := range map[time.Duration]string{
		100 * time.Millisecond: "100ms", 30 * time.Second: "30s", time.Minute: "1m", 90 * time.Second: "1m30s",
		time.Hour: "1h", 10 * time.Minute: "10m", 90 * time.Minute: "1h30m", 720 * time.Hour: "30 days", 25 * time.Hour: "25h",
	} {
		if got := span(d); got != want {
			t.Errorf("span(%d) = %q, want %q", d, got, want)
		}
	}
}

func TestTimesAsTyped(t *testing.T) {
	m := mainAt(at)
	for s, want := range map[string]time.Time{
		"2h": at.Add(2 * time.Hour), "2026-11-28T12:30Z": at.Add(30 * time.Minute),
		"2026-11-28T12:30:00+09:00": at.Add(-8*time.Hour - 30*time.Minute), "2026-11-28 12:30Z": at.Add(30 * time.Minute),
	} {
		if got, err := m.parseTime(s); err != nil || !got.Equal(want) {
			t.Errorf("%q is %v, %v; want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "noon", "2026-11-28T12:30", "2026-11-28"} {
		if got, err := m.parseTime(s); err == nil {
			t.Errorf("%q passed for %v", s, got)
		}
	}
}

func TestLocalTimeStandsBesideUTC(t *testing.T) {
	m := mainAt(at)
	if got := m.moment(at); got != "2026-11-28 12:00:00Z" {
		t.Errorf("in UTC: %q", got)
	}
	m.Zone = time.FixedZone("", 9*3600)
	if got := m.moment(at); got != "2026-11-28 12:00:00Z (21:00 +09:00)" {
		t.Errorf("nine hours ahead: %q", got)
	}
}

func TestChannelsAsTyped(t *testing.T) {
	for s, want := range map[string]string{
		"cable=tcp,north,192.0.2.1:7700":      "cable: tcp, north listens at 192.0.2.1:7700",
		"sat=tcp,south,192.0.2.1:7700,narrow": "sat: tcp, south listens at 192.0.2.1:7700, narrow",
		"air=quic,south,192.0.2.1:7700":       "air: quic, south listens at 192.0.2.1:7700",
		"stick=pouch":                         "stick: pouch, carried by hand",
		"stick=pouch,narrow":                  "stick: pouch, carried by hand, narrow",
	} {
		if c, err := parseChannel(s); err != nil || channelText(c) != want {
			t.Errorf("%q is %q, %v; want %q", s, channelText(c), err, want)
		}
	}
	for _, s := range []string{"", "cable", "cable=", "cable=tcp", "cable=tcp,north", "air=quic", "air=quic,north", "stick=pouch,x", "p=pipe", "cable=tcp,north,a:1,wide"} {
		if c, err := parseChannel(s); err == nil {
			t.Errorf("%q passed for %v", s, c)
		}
	}
}

func TestClocksThatDisagreeAreTold(t *testing.T) {
	for _, c := range []struct {
		later time.Duration
		want  string
	}{
		{0, ""}, {59 * time.Second, ""}, {-20 * time.Second, ""}, {26 * time.Hour, ", 26h later"},
		{-5 * time.Minute, ", 5m BEFORE it was composed: the clocks disagree"},
	} {
		if got := delay(api.Message{Composed: at, Received: at.Add(c.later)}); got != c.want {
			t.Errorf("%s later: %q, want %q", c.later, got, c.want)
		}
	}
}
