package roster_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"parley"
	"parley/internal/rostertest"
	"parley/roster"
)

func TestCardComesBack(t *testing.T) {
	l := rostertest.New(t)
	side, err := roster.ParseCard(l.North.Card)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(side, l.North.Side) {
		t.Errorf("%+v\n\twant %+v", side, l.North.Side)
	}

	// The order in which a side is given does not matter, and is not changed.
	mixed := cloneSide(l.North.Side)
	slices.Reverse(mixed.Desks)
	slices.Reverse(mixed.Officers)
	slices.Reverse(mixed.Officers[0].Desks)
	before := fmt.Sprint(mixed)
	card, err := roster.NewCard(mixed, l.North.RootKey)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(card, l.North.Card) {
		t.Error("the same side in another order has another card")
	}
	if fmt.Sprint(mixed) != before {
		t.Error("NewCard changed what it was given")
	}
}

// The largest side the limits allow fits in a file, and so does the roster of two.
func TestLargestFilesFit(t *testing.T) {
	const longName = "abcdefghijklmnopqrstuvwxyz01234"
	var parties [2]roster.Side
	var cards [2][]byte
	for i := range parties {
		l := rostertest.New(t)
		s := cloneSide(l.North.Side)
		s.Party = parley.Party(longName + fmt.Sprint(i))
		s.Language = "en-aaaaaaaa-bbbbbbbb-cccccccc-ddddd"
		s.Desks, s.Officers, s.Prekeys = nil, nil, nil
		for j := range roster.MaxDesks {
			s.Desks = append(s.Desks, parley.Desk(fmt.Sprintf("%s/%s%c", s.Party, longName, 'a'+j)))
		}
		for j := range roster.MaxOfficers {
			pub, _, err := ed25519.GenerateKey(nil)
			if err != nil {
				t.Fatal(err)
			}
			desks := s.Desks[:8]
			if j%2 == 1 {
				desks = s.Desks[8:]
			}
			s.Officers = append(s.Officers, roster.Officer{Name: fmt.Sprintf("%063d%c", 0, 'a'+j), Key: pub, Desks: desks})
			s.Prekeys = append(s.Prekeys, append(make([]byte, roster.PrekeySize-32), bytes.Repeat([]byte{byte(j + 1)}, 32)...))
		}
		card, err := roster.NewCard(s, l.North.RootKey)
		if err != nil {
			t.Fatal(err)
		}
		parties[i], cards[i] = s, card
	}
	terms := roster.DefaultTerms()
	terms.Quorum[parley.Flash] = roster.MaxQuorum
	terms.Languages = nil
	for j := range roster.MaxChannels {
		terms.Channels = append(terms.Channels, roster.Channel{
			Name: fmt.Sprintf("%s%c", longName, 'a'+j), Kind: roster.TCP, Listener: parties[j%2].Party,
			Address: strings.Repeat("a", 249) + ":65535", Narrow: true,
		})
		terms.Languages = append(terms.Languages, fmt.Sprintf("en-aaaaaaaa-bbbbbbbb-cccccccc-dddd%c", 'a'+j))
	}
	invite, err := roster.Invite(cards[0], parties[1].Party, terms)
	if err != nil {
		t.Fatal(err)
	}
	accept, r, err := roster.Accept(invite, cards[1])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := roster.Confirm(invite, accept); err != nil {
		t.Fatal(err)
	}
	if _, err := roster.ParseRoster(r.Text()); err != nil {
		t.Fatal(err)
	}
	t.Logf("invite %d, accept %d, roster %d of %d bytes", len(invite), len(accept), len(r.Text()), roster.MaxFile)
}

