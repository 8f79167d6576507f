package parley

import (
	"errors"
	"testing"
	"time"
)

func TestNames(t *testing.T) {
	for s, ok := range map[string]bool{
		"north": true, "n": true, "a-1": true, "abcdefghijklmnopqrstuvwxyz012345": true,
		"": false, "North": false, "1north": false, "-a": false, "no rth": false, "nörth": false,
		"abcdefghijklmnopqrstuvwxyz0123456": false, "north/duty": false, "a\u202eb": false,
	} {
		if _, err := ParseParty(s); (err == nil) != ok {
			t.Errorf("ParseParty(%q) = %v, want ok=%v", s, err, ok)
		} else if err != nil && !errors.Is(err, ErrName) {
			t.Errorf("ParseParty(%q): %v does not wrap ErrName", s, err)
		}
	}
	d, err := ParseDesk("north/duty")
	if err != nil || d.Party() != "north" || d.Name() != "duty" {
		t.Fatalf("ParseDesk: %q %q %v", d.Party(), d.Name(), err)
	}
	for _, s := range []string{"", "/", "north/", "/duty", "north/duty/x", "north duty"} {
		if _, err := ParseDesk(s); !errors.Is(err, ErrName) {
			t.Errorf("ParseDesk(%q) = %v, want ErrName", s, err)
		}
	}
}

func TestNamedValuesRoundTrip(t *testing.T) {
	for p := Flash; p <= Routine; p++ {
		if q, err := ParsePrecedence(p.String()); err != nil || q != p {
			t.Errorf("precedence %v came back as %v, %v", p, q, err)
		}
	}
	for a := Read; a <= ReplyBy; a++ {
		if b, err := ParseAnswer(a.String()); err != nil || b != a {
			t.Errorf("answer %v came back as %v, %v", a, b, err)
		}
	}
	if _, err := ParsePrecedence("urgent"); !errors.Is(err, ErrName) {
		t.Errorf("an unknown precedence gave %v", err)
	}
	if Precedence(0).Valid() || Precedence(5).Valid() || Status(3).Valid() || Kind(0).Valid() || Answer(8).Valid() {
		t.Error("a value off the list is valid")
	}
}

func TestTime(t *testing.T) {
	at := time.Date(2026, 11, 28, 12, 0, 0, 5e6, time.UTC)
	if got := TimeOf(at).Time(); !got.Equal(at) {
		t.Errorf("time came back as %v", got)
	}
	if TimeOf(time.Unix(-5, 0)) != 0 {
		t.Error("a moment before 1970 is not 0")
	}
}
