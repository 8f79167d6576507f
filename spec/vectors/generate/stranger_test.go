package main

import (
	"crypto/ed25519"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestStrangerTalksToAStation is DESIGN.md §5, as a test: south is this
// implementation, which knows spec/ and the standard library only, and north is
// a station of this repository, run as its own program. They agree on a line,
// prove the channel, and say something to each other that both receipt; what is
// not released is refused (R27). It follows spec/FLOW.md §4.
func TestStrangerTalksToAStation(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds and runs the whole program")
	}
	n := found(t)
	s := n.invite()
	n.serve()
	s.connect(n.ended)

	s.send(s.check(nil), s.report())
	s.await("proven")

	// North speaks: its program returns once our cosignature is verified there.
	said := "Patrol boat P-21 leaves harbour at 0600Z for a survey."
	n.run(said, "send", "--to", "south/duty", "--precedence", "immediate", "--officer", "alice", "--passphrase-file", "alice.pass", "--wait", "120s")
	s.await("entry 1")
	content := s.believed(s.entry(1))
	if content[11] != said {
		t.Errorf("north said %q", content[11])
	}

	// South speaks.
	answer := "Understood. P-30 keeps clear until 0900Z."
	s.say(s.content("one", 2, answer), "a")
	s.await("cosigned 1")
	if shown := n.run("", "show", "south/1", "--wait", "120s"); !strings.Contains(shown, answer) || !strings.Contains(shown, "south a") {
		t.Errorf("north shows\n%s", shown)
	}

	// A Flash takes two officers. This one has one: it is held, receipted and refused.
	s.say(s.content("two", 1, "All clear."), "b")
	s.await("refused 2 for 4")
	s.await("cosigned 2")

	// Another epoch, to a prekey that north has sent since, and the end of the first.
	s.reopen()
	s.say(s.content("three", 4, "P-30 has left."), "c")
	s.await("cosigned 3")

	n.audit(s)
}

// limit ends every wait: far more than any takes.
const limit = 3 * time.Minute

// stranger is south: what it knows of north from the card, and the exchange.
type stranger struct {
	t *testing.T

	address                             string // of north
	roster                              []byte
	line, log                           []byte // log is north's
	logKey, stationKey, receiptKey, hop ed25519.PublicKey
	officers                            map[string]ed25519.PublicKey // north's, by key id
	prekey                              []byte

	conn    *tls.Conn
	writing sync.Mutex
	out     epoch // ours
	opening []byte
	nonce   []byte
	events  chan string

	mu       sync.Mutex
	in       map[string]epoch // north's, by id
	entries  [][]byte         // north's
	leaves   [][]byte
	cosigned int      // the size of north's log that we cosigned
	fresh    []byte   // the first prekey of north's newest batch
	refused  uint64   // how many refusals of our entries we hold
	own      [][]byte // leaves of our own log
}

// read takes an invite and makes the roster (ROSTER §3, §5).
func (s *stranger) read(invite string) error {
	_, rest, _ := strings.Cut(invite, "to south\n")
	terms, card, ok := strings.Cut(rest, "parley-card v1\n")
	if !ok {
		return errors.New("not an invite")
	}
	identity := card
	for _, k := range []string{"prekey ", "last-resort "} {
		if at := strings.Index(identity, "\n"+k); at >= 0 {
			identity = identity[:at+1]
		}
	}
	s.roster = end("parley-roster v1\n" + identity + south.identity() + terms)
	s.line = lineOf(s.roster)
	s.officers = make(map[string]ed25519.PublicKey)
	for l := range strings.Lines(card) {
		keyword, value, _ := strings.Cut(strings.TrimSuffix(l, "\n"), " ")
		first, _, _ := strings.Cut(value, " ")
		decoded, err := base64.StdEncoding.DecodeString(first)
		switch keyword {
		case "log":
			s.log, err = hex.DecodeString(value)
		case "log-key":
			s.logKey = decoded
		case "station":
			s.stationKey = decoded
		case "receipt":
			s.receiptKey = decoded
		case "hop":
			s.hop = decoded
		case "officer":
			s.officers[string(keyID("officer", decoded))] = decoded
		case "last-resort":
			s.prekey = decoded
		default:
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", keyword, err)
		}
	}
	for l := range strings.Lines(terms) {
		if address, ok := strings.CutPrefix(l, "channel cable tcp north "); ok {
			s.address = strings.TrimSpace(address)
		}
	}
	return nil
}

// await waits for an event, and passes over those before it.
func (s *stranger) await(want string) {
	s.t.Helper()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	var passed []string
	for {
		select {
		case got := <-s.events:
			passed = append(passed, got)
			if strings.HasPrefix(got, "wrong: ") || strings.HasPrefix(got, "lost: ") {
				s.t.Fatalf("waiting for %q: %s, after %q", want, got, passed)
			}
			if got == want {
				return
			}
		case <-timer.C:
			s.t.Fatalf("waited %v for %q, and saw %q", limit, want, passed)
		}
	}
}