func TestNewCardRefuses(t *testing.T) {
	l := rostertest.New(t)
	for _, c := range []struct {
		name string
		do   func(*roster.Side)
		want error
	}{
		{"other root", func(s *roster.Side) { s.Root = l.South.Root }, roster.ErrKey},
		{"no party", func(s *roster.Side) { s.Party = "" }, parley.ErrName},
		{"no language", func(s *roster.Side) { s.Language = "" }, roster.ErrMalformed},
		{"no log", func(s *roster.Side) { s.Log = parley.LogID{} }, roster.ErrMalformed},
		{"no station key", func(s *roster.Side) { s.Station = nil }, roster.ErrKey},
		{"no desk", func(s *roster.Side) { s.Desks = nil }, roster.ErrMalformed},
		{"too many desks", func(s *roster.Side) { s.Desks = make([]parley.Desk, roster.MaxDesks+1) }, roster.ErrMalformed},
		{"no officer", func(s *roster.Side) { s.Officers = nil }, roster.ErrMalformed},
		{"too many officers", func(s *roster.Side) { s.Officers = make([]roster.Officer, roster.MaxOfficers+1) }, roster.ErrMalformed},
		{"line break in a name", func(s *roster.Side) { s.Officers[0].Name = "a\nEND 1" }, roster.ErrMalformed},
		{"line break in a language", func(s *roster.Side) { s.Language = "en\nlog" }, roster.ErrMalformed},
		{"line break in a desk", func(s *roster.Side) { s.Desks[0] = "north/a\n" }, roster.ErrMalformed},
		{"one key twice", func(s *roster.Side) { s.Hop = s.Receipt }, roster.ErrKey},
		{"short prekey", func(s *roster.Side) { s.Prekeys = [][]byte{{1}} }, roster.ErrMalformed},
		{"no last resort", func(s *roster.Side) { s.LastResort = nil }, roster.ErrMalformed},
		{"prekey twice", func(s *roster.Side) { s.Prekeys[0] = s.LastResort }, roster.ErrKey},
		{"too many prekeys", func(s *roster.Side) { s.Prekeys = make([][]byte, roster.MaxPrekeys+1) }, roster.ErrMalformed},
	} {
		side := cloneSide(l.North.Side)
		c.do(&side)
		if _, err := roster.NewCard(side, l.North.RootKey); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// The signature is over exactly the bytes the specification says.
func TestCardSignatureByHand(t *testing.T) {
	l := rostertest.New(t)
	text, line, ok := bytes.Cut(l.North.Card, []byte("signature root "))
	if !ok {
		t.Fatal("no signature on the card")
	}
	encoded, _, _ := bytes.Cut(line, []byte("\n"))
	sig, err := base64.StdEncoding.DecodeString(string(encoded))
	if err != nil {
		t.Fatal(err)
	}
	if !ed25519.Verify(l.North.Root, cardSigned(l.North.Root, text), sig) {
		t.Error("the signature does not verify over the Sig_structure written by hand")
	}
}

func TestCardOfAnotherRootIsRefused(t *testing.T) {
	l := rostertest.New(t)
	forged := replace(l.North.Card, b64(l.North.Station), b64(l.South.Station))
	if _, err := roster.ParseCard(forged); !errors.Is(err, roster.ErrSignature) {
		t.Errorf("another station key: %v", err)
	}
	if _, err := roster.ParseCard(replace(l.North.Card, "signature root", "signature station")); !errors.Is(err, roster.ErrMalformed) {
		t.Errorf("signed by the station: %v", err)
	}
	// A prekey left out is not the card the root key signed.
	lines := strings.SplitAfter(string(l.North.Card), "\n")
	at := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "prekey ") })
	if _, err := roster.ParseCard(recount([]byte(strings.Join(slices.Delete(lines, at, at+1), "")))); !errors.Is(err, roster.ErrSignature) {
		t.Errorf("a prekey less: %v", err)
	}
	if _, err := roster.Invite(forged, "south", l.Roster.Terms); !errors.Is(err, roster.ErrSignature) {
		t.Errorf("invite with a forged card: %v", err)
	}
}

