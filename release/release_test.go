package release_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"slices"
	"testing"

	"parley"
	"parley/internal/rostertest"
	"parley/release"
	"parley/roster"
	"parley/wire"
)

// text is a Routine text from north/duty to south/duty.
func text(line *rostertest.Line) wire.Content {
	return wire.Content{
		Line: line.Roster.Line, Draft: parley.DraftID{1}, From: "north/duty", To: []parley.Desk{"south/duty"},
		Precedence: parley.Routine, Status: parley.Real, Kind: parley.Text, Language: "en", Body: "The exercise ends at noon.",
	}
}

func encode(t testing.TB, c wire.Content) []byte {
	t.Helper()
	b, err := wire.AppendContent(nil, c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// approve has officers of a party sign content.
func approve(t testing.TB, content []byte, p *rostertest.Party, names ...string) []wire.Signature {
	t.Helper()
	var sigs []wire.Signature
	for _, name := range names {
		_, key := p.Officer(t, name)
		sig, err := release.Approve(content, key)
		if err != nil {
			t.Fatal(err)
		}
		sigs = append(sigs, sig)
	}
	return sigs
}

// both returns what Release and Verify say of content, which must be the same.
func both(t *testing.T, line *rostertest.Line, content []byte, sigs []wire.Signature, from, to parley.Party) (*release.Released, error) {
	t.Helper()
	out, sent := release.Release(content, sigs, roster.NewHistory(line.Roster), from, roster.Place{Number: 1})
	sorted := slices.SortedFunc(slices.Values(sigs), func(a, b wire.Signature) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	signed, err := wire.AppendSigned(nil, wire.Signed{Content: content, Signatures: sorted})
	if err != nil {
		return nil, sent
	}
	in, believed := release.Verify(signed, roster.NewHistory(line.Roster), from, to, roster.Place{Number: 1})
	if (sent == nil) != (believed == nil) || release.Reason(sent) != release.Reason(believed) {
		t.Errorf("Release says %v, Verify says %v", sent, believed)
	}
	if sent == nil && believed == nil && !bytes.Equal(out.Signed(), in.Signed()) {
		t.Errorf("released\n%x\nverified\n%x", out.Signed(), in.Signed())
	}
	return in, believed
}

func TestRelease(t *testing.T) {
	line := rostertest.New(t)
	for _, tt := range []struct {
		name     string
		change   func(*wire.Content)
		officers []string
	}{
		{"one officer", func(c *wire.Content) {}, []string{"north b"}},
		{"two officers, in any order", func(c *wire.Content) { c.Precedence = parley.Flash }, []string{"north c", "north a"}},
		{"a copy to ourselves", func(c *wire.Content) { c.To = []parley.Desk{"north/chief", "south/chief"} }, []string{"north a"}},
		{"from the chief", func(c *wire.Content) { c.From = "north/chief" }, []string{"north c"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := text(line)
			tt.change(&c)
			content := encode(t, c)
			r, err := both(t, line, content, approve(t, content, line.North, tt.officers...), "north", "south")
			if err != nil {
				t.Fatal(err)
			}
			if want := slices.Sorted(slices.Values(tt.officers)); !slices.Equal(r.Officers(), want) {
				t.Errorf("released by %q, want %q", r.Officers(), want)
			}
			if !bytes.Equal(encode(t, r.Content()), content) {
				t.Errorf("content is %+v, want %+v", r.Content(), c)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	line, other := rostertest.New(t), rostertest.New(t)
	for _, tt := range []struct {
		name     string
		change   func(*wire.Content)
		officers []string
		want     error
		reason   wire.Reason
	}{
		{"one of two", func(c *wire.Content) { c.Precedence = parley.Flash }, []string{"north a"}, release.ErrQuorum, 4},
		{"three of two", func(c *wire.Content) { c.Precedence = parley.Flash }, []string{"north a", "north b", "north c"}, release.ErrQuorum, 4},
		{"two of one", nil, []string{"north a", "north b"}, release.ErrQuorum, 4},
		{"one twice", func(c *wire.Content) { c.Precedence = parley.Flash }, []string{"north a", "north a"}, release.ErrQuorum, 4},
		{"nobody", nil, nil, release.ErrQuorum, 4},
		{"another line", func(c *wire.Content) { c.Line = other.Roster.Line }, []string{"north a"}, release.ErrLine, 8},
		{"a desk of the other party", func(c *wire.Content) { c.From = "south/duty" }, []string{"north a"}, release.ErrDesk, 12},
		{"a desk that is not", func(c *wire.Content) { c.From = "north/night" }, []string{"north a"}, release.ErrDesk, 12},
		{"a desk of another officer", func(c *wire.Content) { c.From = "north/chief" }, []string{"north a"}, release.ErrDesk, 12},
		{"to ourselves only", func(c *wire.Content) { c.To = []parley.Desk{"north/chief"} }, []string{"north a"}, release.ErrAddressee, 7},
		{"to a third party", func(c *wire.Content) { c.To = []parley.Desk{"west/duty"} }, []string{"north a"}, release.ErrAddressee, 7},
		{"to a third party as well", func(c *wire.Content) { c.To = []parley.Desk{"south/duty", "west/duty"} }, []string{"north a"}, release.ErrAddressee, 7},
		{"to a desk that is not", func(c *wire.Content) { c.To = []parley.Desk{"south/night"} }, []string{"north a"}, release.ErrAddressee, 7},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := text(line)
			if tt.change != nil {
				tt.change(&c)
			}
			content := encode(t, c)
			r, err := both(t, line, content, approve(t, content, line.North, tt.officers...), "north", "south")
			if !errors.Is(err, tt.want) || release.Reason(err) != tt.reason || r != nil {
				t.Errorf("got %v (reason %d), want %v (%d)", err, release.Reason(err), tt.want, tt.reason)
			}
		})
	}
}

// TestAddresseeIsChecked: what was released to one party is not believed by
// another to whom it is sealed again.
func TestAddresseeIsChecked(t *testing.T) {
	line := rostertest.New(t)
	content := encode(t, text(line))
	r, err := release.Release(content, approve(t, content, line.North, "north a"), roster.NewHistory(line.Roster), "north", roster.Place{Number: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		from, to parley.Party
		want     error
	}{
		{"north", "north", release.ErrAddressee}, // sent back to its author
		{"south", "north", release.ErrDesk},      // as if the addressee had said it
		{"north", "west", release.ErrAddressee},
		{"west", "south", release.ErrDesk},
	} {
		if _, err := release.Verify(r.Signed(), roster.NewHistory(line.Roster), tt.from, tt.to, roster.Place{Number: 1}); !errors.Is(err, tt.want) {
			t.Errorf("from %s to %s: got %v, want %v", tt.from, tt.to, err, tt.want)
		}
	}
}

// TestVerifyRefusesBytes alters every byte of what was signed.
func TestVerifyRefusesBytes(t *testing.T) {
	line := rostertest.New(t)
	c := text(line)
	c.Precedence = parley.Flash
	content := encode(t, c)
	r, err := release.Release(content, approve(t, content, line.North, "north a", "north b"), roster.NewHistory(line.Roster), "north", roster.Place{Number: 1})
	if err != nil {
		t.Fatal(err)
	}
	for at := range r.Signed() {
		b := r.Signed()
		b[at] ^= 1
		if _, err := release.Verify(b, roster.NewHistory(line.Roster), "north", "south", roster.Place{Number: 1}); release.Reason(err) == 0 {
			t.Errorf("byte %d altered: got %v, want a reason to refuse it", at, err)
		}
		if _, err := release.Verify(b[:at], roster.NewHistory(line.Roster), "north", "south", roster.Place{Number: 1}); !errors.Is(err, wire.ErrMalformed) {
			t.Errorf("cut at byte %d: got %v, want ErrMalformed", at, err)
		}
	}
}

func TestApproveRefuses(t *testing.T) {
	line := rostertest.New(t)
	_, key := line.North.Officer(t, "north a")
	if _, err := release.Approve([]byte("any text"), key); !errors.Is(err, wire.ErrMalformed) {
		t.Errorf("got %v, want ErrMalformed: an officer signs content only", err)
	}
}

// TestNoneSendsAsAnother (R8): the holder of any key of the line signs content
// from any desk, under any key id, as any party; only officers succeed, and only
// as themselves.
func TestNoneSendsAsAnother(t *testing.T) {
	line := rostertest.New(t)
	type holder struct {
		name   string
		party  parley.Party
		key    ed25519.PrivateKey
		speaks []parley.Desk // none for those who are no officers
	}
	var holders []holder
	for _, p := range []*rostertest.Party{line.North, line.South} {
		for role, key := range map[string]ed25519.PrivateKey{
			"root": p.RootKey, "log": p.LogKey, "station": p.StationKey, "receipt": p.ReceiptKey, "hop": p.HopKey,
		} {
			holders = append(holders, holder{string(p.Party) + " " + role, p.Party, key, nil})
		}
		for _, o := range p.Side.Officers {
			holders = append(holders, holder{o.Name, p.Party, p.Officers[o.Name], o.Desks})
		}
	}
	_, stranger, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	holders = append(holders, holder{"stranger", "west", stranger, nil})

	peer := map[parley.Party]parley.Party{"north": "south", "south": "north"}
	tried, sent := 0, 0
	for _, desk := range []parley.Desk{"north/duty", "north/chief", "south/duty", "south/chief"} {
		c := text(line)
		c.From, c.To = desk, []parley.Desk{parley.Desk(peer[desk.Party()] + "/duty")}
		content := encode(t, c)
		for _, h := range holders {
			for _, as := range holders {
				roles := []roster.Role{roster.RoleOfficer}
				if h.name == as.name {
					roles = append(roles, roster.RoleStation, roster.RoleRoot)
				}
				for _, role := range roles {
					id := roster.KeyID(role, as.key.Public().(ed25519.PublicKey))
					sig := ed25519.Sign(h.key, wire.ToBeSigned(wire.DomainContent, id, content))
					signed, err := wire.AppendSigned(nil, wire.Signed{Content: content, Signatures: []wire.Signature{{Key: id, Sig: [64]byte(sig)}}})
					if err != nil {
						t.Fatal(err)
					}
					for from, to := range peer {
						tried++
						r, err := release.Verify(signed, roster.NewHistory(line.Roster), from, to, roster.Place{Number: 1})
						himself := h.name == as.name && role == roster.RoleOfficer && from == h.party && slices.Contains(h.speaks, desk)
						switch {
						case himself && err != nil:
							t.Errorf("%s from %s: %v", h.name, desk, err)
						case himself:
							sent++
							if !slices.Equal(r.Officers(), []string{h.name}) {
								t.Errorf("%s was taken for %q", h.name, r.Officers())
							}
						case err == nil || release.Reason(err) == 0:
							t.Errorf("%s sent from %s, as %s (%s), through %s: %v", h.name, desk, as.name, role, from, err)
						}
					}
				}
			}
		}
	}
	if sent != 8 { // three officers at duty and one at chief, of two parties
		t.Errorf("of %d tries, %d were officers as themselves, want 8", tried, sent)
	}
}

// TestNoOtherDomain: an officer's signature in another domain, or of another
// form, releases nothing.
func TestNoOtherDomain(t *testing.T) {
	line := rostertest.New(t)
	content := encode(t, text(line))
	id, key := line.North.Officer(t, "north a")
	for _, d := range []wire.Domain{
		wire.DomainOpening, wire.DomainPrekeys, wire.DomainCheck, wire.DomainRefusal, wire.DomainClosed, wire.DomainReceipt, wire.DomainCard,
	} {
		sig := wire.Signature{Key: id, Sig: [64]byte(ed25519.Sign(key, wire.ToBeSigned(d, id, content)))}
		if _, err := both(t, line, content, []wire.Signature{sig}, "north", "south"); !errors.Is(err, release.ErrSignature) {
			t.Errorf("%s: got %v, want ErrSignature", d, err)
		}
	}
	one := wire.Signature{Key: id, Sig: [64]byte(ed25519.Sign(key, wire.ToBeSigned1(wire.DomainContent, id, content)))}
	if _, err := both(t, line, content, []wire.Signature{one}, "north", "south"); !errors.Is(err, release.ErrSignature) {
		t.Errorf("signed as a COSE_Sign1: got %v, want ErrSignature", err)
	}
}
