package roster

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley"
	"parley/lines"
)

// Limits of the terms (spec/ROSTER.md §6).
const (
	MaxQuorum    = 8  // officers, the most signatures content can carry
	MaxChannels  = 16 // channels of a line
	MaxLanguages = 16 // languages of a line

	minCheck, maxCheck = 100 * time.Millisecond, 24 * time.Hour
	minPouch, maxPouch = time.Minute, 8784 * time.Hour
)

// Evidence modes (spec/ROSTER.md §6, spec/DENIABLE.md §1).
const (
	// Attributable: a third party can verify who said what.
	Attributable = "attributable"
	// Deniable: the parties know who said what, and can prove it to nobody.
	Deniable = "deniable"
	// NonPapers: attributable, and beside it deniable messages in logs of their own.
	NonPapers = "attributable,non-papers"
)

// Terms are the charter of a line: what both parties agreed on besides who
// they are (spec/ROSTER.md §6).
type Terms struct {
	// Quorum is how many officers must sign, 1 to 8, for each of the four precedences.
	Quorum map[parley.Precedence]int
	// QuorumKind replaces Quorum, at every precedence, for the kinds it names.
	QuorumKind map[parley.Kind]int
	// Channels are 1 to 16, in the order in which people list them.
	Channels []Channel
	// CheckEvery is the interval of line checks on every channel, 100 ms to 24 h, in whole milliseconds.
	CheckEvery time.Duration
	// Languages are those the parties may write in, 1 to 16, each once.
	Languages []string
	// Evidence is Attributable, Deniable or NonPapers.
	Evidence string
	// PouchWindow is how long frames carried by hand can still be opened, 1 min to 366 days, in whole milliseconds.
	PouchWindow time.Duration
}

// DefaultTerms returns terms without channels: two officers for flash and one
// for the rest, a check every 30 s, English, attributable, pouches of 30 days.
func DefaultTerms() Terms {
	return Terms{
		Quorum:      map[parley.Precedence]int{parley.Flash: 2, parley.Immediate: 1, parley.Priority: 1, parley.Routine: 1},
		CheckEvery:  30 * time.Second,
		Languages:   []string{"en"},
		Evidence:    Attributable,
		PouchWindow: 720 * time.Hour,
	}
}

// Channel is one route for frames that both parties agreed to keep.
type Channel struct {
	// Name is written like the name of a party and stands once on a line.
	Name string
	// Kind is "tcp", "quic" (over UDP), "pouch" (carried by hand) or "pipe" (two stations on one machine).
	Kind string
	// Listener is, for tcp and quic, the party that listens; the other one dials.
	Listener parley.Party
	// Address is, for tcp and quic, where the listener is reached: host:port or [IPv6]:port.
	Address string
	// Narrow says that the channel is slow: frames take the narrow form on it.
	Narrow bool
}

// Dialled reports whether one party listens on the channel and the other dials: it is tcp or quic.
func (c *Channel) Dialled() bool { return c.Kind == TCP || c.Kind == QUIC }

// The kinds of channel.
const (
	TCP   = "tcp"
	QUIC  = "quic"
	Pouch = "pouch"
	Pipe  = "pipe"
)

// kinds are those a quorum can be given for, in order.
var kinds = [...]parley.Kind{parley.Text, parley.Acknowledgement}

func (p *printer) terms(t Terms) {
	p.Line("terms", "v1")
	for prec := parley.Flash; prec <= parley.Routine; prec++ {
		p.Line("quorum", prec.String(), strconv.Itoa(t.Quorum[prec]))
	}
	for _, k := range slices.Sorted(maps.Keys(t.QuorumKind)) {
		p.Line("quorum-kind", k.String(), strconv.Itoa(t.QuorumKind[k]))
	}
	for _, c := range t.Channels {
		w := []string{"channel", c.Name, c.Kind}
		if c.Dialled() {
			w = append(w, string(c.Listener), c.Address)
		}
		if c.Narrow {
			w = append(w, "narrow")
		}
		p.Line(w...)
	}
	p.Line("check-every", printSpan(t.CheckEvery))
	p.Line("languages", strings.Join(t.Languages, ","))
	p.Line("evidence", t.Evidence)
	p.Line("pouch-window", printSpan(t.PouchWindow))
}

// terms reads what printer.terms writes.
func (d *reader) terms() (t Terms) {
	if v := d.Word("terms"); d.Err() == nil && v != "v1" {
		d.Fail("terms", "%q is not known, this program reads v1 only; update the program", lines.Clip(v))
	}
	t.Quorum = make(map[parley.Precedence]int, 4)
	for prec := parley.Flash; prec <= parley.Routine; prec++ {
		t.Quorum[prec] = d.quorum("quorum", prec.String())
	}
	for _, k := range kinds {
		if d.Next("quorum-kind " + k.String()) {
			if t.QuorumKind == nil {
				t.QuorumKind = make(map[parley.Kind]int)
			}
			t.QuorumKind[k] = d.quorum("quorum-kind", k.String())
		}
	}
	for d.Next("channel") {
		t.Channels = append(t.Channels, d.channel())
		d.FailWith("channel", t.checkChannel(len(t.Channels)-1))
	}
	t.CheckEvery = d.span("check-every", minCheck, maxCheck)
	t.Languages = strings.Split(d.Word("languages"), ",")
	d.FailWith("languages", checkLanguages(t.Languages))
	t.Evidence = d.Word("evidence")
	d.FailWith("evidence", checkEvidence(t.Evidence))
	t.PouchWindow = d.span("pouch-window", minPouch, maxPouch)
	if d.Err() == nil {
		d.Whole(t.check())
	}
	return t
}

