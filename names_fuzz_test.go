package parley

import "testing"

// FuzzNames: what parses as a name is written exactly as it was given.
func FuzzNames(f *testing.F) {
	for _, s := range []string{"north", "north/duty", "flash", "routine", "reply-by", "", "a/b/c", "n\u202e", "North", "south/17", "south/2.18", "south/1.2", "south/02", "south/2.", "south/0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := ParseParty(s); err == nil && string(p) != s {
			t.Errorf("party %q became %q", s, p)
		}
		if d, err := ParseDesk(s); err == nil {
			if _, err := ParseParty(string(d.Party())); err != nil {
				t.Errorf("desk %q: its party does not parse: %v", s, err)
			}
			if got := string(d.Party()) + "/" + d.Name(); got != s {
				t.Errorf("desk %q became %q", s, got)
			}
		}
		if p, g, n, err := ParseMessageName(s); err == nil && (MessageName(p, g, n) != s || g < 1 || n < 1) {
			t.Errorf("message %q became %s, %d, %d", s, p, g, n)
		}
		if p, err := ParsePrecedence(s); err == nil && (p.String() != s || !p.Valid()) {
			t.Errorf("precedence %q became %v", s, p)
		}
		if a, err := ParseAnswer(s); err == nil && (a.String() != s || !a.Valid()) {
			t.Errorf("answer %q became %v", s, a)
		}
	})
}
