package station

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"parley"
	"parley/internal/journal"
	"parley/receipt"
	"parley/release"
	"parley/roster"
	"parley/wire"
)

// Message is an entry and its content together, as people see it. Content is
// set only for what is believed: a refused entry shows that it is there, and
// why it is not shown.
type Message struct {
	Seq      uint64 // its place in the order of arrival here
	Ref      parley.Ref
	From     parley.Party
	Mine     bool
	Composed parley.Time // by the clock of the sender
	Received parley.Time // by the clock here: when it became durable
	Seen     uint64      // how much of the other log its writer had seen
	Doubt    string      // why one of these two clocks must be wrong; empty if both may be right
	Ahead    bool        // it came before one it follows, and the gap is open still

	Believed bool
	Refusal  string // why not
	Content  wire.Content
	Officers []string
	// Compromised are the keys that signed it and of which their party says now
	// that somebody else may have used them then (spec/CHANGE.md §5).
	Compromised []roster.Compromise
	// Was is the name that people here know it by, if it had another before a restore.
	Was string
	// Sent is the name that its party had given it before a restore, if nobody here knew it by that.
	Sent string

	Receipts Receipts
	Fates    []journal.Fate
}

// Receipts are the rungs that machines have proved of one message (R2).
type Receipts struct {
	Single   parley.Time // their time in the single receipt, if there is one
	Cosigned bool        // their cosignature covers it
	Disputed string      // their signed refusal of it, if there is one

	// PostQuantum: both parties cosigned it by ML-DSA-44 as well (spec/RECEIPT.md §9).
	PostQuantum bool
}

// Filter chooses messages of one line.
type Filter struct {
	Mine, Theirs bool   // neither means both
	After        uint64 // those after the one with this Seq, in the order asked for
	Limit        int    // at most; 0 means 100
	Newest       bool   // from the end

	Precedence parley.Precedence // 0: any
}