func (d *reader) quorum(keyword, of string) int {
	w := d.Words(keyword, 2)
	if d.Err() != nil {
		return 0
	}
	n, err := strconv.Atoi(w[1])
	if w[0] != of || err != nil || strconv.Itoa(n) != w[1] {
		d.Fail(keyword, "write: %s %s NUMBER", keyword, of)
	}
	d.FailWith(keyword, checkQuorum(n))
	return n
}

func (d *reader) channel() (c Channel) {
	w := strings.Split(d.Rest("channel"), " ")
	if n := len(w) - 1; n > 0 && w[n] == "narrow" {
		c.Narrow, w = true, w[:n]
	}
	switch {
	case d.Err() != nil:
	case len(w) == 4 && (w[1] == TCP || w[1] == QUIC):
		c.Name, c.Kind, c.Listener, c.Address = w[0], w[1], parley.Party(w[2]), w[3]
	case len(w) == 2 && (w[1] == Pouch || w[1] == Pipe):
		c.Name, c.Kind = w[0], w[1]
	default:
		d.Fail("channel", "write: channel NAME tcp LISTENER HOST:PORT, channel NAME quic LISTENER HOST:PORT, channel NAME pouch or channel NAME pipe, each with narrow at the end if it is slow")
	}
	return c
}

// check says what is wrong with terms, as far as they can be judged without
// the sides.
func (t *Terms) check() error {
	for prec := parley.Flash; prec <= parley.Routine; prec++ {
		if err := checkQuorum(t.Quorum[prec]); err != nil {
			return fmt.Errorf("quorum %s: %w", prec, err)
		}
	}
	if len(t.Quorum) != 4 {
		return fmt.Errorf("quorum: %w: a precedence is named that does not exist", ErrMalformed)
	}
	for k, n := range t.QuorumKind {
		if !k.Valid() {
			return fmt.Errorf("quorum-kind: %w: kind %d does not exist", ErrMalformed, k)
		}
		if err := checkQuorum(n); err != nil {
			return fmt.Errorf("quorum-kind %s: %w", k, err)
		}
	}
	if n := len(t.Channels); n < 1 || n > MaxChannels {
		return fmt.Errorf("channel: %w: there are %d; name 1 to %d", ErrMalformed, n, MaxChannels)
	}
	for i, c := range t.Channels {
		if err := t.checkChannel(i); err != nil {
			return fmt.Errorf("channel %q: %w", lines.Clip(c.Name), err)
		}
	}
	if err := checkSpan(t.CheckEvery, minCheck, maxCheck); err != nil {
		return fmt.Errorf("check-every: %w", err)
	}
	if err := checkSpan(t.PouchWindow, minPouch, maxPouch); err != nil {
		return fmt.Errorf("pouch-window: %w", err)
	}
	if err := checkLanguages(t.Languages); err != nil {
		return fmt.Errorf("languages: %w", err)
	}
	return checkEvidence(t.Evidence)
}

// checkChannel says what is wrong with channel i by itself and beside those before it.
func (t *Terms) checkChannel(i int) error {
	c := t.Channels[i]
	if slices.ContainsFunc(t.Channels[:i], func(o Channel) bool { return o.Name == c.Name }) {
		return fmt.Errorf("%w: the name %q stands twice; give each channel its own", ErrMalformed, lines.Clip(c.Name))
	}
	return c.check()
}

func checkLanguages(tags []string) error {
	if n := len(tags); n < 1 || n > MaxLanguages {
		return fmt.Errorf("%w: there are %d; name 1 to %d", ErrMalformed, n, MaxLanguages)
	}
	for i, tag := range tags {
		if err := checkLanguage(tag); err != nil {
			return err
		}
		if slices.ContainsFunc(tags[:i], func(o string) bool { return strings.EqualFold(o, tag) }) {
			return fmt.Errorf("%w: %q stands twice; name each language once", ErrMalformed, tag)
		}
	}
	return nil
}

func checkEvidence(mode string) error {
	switch mode {
	case Attributable, Deniable, NonPapers:
		return nil
	}
	return fmt.Errorf("%w: evidence %q is not known; write attributable, deniable or attributable,non-papers", ErrMalformed, lines.Clip(mode))
}

// Deniably reports whether something can be said deniably under the terms.
func (t *Terms) Deniably() bool { return t.Evidence != Attributable }

func checkQuorum(n int) error {
	if n < 1 || n > MaxQuorum {
		return fmt.Errorf("%w: %d officers; use 1 to %d", ErrMalformed, n, MaxQuorum)
	}
	return nil
}
