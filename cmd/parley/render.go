package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"parley"
	"parley/internal/api"
	"parley/internal/console"
	"parley/internal/plain"
	"parley/roster"
	"parley/wire"
)

// exerciseMark stands wherever exercise traffic is shown (R30).
const exerciseMark = "EXERCISE"

// deniableMark stands wherever something deniable is shown (spec/DENIABLE.md §1).
const deniableMark = "DENIABLE"

// exerciseRule frames the text of an exercise.
const exerciseRule = "*** EXERCISE EXERCISE EXERCISE *** this is not real traffic ***"

// bodyIndent begins each line that is not the program's own.
const bodyIndent = "  | "

// message prints one message with what is known of it, and how far it stands.
func (m *Main) message(v api.Message, stands, peer string) {
	m.say("%s", heading(v))
	m.fact("stands", stands)
	m.fact("composed", m.moment(v.Composed)+" by the sender's clock")
	if v.Mine {
		m.fact("stored", m.moment(v.Received))
	} else {
		m.fact("received", m.moment(v.Received)+" by the clock here"+delay(v))
	}
	if v.Ahead {
		m.fact("order", "ARRIVED AHEAD: something before it is not here yet")
	}
	if v.Believed {
		m.content(v)
	}
	m.proofs(v, peer)
	switch {
	case v.MLDSA:
		m.fact("ml-dsa", "both sides cosigned it by ML-DSA-44 as well")
	case !v.Deniable:
		m.fact("ml-dsa", "not cosigned by ML-DSA-44: its signatures are Ed25519 alone")
	}
	if len(v.Channels) > 0 {
		m.say("")
		t := table{head: []string{"  channel", "way", "first", "last", "copies"}}
		for _, f := range v.Channels {
			t.add("  "+f.Channel, f.Direction, clock(f.First), clock(f.Last), fmt.Sprint(f.Count))
		}
		m.print(t)
	}
	m.say("")
	if !v.Believed {
		m.say("NOT BELIEVED, and so not shown: %s.", v.Refusal)
		m.say("The bytes are stored, and stand in the transcript: parley export.")
		return
	}
	m.text(v)
}

// delay says how far apart the two clocks put a message, where that is worth a
// word. Order never depends on it (R13).
func delay(v api.Message) string {
	const worth = time.Minute
	switch d := v.Received.Sub(v.Composed).Round(time.Second); {
	case d >= worth:
		return fmt.Sprintf(", %s later", span(d))
	case d <= -worth:
		return fmt.Sprintf(", %s BEFORE it was composed: the clocks disagree", span(-d))
	}
	return ""
}

// heading names a message in one line.
func heading(v api.Message) string {
	var words []string
	if v.Name != "" {
		words = append(words, v.Name+" ")
	}
	if mark := strings.TrimSpace(marked(v)); mark != "" {
		words = append(words, mark)
	}
	if !v.Believed {
		return strings.Join(append(words, "from", v.From), " ")
	}
	words = append(words, strings.ToUpper(v.Precedence), "from", v.From, "to", strings.Join(v.To, " and "))
	return strings.Join(words, " ")
}

// content prints what officers signed, but for the text.
func (m *Main) content(v api.Message) {
	if v.Deniable {
		m.fact("evidence", "DENIABLE: it can be proved to nobody who said this; it is the party that speaks, no person")
	}
	if len(v.Officers) > 0 {
		names := make([]string, len(v.Officers))
		for i, o := range v.Officers {
			names[i] = plain.Line(o)
		}
		m.fact("released by", strings.Join(names, " and "))
	}
	if v.Was != "" {
		m.fact("before", "known as "+v.Was+" until a station was restored")
	}
	if v.Sent != "" {
		m.fact("before", "sent as "+v.Sent+", and not received, until a station was restored")
	}
	for _, doubt := range v.InDoubt {
		m.fact("IN DOUBT", plain.Line(doubt)+": the key was compromised")
	}
	if v.Answer != "" {
		m.fact("answer", strings.ToUpper(v.Answer)+" to "+strings.Join(v.References, " and "))
		if v.By != nil {
			m.fact("reply by", m.moment(*v.By))
		}
	} else if len(v.References) > 0 {
		m.fact("about", strings.Join(v.References, " and "))
	}
	if v.Kind == parley.Change.String() {
		m.change(v.Body)
	}
	if v.Expires != nil {
		text := m.moment(*v.Expires)
		if m.Now().After(*v.Expires) {
			text += ", which is past"
		}
		m.fact("expires", text)
	}
	m.fact("language", plain.Line(v.Language))
}