// Messages returns messages of the line in the order in which they became
// durable here.
func (l *Line) Messages(f Filter) ([]Message, error) {
	if f.Limit <= 0 {
		f.Limit = 100
	}
	rows, err := l.rowsOf(f)
	if err != nil {
		return nil, err
	}
	out := make([]Message, 0, len(rows))
	for _, r := range rows {
		m, err := l.message(r)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// rowsOf returns the chosen rows. The newest of our own are found by their
// numbers, however many of the other side's lie between.
func (l *Line) rowsOf(f Filter) (rows []journal.Record, err error) {
	if f.Mine && !f.Theirs && f.Newest && f.After == 0 && f.Precedence == 0 {
		log, err := l.journal.Log(l.self.Log)
		if err != nil {
			return nil, err
		}
		from := uint64(1)
		if log.Size > uint64(f.Limit) {
			from = log.Size - uint64(f.Limit) + 1
		}
		err = l.journal.Entries(log.ID, from, f.Limit, func(r journal.Record) error {
			rows = append(rows, r)
			return nil
		})
		slices.Reverse(rows)
		return rows, err
	}
	jf := journal.Filter{Line: l.id, After: f.After, Limit: f.Limit, Newest: f.Newest, Precedence: f.Precedence}
	if f.Mine != f.Theirs {
		jf.Mine = &f.Mine
	}
	return l.journal.List(jf)
}

// ErrNoMessage is returned for a number that the log does not hold here.
var ErrNoMessage = errors.New("no such message here")

// Message returns one message with what became of it on each channel.
func (l *Line) Message(ctx context.Context, ref parley.Ref) (Message, error) {
	r, err := l.journal.Record(ref.Log, ref.Number)
	if errors.Is(err, journal.ErrNotFound) {
		return Message{}, fmt.Errorf("number %d: %w", ref.Number, ErrNoMessage)
	}
	if err != nil {
		return Message{}, err
	}
	m, err := l.message(r)
	if err != nil {
		return m, err
	}
	if m.Fates, err = l.journal.Fates(ref.Log, ref.Number); err != nil {
		return m, err
	}
	err = l.do(ctx, func() { m.Fates = l.fates.merge(ref, m.Fates) })
	return m, err
}

// message verifies an entry again on its way to a person: only release makes
// something that may be shown.
func (l *Line) message(r journal.Record) (Message, error) {
	mine := r.Log == l.self.Log
	m := Message{Seq: r.Seq, Ref: parley.Ref{Log: r.Log, Number: r.Number}, From: l.peer.Party, Mine: mine, Received: r.At}
	to := l.cfg.Party
	if mine {
		m.From, to = l.cfg.Party, l.peer.Party
	}
	h, err := wire.ParseEntryHeader(r.Entry)
	if err != nil {
		return m, fmt.Errorf("entry %d in the journal: %w", r.Number, err)
	}
	m.Composed = h.Time
	m.Doubt = clockDoubt(m.Composed, m.Received)
	for _, s := range h.Seen {
		m.Seen = s.Size
	}
	if err := l.receiptsOf(&m, r); err != nil {
		return m, err
	}
	if r.State != journal.Believed {
		m.Refusal = "who may release it is known when the gap before it has closed"
		if r.State == journal.Refused {
			m.Refusal = release.ReasonText(wire.Reason(r.Reason))
		}
		return m, nil
	}
	e, err := wire.ParseEntry(r.Entry)
	if err != nil {
		return m, fmt.Errorf("entry %d in the journal: %w", r.Number, err)
	}
	history := l.History()
	released, err := release.Verify(e.Signed, history, m.From, to, history.Place(m.From, h))
	if err != nil {
		return m, fmt.Errorf("entry %d in the journal was believed and no longer verifies: %w", r.Number, err)
	}
	m.Believed, m.Content, m.Officers = true, released.Content(), released.Officers()
	m.Compromised = released.Doubts(history, r.Number)
	if len(history.Generations(m.From)) > 1 {
		m.Was, m.Sent, err = l.was(m.From, m.Content.Draft, m.Mine)
	}
	return m, err
}

// was is the name that a message had which strayed, and was shown under that name.
func (l *Line) was(p parley.Party, draft parley.DraftID, mine bool) (was, sent string, err error) {
	s, err := l.journal.Stray(l.id, p, draft)
	switch name := strayName(l.History(), s); {
	case errors.Is(err, journal.ErrNotFound):
		return "", "", nil
	case err != nil:
		return "", "", err
	case s.Shown || mine:
		return name, "", nil
	default:
		return "", name, nil
	}
}

// clockTolerance is how far a message may come from the future before one of
// two clocks must be wrong, in milliseconds.
const clockTolerance = parley.Time(2 * 60_000)

// earliest is before any message of this protocol was composed.
var earliest = parley.TimeOf(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))

// clockDoubt says why the clock there, or the clock here, must be wrong (R13).
// It corrects neither: order never depends on a clock.
func clockDoubt(composed, received parley.Time) string {
	switch {
	case composed > received+clockTolerance:
		return "composed after it was received: the clock there is ahead, or the clock here is behind"
	case composed < earliest:
		return "composed before this protocol existed: the clock there is wrong"
	}
	return ""
}

func (l *Line) receiptsOf(m *Message, r journal.Record) error {
	log, err := l.journal.Log(r.Log)
	if err != nil {
		return err
	}
	m.Receipts.Cosigned = r.Number <= log.CosignedSize
	m.Receipts.PostQuantum = r.Number <= l.covered(m.Mine).Load()
	m.Ahead = r.Number > log.Size
	by := l.cfg.Party
	if m.Mine {
		by = l.peer.Party
	}
	if b, err := l.journal.Single(r.Log, r.Number); err == nil {
		single, _, err := receipt.VerifyBy(b, l.History(), by)
		if err != nil {
			return fmt.Errorf("the receipt of entry %d in the journal: %w", r.Number, err)
		}
		m.Receipts.Single = single.Received
	} else if !errors.Is(err, journal.ErrNotFound) {
		return err
	}
	if !m.Mine {
		return nil
	}
	row, err := l.journal.Refusal(r.Log, r.Number)
	if errors.Is(err, journal.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	refusal, _, err := receipt.RefusalBy(row.Bytes, l.History(), l.peer.Party)
	if err != nil {
		return fmt.Errorf("the refusal of entry %d in the journal: %w", r.Number, err)
	}
	m.Receipts.Disputed = release.ReasonText(refusal.Reason)
	return nil
}

// MessageName names a message for people: "south/17" is the 17th of south, in the
// first generation of its log, and "south/2.18" the 18th, in the second
// (spec/GENERATION.md §1).
func MessageName(h *roster.History, p parley.Party, n uint64) string {
	_, which := h.Generation(p, n)
	return parley.MessageName(p, which, n)
}

// MessageName names entry n of p's log for people.
func (l *Line) MessageName(p parley.Party, n uint64) string { return MessageName(l.History(), p, n) }

// NameOf names the message that ref points at.
func (l *Line) NameOf(ref parley.Ref) string {
	switch ref.Log {
	case l.self.Log:
		return l.MessageName(l.cfg.Party, ref.Number)
	case l.peer.Log:
		return l.MessageName(l.peer.Party, ref.Number)
	}
	return fmt.Sprintf("%s/%d", ref.Log, ref.Number)
}

// Referred names the message that ref points at in m: what was written
// before its party closed a generation of the other log means none of what came in its
// place since (spec/GENERATION.md §1).
func (l *Line) Referred(m Message, ref parley.Ref) string {
	side, ok := l.roster.Log(ref.Log)
	if !ok || side.Party == m.From {
		return l.NameOf(ref)
	}
	return parley.MessageName(side.Party, l.History().Meant(m.From, m.Ref.Number, ref.Number), ref.Number)
}

// Named returns what a name such as "south/17" points at on this line. The error wraps
// parley.ErrName, or ErrNoMessage for a number that is of another generation.
func (l *Line) Named(name string) (parley.Ref, error) {
	party, generation, n, err := parley.ParseMessageName(name)
	if err != nil {
		return parley.Ref{}, err
	}
	ref := parley.Ref{Log: l.self.Log, Number: n}
	switch party {
	case l.cfg.Party:
	case l.peer.Party:
		ref.Log = l.peer.Log
	default:
		return parley.Ref{}, fmt.Errorf("message %q: %w: this line has %s and %s", name, parley.ErrName, l.cfg.Party, l.peer.Party)
	}
	if _, which := l.History().Generation(party, n); which != generation {
		return parley.Ref{}, fmt.Errorf("message %q: %w: number %d of %s is of its generation %d, %s", name, ErrNoMessage, n, party, which, l.MessageName(party, n))
	}
	return ref, nil
}
