package audit

import (
	"errors"
	"fmt"

	"parley"
	"parley/receipt"
	"parley/release"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// What is found wrong, beside the sentinels of release, receipt, transcript
// and wire (spec/TRANSCRIPT.md §7).
var (
	// ErrRoster: the file is of another line, party or log than the roster.
	ErrRoster = errors.New("not of the roster given")

	// ErrAltered: the entry is not the one that was signed or followed.
	ErrAltered = errors.New("altered")

	// ErrMissing: something that the file itself says there is, is not in it.
	ErrMissing = errors.New("missing from the file")

	// ErrUnsigned: a receipt or refusal is not by the other party's key.
	ErrUnsigned = errors.New("not signed by the other party")

	// ErrStatement: a receipt or refusal is signed, but of another entry.
	ErrStatement = errors.New("of another entry")

	// ErrSeen: what an entry says it has seen of the other log cannot be.
	ErrSeen = errors.New("impossible statement of what was seen")
)

// Audit checks a file against a roster: the logs in order, each from its first
// entry. It goes on after a wrong thing in one entry, so that no party can hide
// what follows behind an entry of its own; it leaves a log only where the
// entries do not hold to each other, or nothing signed says that they do.
//
// A refused entry is no wrong thing: that it was sent, and refused, is what is
// proved. Content that cannot be believed and that the other side did not
// refuse is.
func Audit(f transcript.File, r *roster.Roster) *Report {
	report := &Report{Line: r.Line, Words: r.Words(), Exporter: f.Exporter}
	if f.Line != r.Line {
		report.wrong(&Wrong{Err: fmt.Errorf("the file is of line %s: %w", f.Line, ErrRoster)})
		return report
	}
	for i, l := range f.Logs {
		side, peer := r.Sides[i], r.Sides[1-i]
		report.Logs[i] = Log{Party: side.Party, Peer: peer.Party, Log: side.Log, Entries: uint64(len(l.Entries))}
		if l.Party != side.Party || l.Log != side.Log {
			report.wrong(&Wrong{Err: fmt.Errorf("log %s of %s: %w", l.Log, l.Party, ErrRoster)})
			return report
		}
	}
	history := roster.NewHistory(r)
	for i := range f.Logs {
		a := &auditor{
			roster: r, history: history, side: r.Sides[i], peer: r.Sides[1-i], file: &f.Logs[i], report: &report.Logs[i],
			exports: f.Exporter == r.Sides[i].Party, peerSize: uint64(len(f.Logs[1-i].Entries)),
			chain: transcript.NewChain(r.Sides[i].Log), drafts: make(map[parley.DraftID]uint64),
		}
		a.log()
		a.keys()
		for _, w := range report.Logs[i].Wrong {
			report.wrong(w)
		}
	}
	return report
}

// auditor checks one log.
type auditor struct {
	roster     *roster.Roster
	history    *roster.History // up to the next entry
	side, peer roster.Side
	exports    bool // the file is the side's own
	file       *transcript.FileLog
	report     *Log

	chain    *transcript.Chain
	peerSize uint64                    // entries of the peer's log in the file
	seen     uint64                    // of the peer's log, as the last entry said
	last     parley.Time               // what the last entry claims
	drafts   map[parley.DraftID]uint64 // of content that is believed, and its number

	checkpoint, cosigned transcript.Signed
	cosignedAt           parley.Time
	receipts, refusals   []transcript.Statement // those not looked at yet
}

// wrong notes a wrong thing in entry n, or in no single one if n is 0.
func (a *auditor) wrong(n uint64, err error) {
	a.report.Wrong = append(a.report.Wrong, &Wrong{a.side.Party, n, err})
}

func (a *auditor) log() {
	if err := a.notes(); err != nil {
		a.wrong(0, err)
		return
	}
	a.receipts, a.refusals = a.file.Receipts, a.file.Refusals
	for i, entry := range a.file.Entries {
		n := uint64(i + 1)
		header, err := a.chain.Append(entry)
		if errors.Is(err, transcript.ErrChain) {
			n, err = a.altered(i), fmt.Errorf("%w: %w", ErrAltered, err)
		}
		if err != nil {
			a.wrong(n, err)
			return
		}
		a.entry(n, entry, header)
		if err := a.roots(n); err != nil {
			a.wrong(n, err)
			return
		}
		a.report.Checked = n
	}
	a.complete()
}

// notes opens the checkpoint and the cosigned note, where they stand in the file.
func (a *auditor) notes() (err error) {
	if a.file.Checkpoint != nil {
		a.checkpoint, err = transcript.OpenCheckpoint(a.file.Checkpoint, a.roster.Line, a.side.Log, a.side.LogKey)
		if err != nil {
			return err
		}
	}
	if a.file.Cosigned != nil {
		a.cosigned, a.cosignedAt, err = receipt.OpenCosigned(a.file.Cosigned, a.roster, a.side.Party, a.peer.Party)
	}
	return err
}

// complete compares how many entries were signed and receipted with how many
// stand in the file, and names the first that is short of either.
func (a *auditor) complete() {
	n := a.report.Entries
	switch signed := max(a.checkpoint.Size, a.cosigned.Size); {
	case signed > n:
		a.wrong(n+1, fmt.Errorf("%s signed that it has %d entries: %w", a.side.Party, signed, ErrMissing))
	case a.checkpoint.Size < n:
		a.wrong(a.checkpoint.Size+1, fmt.Errorf("the checkpoint that covers it: %w", ErrMissing))
	}
}

// roots compares the root of the first n entries with what was signed of them.
func (a *auditor) roots(n uint64) error {
	if n == a.cosigned.Size {
		if a.chain.Root() != a.cosigned.Root {
			return fmt.Errorf("entries 1 to %d are not those that %s receipted: %w", n, a.peer.Party, ErrAltered)
		}
		a.report.Receipted, a.report.ReceiptedAt = n, a.cosignedAt
	}
	if n == a.checkpoint.Size {
		if a.chain.Root() != a.checkpoint.Root {
			return fmt.Errorf("entries 1 to %d are not those that %s signed: %w", n, a.side.Party, ErrAltered)
		}
		a.report.Size, a.report.Root = n, a.checkpoint.Root
	}
	return nil
}

// entry checks what stands in entry n, and what the peer said of it.
func (a *auditor) entry(n uint64, entry []byte, h wire.Header) {
	if a.report.Latest = max(a.report.Latest, h.Time); h.Time < a.last {
		a.report.Earlier = append(a.report.Earlier, n)
	}
	a.last = h.Time
	leaf := transcript.LeafHash(entry)
	if err := a.receipt(n, leaf); err != nil {
		a.wrong(n, err)
	}
	refused, err := a.refusal(n, leaf)
	if err != nil {
		a.wrong(n, err)
	}
	seen := a.saw(h.Seen)
	released, err := a.content(n, entry)
	if err == nil {
		a.history = released.After() // whatever the peer says: it follows from the log alone
	}
	if refused != nil {
		if refused.Found = err; err == nil {
			refused.Found = seen
		}
		a.report.Refused = append(a.report.Refused, *refused)
		return
	}
	if seen != nil {
		a.wrong(n, seen)
	}
	if err != nil {
		a.wrong(n, err)
		return
	}
	if c := released.Content(); c.Kind != parley.Change {
		a.drafts[c.Draft] = n
	}
	a.report.Believed = append(a.report.Believed, Message{Number: n, Time: h.Time, Released: released})
}

// keys says which key was valid when, and of which messages it is in doubt
// whether their officers approved them.
func (a *auditor) keys() {
	a.report.Keys = a.history.Keys(a.side.Party)
	for i := range a.report.Believed {
		m := &a.report.Believed[i]
		m.Doubts = m.Released.Doubts(a.history, m.Number)
	}
}

// content returns what was released in an entry, once: a draft is spent by the
// entry that is believed, not by one that was refused. A change is believed once
// because of its number (spec/CHANGE.md §3).
func (a *auditor) content(n uint64, entry []byte) (*release.Released, error) {
	e, err := wire.ParseEntry(entry)
	if err != nil {
		return nil, err
	}
	released, err := release.Verify(e.Signed, a.history, a.side.Party, a.peer.Party, n)
	if err != nil {
		return nil, err
	}
	if first, ok := a.drafts[released.Content().Draft]; ok && released.Content().Kind != parley.Change {
		return nil, fmt.Errorf("the draft of entry %d: %w", first, release.ErrReplay)
	}
	return released, nil
}

// saw checks what an entry says of the peer's log: no less than the entries
// before it said, and no more than stands in the file. The exporter's own
// entries may say more of the peer's, as ClaimsSeen has it.
func (a *auditor) saw(seen []wire.Seen) error {
	for _, s := range seen {
		switch {
		case s.Log != a.peer.Log:
			return fmt.Errorf("it says what was seen of log %s: %w", s.Log, ErrSeen)
		case s.Size < a.seen:
			return fmt.Errorf("it says that %d entries of %s were seen, after %d: %w", s.Size, a.peer.Party, a.seen, ErrSeen)
		case s.Size > a.peerSize && !a.exports:
			return fmt.Errorf("it says that %d entries of %s were seen, of which %d stand in the file: %w, or entries are %w", s.Size, a.peer.Party, a.peerSize, ErrSeen, ErrMissing)
		case s.Size > a.peerSize:
			a.report.ClaimsSeen = s.Size
		}
		a.seen = s.Size
	}
	return nil
}

// receipt checks the single receipt of entry n, if there is one.
func (a *auditor) receipt(n uint64, leaf parley.Hash) error {
	s, ok := take(&a.receipts, n)
	if !ok {
		return nil
	}
	r, err := receipt.Verify(s.Bytes, a.peer.Receipt)
	if err != nil {
		return fmt.Errorf("receipt: %w: %w", ErrUnsigned, err)
	}
	if r.Log != a.side.Log || r.Number != n || r.Leaf != leaf {
		return fmt.Errorf("receipt: %w", ErrStatement)
	}
	a.report.Receipts = append(a.report.Receipts, Receipt{n, r.Received})
	return nil
}

// refusal returns the refusal of entry n, if there is one.
func (a *auditor) refusal(n uint64, leaf parley.Hash) (*Refused, error) {
	s, ok := take(&a.refusals, n)
	if !ok {
		return nil, nil
	}
	r, err := receipt.OpenRefusal(s.Bytes, a.peer.Station)
	if err != nil {
		return nil, fmt.Errorf("refusal: %w: %w", ErrUnsigned, err)
	}
	if r.Log != a.side.Log || r.Number != n || r.Leaf != leaf {
		return nil, fmt.Errorf("refusal: %w", ErrStatement)
	}
	return &Refused{Number: n, Reason: r.Reason, At: r.Time}, nil
}

// take removes and returns the statement about entry n from a sorted list.
func take(list *[]transcript.Statement, n uint64) (transcript.Statement, bool) {
	if len(*list) == 0 || (*list)[0].Number != n {
		return transcript.Statement{}, false
	}
	s := (*list)[0]
	*list = (*list)[1:]
	return s, true
}