// change says in words what a change document does, beside the document, which is
// what officers sign; keys by their ids, which line show and parley-verify have too.
func (m *Main) change(body string) {
	c, err := roster.ParseChange([]byte(body))
	if err != nil {
		m.fact("changes", "UNREADABLE: it is no change document that this program knows")
		return
	}
	for _, l := range c.Leave {
		m.fact("leaves", plain.Line(l.Name)+" of "+string(c.Party)+", with key "+l.Key.String())
	}
	for _, o := range c.Join {
		desks := make([]string, len(o.Desks))
		for i, d := range o.Desks {
			desks[i] = string(d)
		}
		m.fact("joins", plain.Line(o.Name)+" for "+strings.Join(desks, " and ")+", with key "+o.KeyID().String())
	}
	for _, k := range c.Keys {
		m.fact("new key", fmt.Sprintf("the %s key of %s becomes %s", k.Role, c.Party, roster.KeyID(k.Role, k.Key)))
	}
	for _, t := range c.Thefts {
		m.fact("compromised", fmt.Sprintf("%s, since entry %d of %s", plain.Line(console.Stolen(c.Party, t)), t.Since, c.Party))
	}
}

// proofs prints what machines proved of a message.
func (m *Main) proofs(v api.Message, peer string) {
	if !v.Mine {
		return
	}
	switch {
	case v.Single != nil:
		m.fact("receipt", peer+" proved to hold it, since "+m.moment(*v.Single))
	case v.Receipted:
		m.fact("receipt", peer+" proved to hold it")
	default:
		m.fact("receipt", "NONE YET: it is repeated until "+peer+" proves to hold it")
	}
	if v.Disputed != "" {
		m.fact("refusal", peer+" DOES NOT BELIEVE IT: "+plain.Line(v.Disputed))
	}
}

// text prints the body, apart from everything that is the program's own.
func (m *Main) text(v api.Message) {
	exercise := v.Status == parley.Exercise.String()
	if exercise {
		m.say("%s", exerciseRule)
	}
	if v.Body == "" {
		m.say("  (no text)")
	} else {
		m.say("%s", strings.TrimSuffix(plain.Body(v.Body, bodyIndent), "\n"))
	}
	if exercise {
		m.say("%s", exerciseRule)
	}
}

func (m *Main) fact(name, value string) { m.say("  %-11s  %s", name, value) }

// reading returns a content that is to be signed, as a message to be shown: from
// the very bytes, not from what the station says of them; but in which generation
// of a log a message stands that it refers to is the station's word.
func (s *speaker) reading(ctx context.Context, content []byte) (api.Message, error) {
	c, err := wire.ParseContent(content)
	if err != nil {
		return api.Message{}, err
	}
	if err := s.ours(c); err != nil {
		return api.Message{}, err
	}
	v := api.Message{
		From: string(c.From), Mine: true, Believed: true, Deniable: s.line.Deniable,
		Precedence: c.Precedence.String(), Status: c.Status.String(), Kind: c.Kind.String(),
		Language: c.Language, Body: c.Body,
	}
	for _, d := range c.To {
		v.To = append(v.To, string(d))
	}
	if v.References, err = s.namesOf(ctx, c.References); err != nil {
		return api.Message{}, err
	}
	if c.Expires != 0 {
		at := c.Expires.Time()
		v.Expires = &at
	}
	if c.Answer != 0 {
		v.Answer = c.Answer.String()
	}
	if c.By != 0 {
		at := c.By.Time()
		v.By = &at
	}
	return v, nil
}
