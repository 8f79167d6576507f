package proof

import (
	"fmt"
	"strings"

	"parley"
)

// saying is a line of the words, and how a page sets it.
type saying struct {
	text string
	kind kind
	lang string // of a body
}

// line returns the saying as a text has it.
func (s saying) line() string {
	switch {
	case s.kind != body:
		return s.text
	case s.text == "":
		return ">"
	}
	return "> " + isolate(s.text)
}

type kind uint8

const (
	plain   kind = iota
	gap          // an empty line
	title        // of the whole
	heading      // of a message
	body         // a line that officers signed
)

// words returns what the proof says to people, made of nothing but the proof
// (spec/PROOF.md §5).
func (p *Proof) words(c *Claims) []saying {
	w := wording{p: p, c: c}
	first, last := c.Messages[0].Header.Number, c.Messages[len(c.Messages)-1].Header.Number
	if first == last {
		w.say(title, "One message that %s said to %s, with its proof.", p.Party, p.Peer)
	} else {
		w.say(title, "Messages %d to %d that %s said to %s, with their proof: none between them is missing.", first, last, p.Party, p.Peer)
	}
	for _, m := range c.Messages {
		w.say(gap, "")
		w.message(m)
	}
	w.say(gap, "")
	w.places()
	w.say(gap, "")
	if len(c.Changes)+len(c.Others) > 0 {
		w.say(plain, "Of other messages it shows those changes, how many there were, and nothing else.")
	} else {
		w.say(plain, "Of other messages it shows how many there were, and nothing else.")
	}
	w.say(plain, "These words are made from the lines below. parley-verify checks both, with the roster of the line.")
	return w.said
}

type wording struct {
	p    *Proof
	c    *Claims
	said []saying
}

func (w *wording) say(k kind, format string, args ...any) {
	w.said = append(w.said, saying{text: fmt.Sprintf(format, args...), kind: k})
}

func (w *wording) message(m Message) {
	head := fmt.Sprintf("%s, at %s by %s's clock", nameOf(w.p.Party, w.c.Generations, m.Header.Number), moment(m.Header.Time), w.p.Party)
	if m.Content == nil {
		w.say(heading, "%s: what stands in it cannot be read as a message.", head)
	} else {
		w.content(head, m)
	}
	w.seen(m)
	if r := m.Receipt; r != nil {
		w.say(plain, "%s signed that it received it, at %s by %s's clock.", w.p.Peer, moment(r.Received), w.p.Peer)
	}
	if r := m.Refusal; r != nil {
		w.say(plain, "%s signed that it does not believe it, for reason %d of RECEIPT §4.", w.p.Peer, r.Reason)
	}
}

func (w *wording) content(head string, m Message) {
	c := m.Content
	signers := make([]string, len(m.Signers))
	for i, id := range m.Signers {
		if name, ok := w.c.names[id]; ok {
			signers[i] = isolate(name)
		} else {
			signers[i] = id.String()
		}
	}
	to := make([]string, len(c.To))
	for i, d := range c.To {
		to[i] = string(d)
	}
	signed := "signed by"
	if m.Refusal != nil {
		signed = "said to be signed by"
	}
	w.say(heading, "%s: %s %s %s from %s to %s, %s %s.", head, c.Status, c.Precedence, c.Kind, c.From, strings.Join(to, ", "), signed, strings.Join(signers, ", "))
	for _, r := range c.References {
		w.say(plain, "It refers to entry %d of log %s.", r.Number, r.Log)
	}
	switch {
	case c.By != 0:
		w.say(plain, "It answers: %s %s.", c.Answer, moment(c.By))
	case c.Answer != 0:
		w.say(plain, "It answers: %s.", c.Answer)
	}
	if c.Expires != 0 {
		w.say(plain, "It expires at %s.", moment(c.Expires))
	}
	if c.Body == "" {
		return
	}
	for line := range strings.SplitSeq(c.Body, "\n") {
		w.said = append(w.said, saying{line, body, c.Language})
	}
}

func (w *wording) seen(m Message) {
	switch seen := m.Header.Seen; len(seen) {
	case 0:
		w.say(plain, "When %s wrote it, it had seen no message of %s.", w.p.Party, w.p.Peer)
	case 1:
		w.say(plain, "When %s wrote it, it had seen %s's messages up to %d.", w.p.Party, w.p.Peer, w.c.saw(m.Header.Number, seen[0].Size))
	default:
		for _, s := range seen {
			w.say(plain, "When %s wrote it, it had seen %d entries of log %s.", w.p.Party, s.Size, s.Log)
		}
	}
}

// places says what was signed of the logs.
func (w *wording) places() {
	p, c := w.p, w.c
	among := "this is"
	if len(c.Messages) > 1 {
		among = "these are"
	}
	w.say(plain, "%s signed that its log has %s, and that %s among them.", p.Party, entries(c.Note.Size), among)
	if c.Note.Cosigned {
		w.say(plain, "%s signed that it holds all of them, at %s by %s's clock.", p.Peer, moment(c.Note.At), p.Peer)
	} else {
		w.say(plain, "That %s holds them all is not shown.", p.Peer)
	}
	if c.Other.Cosigned {
		w.say(plain, "%s signed that its own log has %s, and %s that it holds them, at %s by %s's clock.", p.Peer, entries(c.Other.Size), p.Party, moment(c.Other.At), p.Party)
	}
	w.generations(p.Party, p.Peer, c.Generations)
	w.generations(p.Peer, p.Party, c.OtherGenerations)
	if len(c.Changes) > 0 {
		w.say(plain, "Shown besides, because they change who may sign for %s: entries %s.", p.Party, list(c.Changes))
	}
	if len(c.Others) > 0 {
		w.say(plain, "Shown besides, because they change who signs receipts for %s: entries %s of its log.", p.Peer, list(c.Others))
	}
}

// generations says where the log of a party goes on under another name.
func (w *wording) generations(party, peer parley.Party, list []Generation) {
	for i, g := range list {
		w.say(plain, "From entry %s on %s's log is its generation %d: %s asked for it, as after a restore, at %s by %s's clock, and %s closed the one before at %s by %s's clock.",
			parley.MessageName(party, i+2, g.From), party, i+2, party, moment(g.Renewed), party, peer, moment(g.Closed), peer)
	}
}

// nameOf names an entry: its number behind the party, or, in a later generation, as
// spec/GENERATION.md §1 does.
func nameOf(party parley.Party, list []Generation, n uint64) string {
	which := 1
	for i, g := range list {
		if n >= g.From {
			which = i + 2
		}
	}
	if which == 1 {
		return fmt.Sprintf("%s %d", party, n)
	}
	return parley.MessageName(party, which, n)
}

func entries(n uint64) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

func list(numbers []uint64) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", ", "), "[]")
}

// isolate puts text between marks that keep its direction to itself (Unicode UAX #9).
func isolate(s string) string { return "\u2068" + s + "\u2069" }

func moment(t parley.Time) string { return t.Time().Format("2006-01-02 15:04:05 UTC") }
