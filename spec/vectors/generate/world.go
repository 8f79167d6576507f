package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// party is one side of the line of the vectors, with all its keys.
type party struct {
	name                                string
	log                                 []byte
	root, logKey, station, receipt, hop key
	officers                            []officer
	prekeys                             []prekey
	lastResort                          prekey
}

type officer struct {
	name  string
	key   key
	desks []string
}

func newParty(name string) party {
	p := party{
		name:       name,
		log:        seed(name + " log")[:16],
		root:       newKey("root", name+" root"),
		logKey:     newKey("log", name+" log"),
		station:    newKey("station", name+" station"),
		receipt:    newKey("receipt", name+" receipt"),
		hop:        newKey("hop", name+" hop"),
		prekeys:    []prekey{newPrekey(name + " prekey 1"), newPrekey(name + " prekey 2")},
		lastResort: newPrekey(name + " last resort"),
	}
	duty, chief := name+"/duty", name+"/chief"
	for _, o := range []struct {
		letter string
		desks  []string
	}{{"a", []string{duty}}, {"b", []string{duty}}, {"c", []string{chief, duty}}} {
		n := name + " " + o.letter
		p.officers = append(p.officers, officer{n, newKey("officer", n), o.desks})
	}
	return p
}

// officer returns the key of officer a, b or c.
func (p party) officer(letter byte) key { return p.officers[letter-'a'].key }

var (
	north = newParty("north")
	south = newParty("south")

	roster = rosterText(north, south, terms)
	line   = lineOf(roster)

	invited  = invite(north.card(), "south", terms)
	accepted = accept(south.card(), invited)

	noon = uint64(1795867200000) // 2026-11-28T12:00:00Z
)

func lineOf(roster []byte) []byte {
	h := sha256.Sum256(join([]byte("parley/v1/roster\x00"), roster))
	return h[:]
}

const terms = `terms v1
quorum flash 2
quorum immediate 1
quorum priority 1
quorum routine 1
channel cable tcp north 192.0.2.1:7700
channel stick pouch
check-every 30s
languages en
evidence attributable
pouch-window 720h
`

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// identity is what the card and the roster say of a side.
func (p party) identity() string {
	var s strings.Builder
	fmt.Fprintf(&s, "party %s\nlanguage en\nlog %s\n", p.name, hex.EncodeToString(p.log))
	for _, k := range []struct {
		keyword string
		key     key
	}{{"root", p.root}, {"log-key", p.logKey}, {"station", p.station}, {"receipt", p.receipt}, {"hop", p.hop}} {
		fmt.Fprintf(&s, "%s %s\n", k.keyword, b64(k.key.public))
	}
	fmt.Fprintf(&s, "desk %s/chief\ndesk %s/duty\n", p.name, p.name)
	for _, o := range p.officers {
		fmt.Fprintf(&s, "officer %s %s %s\n", b64(o.key.public), strings.Join(o.desks, ","), o.name)
	}
	return s.String()
}

// end adds the counted last line.
func end(text string) []byte {
	return fmt.Appendf(nil, "%sEND %d\n", text, strings.Count(text, "\n")+1)
}

func rosterText(a, b party, terms string) []byte {
	return end("parley-roster v1\n" + a.identity() + b.identity() + terms)
}

// cardBody is the card before its signature.
func (p party) cardBody() string {
	s := "parley-card v1\n" + p.identity()
	for _, k := range p.prekeys {
		s += "prekey " + b64(k.public) + "\n"
	}
	return s + "last-resort " + b64(p.lastResort.public) + "\n"
}

// signCard signs a card's body, whatever it says.
func signCard(root key, body string) []byte {
	signed := toBeSigned1("parley/v1/card", root.id, []byte(body))
	return end(body + "signature root " + b64(ed25519.Sign(root.private, signed)) + "\n")
}

func (p party) card() []byte { return signCard(p.root, p.cardBody()) }

func invite(card []byte, to, terms string) []byte {
	return end("parley-invite v1\nto " + to + "\n" + terms + string(card))
}

func accept(card, invite []byte) []byte {
	h := sha256.Sum256(join([]byte("parley/v1/invite\x00"), invite))
	return end("parley-accept v1\ninvite " + hex.EncodeToString(h[:]) + "\n" + string(card))
}