func TestInviteRefusesTerms(t *testing.T) {
	l := rostertest.New(t)
	for _, c := range []struct {
		name string
		do   func(*roster.Terms)
		want error
	}{
		{"no quorum", func(t *roster.Terms) { t.Quorum = nil }, roster.ErrMalformed},
		{"precedence unknown", func(t *roster.Terms) { t.Quorum[9] = 1 }, roster.ErrMalformed},
		{"kind unknown", func(t *roster.Terms) { t.QuorumKind = map[parley.Kind]int{9: 1} }, roster.ErrMalformed},
		{"quorum of a kind", func(t *roster.Terms) { t.QuorumKind = map[parley.Kind]int{parley.Text: 0} }, roster.ErrMalformed},
		{"no channels", func(t *roster.Terms) { t.Channels = nil }, roster.ErrMalformed},
		{"channel twice", func(t *roster.Terms) { t.Channels[1] = t.Channels[0] }, roster.ErrMalformed},
		{"pipe with an address", func(t *roster.Terms) { t.Channels[0].Address = "a:1" }, roster.ErrMalformed},
		{"line break in a channel", func(t *roster.Terms) { t.Channels[0].Name = "a\nb" }, roster.ErrMalformed},
		{"listener", func(t *roster.Terms) {
			t.Channels[0] = roster.Channel{Name: "a", Kind: roster.TCP, Listener: "east", Address: "a:1"}
		}, roster.ErrParty},
		{"no interval", func(t *roster.Terms) { t.CheckEvery = 0 }, roster.ErrMalformed},
		{"interval of microseconds", func(t *roster.Terms) { t.CheckEvery += time.Microsecond }, roster.ErrMalformed},
		{"no pouch window", func(t *roster.Terms) { t.PouchWindow = 0 }, roster.ErrMalformed},
		{"no languages", func(t *roster.Terms) { t.Languages = nil }, roster.ErrMalformed},
		{"no evidence", func(t *roster.Terms) { t.Evidence = "" }, roster.ErrMalformed},
	} {
		terms := cloneTerms(l.Roster.Terms)
		c.do(&terms)
		if _, err := roster.Invite(l.North.Card, "south", terms); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestAddresses(t *testing.T) {
	l := rostertest.New(t)
	for address, ok := range map[string]bool{
		"192.0.2.7:4700": true, "station.example:1": true, "[2001:db8::7]:65535": true, "[::ffff:192.0.2.7]:80": true,
		"": false, ":1": false, "a": false, "a:": false, "a:0": false, "a:65536": false, "a:080": false, "a:+8": false,
		"A:1": false, "a b:1": false, "2001:db8::7:80": false, "[]:80": false, "[a]:80": false, "[::1:80": false,
		"[::1]x:80": false, "a\n:1": false, "é:1": false, strings.Repeat("a", 254) + ":1": false,
	} {
		terms := cloneTerms(l.Roster.Terms)
		terms.Channels[0] = roster.Channel{Name: "one", Kind: roster.TCP, Listener: "south", Address: address}
		if _, err := roster.Invite(l.North.Card, "south", terms); (err == nil) != ok {
			t.Errorf("%q: %v, want ok=%v", address, err, ok)
		}
	}
}

// Every time within the limits has one writing, and it comes back.
func TestTimesComeBack(t *testing.T) {
	l := rostertest.New(t)
	for _, d := range []time.Duration{100 * time.Millisecond, 999 * time.Millisecond, time.Second, 1500 * time.Millisecond,
		time.Minute, 61 * time.Second, 90 * time.Minute, 23*time.Hour + time.Millisecond, 24 * time.Hour} {
		terms := cloneTerms(l.Roster.Terms)
		terms.CheckEvery = d
		invite, err := roster.Invite(l.North.Card, "south", terms)
		if err != nil {
			t.Errorf("%v: %v", d, err)
			continue
		}
		if i, err := roster.ParseInvite(invite); err != nil || i.Terms.CheckEvery != d {
			t.Errorf("%v came back as %v, %v", d, i.Terms.CheckEvery, err)
		}
	}
}
