package audit

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"parley"
	"parley/receipt"
	"parley/release"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// logAudit is the audit of one log.
type logAudit struct {
	of         *Auditor
	side, peer roster.Side
	exports    bool   // the file is the side's own
	peerSize   uint64 // entries of the peer's log in the file
	firstLine  int    // of the file, where entry 1 stands
	report     *Log

	checkpoint, cosigned transcript.Signed
	cosignedAt           parley.Time
	stolen               bool // the key that cosigned is compromised
	postQuantum          receipt.PostQuantum
	witnessed            []moment // in the order of their sizes; those that were reached are left out

	// Where Next is.
	given              uint64
	entries            *transcript.Cursor
	receipts, refusals statements

	// Where Take is.
	left  bool // nothing that follows in the log stands for anything
	chain *transcript.Chain
	// generation is the place in the report's list of the one that the chain is in.
	generation int
	seen       uint64      // of the peer's log, as the last entry said that was not refused
	last       parley.Time // what the last entry claims
	drafts     drafts      // of content that is believed
}

func newLog(a *Auditor, i int, side, peer roster.Side) *logAudit {
	file := &a.file.Logs[i]
	return &logAudit{
		of: a, side: side, peer: peer, report: &a.report.Logs[i],
		firstLine: file.EntryLine(), exports: a.file.Exporter == side.Party, peerSize: a.file.Logs[1-i].Size,
		entries: file.Entries(), receipts: statements{from: file.Receipts()}, refusals: statements{from: file.Refusals()},
		chain: transcript.NewChain(side.Log),
	}
}

// begin begins a log whose notes were opened, or could not be.
func (l *logAudit) begin(err error) {
	if err == nil {
		err = l.closed(0) // a log of which nothing had come
	}
	if l.left = err != nil; l.left {
		l.wrong(0, err)
	}
}

// notes opens the checkpoint and the cosigned note, where they stand in the file.
func (l *logAudit) notes(file *transcript.LogReader) (err error) {
	if file.Checkpoint != nil {
		l.checkpoint, err = transcript.OpenCheckpointBy(file.Checkpoint, l.of.history, l.side.Party)
		if err != nil {
			return err
		}
	}
	if file.Cosigned != nil {
		if err := beyond(file.Cosigned, l.report, l.of.history); err != nil {
			return err
		}
		l.cosigned, l.cosignedAt, err = receipt.OpenCosigned(file.Cosigned, l.of.history, l.side.Party, l.peer.Party)
		if err != nil {
			return err
		}
		t, err := receipt.CosignedBy(file.Cosigned, l.of.history, l.peer.Party)
		if err != nil {
			return err
		}
		_, l.stolen = l.of.history.Doubt(l.peer.Party, roster.KeyID(roster.RoleReceipt, t.Key), wire.MaxNumber)
	}
	if file.CosignedPQ != nil {
		if l.postQuantum, err = receipt.OpenCosignedPQ(file.CosignedPQ, l.of.history, l.side.Party, l.peer.Party); err != nil {
			return fmt.Errorf("%w: %w", ErrPostQuantum, err)
		}
	}
	l.witnesses(file.Witnessed, l.of.history)
	return l.smaller()
}

// smaller checks that the note with four signatures is of no larger size than the
// largest that the other party cosigned: every one of the former is one of the latter.
func (l *logAudit) smaller() error {
	if l.postQuantum.Size > l.cosigned.Size {
		return fmt.Errorf("%w: it is of size %d, and the largest that %s cosigned at all is said to be of size %d: %w", ErrPostQuantum, l.postQuantum.Size, l.peer.Party, l.cosigned.Size, ErrMissing)
	}
	return nil
}

// signedNotes is notes for who has the log key alone: of the cosigned notes it opens
// the checkpoint, which is what stands above the second signature.
func (l *logAudit) signedNotes(h *roster.History, file *transcript.LogReader) (err error) {
	if file.Checkpoint != nil {
		l.checkpoint, err = transcript.OpenCheckpointBy(file.Checkpoint, h, l.side.Party)
		if err != nil {
			return err
		}
	}
	if file.Cosigned != nil {
		if l.cosigned, err = l.checkpointIn(file.Cosigned, h); err != nil {
			return err
		}
	}
	if file.CosignedPQ != nil {
		if l.postQuantum.Signed, err = l.checkpointIn(receipt.CosignedIn(file.CosignedPQ), h); err != nil {
			return fmt.Errorf("%w: %w", ErrPostQuantum, err)
		}
	}
	l.witnesses(file.Witnessed, h)
	return l.smaller()
}

// checkpointIn opens the checkpoint in a cosigned note.
func (l *logAudit) checkpointIn(cosigned []byte, h *roster.History) (transcript.Signed, error) {
	last := bytes.LastIndexByte(cosigned[:len(cosigned)-1], '\n') + 1
	return transcript.OpenCheckpointBy(cosigned[:last], h, l.side.Party)
}

// judged reports whether more is looked at than a log key can prove.
func (l *logAudit) judged() bool { return l.report.Basis == ByRoster }

// work returns the next entries with what was signed about them; nil if there are no
// more.
func (l *logAudit) work(h *roster.History) (*Work, error) {
	w := l.of.room()
	batch, err := l.entries.Next(w.batch.Room())
	switch {
	case err != nil:
		return nil, err
	case batch.Count == 0 && l.given == l.report.Entries:
		return nil, nil
	case batch.Count == 0:
		return nil, errors.New("transcript: entries are missing that stood there before: the file has changed while it was read")
	}
	w.log, w.history, w.first, w.batch, w.after = l, h, l.given+1, batch, *l.entries
	l.given += uint64(batch.Count)
	if w.receipts, err = l.receipts.upTo(l.given); err != nil {
		return nil, err
	}
	w.refusals, err = l.refusals.upTo(l.given)
	return w, err
}

// statements are what was signed about single entries, read as the entries are.
type statements struct {
	from *transcript.Cursor
	read []transcript.Statement // and not given yet
}

// upTo returns the next statements, those about entries up to n.
func (s *statements) upTo(n uint64) (out []transcript.Statement, err error) {
	for {
		for i, one := range s.read {
			if one.Number > n {
				out, s.read = append(out, s.read[:i]...), s.read[i:]
				return out, nil
			}
		}
		out = append(out, s.read...)
		s.read = nil
		b, err := s.from.Next(nil)
		if err != nil || b.Count == 0 {
			return out, err
		}
		if s.read, err = b.Statements(); err != nil {
			return nil, err
		}
	}
}

// wrong notes a wrong thing in entry n, or in no single one if n is 0.
func (l *logAudit) wrong(n uint64, err error) {
	l.report.Counts.Wrong++
	// The first one is always kept.
	wrong := &Wrong{Party: l.side.Party, Entry: n, Err: err}
	if 0 < n && n <= l.report.Entries {
		wrong.Line = l.firstLine + int(n-1)
	}
	l.report.Wrong = some(l.report.Wrong, max(1, l.of.options.Most), wrong)
}

// some appends to a list of which only so many are kept.
func some[T any](list []T, most int, v T) []T {
	if len(list) >= most {
		return list
	}
	return append(list, v)
}

// leave notes a wrong thing behind which nothing in the log stands for anything.
func (l *logAudit) leave(n uint64, err error) {
	l.wrong(n, err)
	l.left, l.drafts = true, nil
}

// take checks what follows from the order for entry i of w.
func (l *logAudit) take(w *Work, i int) {
	f, n := &w.found[i], w.first+uint64(i)
	l.goOn(n)
	err := f.headerErr
	if err == nil {
		err = l.chain.Follow(f.header, f.leaf)
	}
	switch {
	case errors.Is(err, transcript.ErrChain):
		l.leave(l.altered(w, i), fmt.Errorf("%w: %w", ErrAltered, err))
		return
	case err != nil && f.headerErr != nil:
		l.leave(n, fmt.Errorf("entry %d: %w", n, err))
		return
	case err != nil:
		l.leave(n, err)
		return
	}
	l.entry(n, f)
	if err := l.roots(n); err != nil {
		l.leave(n, err)
		return
	}
	if l.report.Checked = n; n == l.report.Entries {
		l.drafts = nil // none follows that could repeat one
	}
}

// entry checks what stands in entry n, and what the peer said of it.
func (l *logAudit) entry(n uint64, f *found) {
	r, most := l.report, l.of.options.Most
	if r.Latest = max(r.Latest, f.header.Time); f.header.Time < l.last {
		r.Counts.Earlier++
		r.Earlier = some(r.Earlier, most, n)
	}
	l.last = f.header.Time
	if !l.judged() {
		if seen := l.saw(n, f.header.Seen); seen != nil {
			l.wrong(n, seen)
		}
		return
	}
	l.statements(n, f)
	released, err := f.released, f.err
	if err == nil {
		err = l.once(released)
	}
	if f.refusal != nil {
		r.Counts.Refused++
		refused := Refused{Number: n, Reason: f.refusal.Reason, At: f.refusal.Time, Doubt: f.refusalStolen, Found: err}
		before, claims := l.seen, r.ClaimsSeen
		if seen := l.saw(n, f.header.Seen); refused.Found == nil {
			refused.Found = seen
		}
		l.seen, r.ClaimsSeen = before, claims // what it says binds nobody, and is no measure for those behind it
		r.Refused = some(r.Refused, most, refused)
		return
	}
	if seen := l.saw(n, f.header.Seen); seen != nil {
		l.wrong(n, seen)
	}
	if err != nil {
		l.wrong(n, err)
		return
	}
	l.believed(Message{Number: n, Generation: l.generation + 1, Time: f.header.Time, Released: released})
}

// statements notes what the peer signed about entry n.
func (l *logAudit) statements(n uint64, f *found) {
	r := l.report
	if f.receiptErr != nil {
		l.wrong(n, f.receiptErr)
	}
	if f.refusalErr != nil {
		l.wrong(n, f.refusalErr)
	}
	if f.receipt != nil {
		r.Counts.Receipts++
		r.Receipts = some(r.Receipts, l.of.options.Most, Receipt{Number: n, Received: f.receipt.Received, stolen: f.receiptStolen})
	}
	if f.receipt == nil && f.refusal == nil && (n > l.cosigned.Size || l.cosigned.Size > r.Entries) {
		r.Unreceipted.add(n) // a refusal says that the entry is held
	}
}

// once refuses content whose draft was believed before: a draft is spent by the entry
// that is believed, not by one that was refused. A change is believed once because of
// its number (spec/CHANGE.md §3).
func (l *logAudit) once(released *release.Released) error {
	if c := released.Content(); c.Kind != parley.Change && l.drafts.has(c.Draft) {
		return fmt.Errorf("the draft of an earlier entry: %w", release.ErrReplay)
	}
	return nil
}

func (l *logAudit) believed(m Message) {
	if c := m.Released.Content(); c.Kind != parley.Change {
		l.drafts.add(c.Draft)
	}
	r, o := l.report, l.of.options
	m.Refers = refers(l.of.names, l.side.Party, m.Number, wire.MaxNumber, m.Released.Content().References)
	m.Doubts = m.Released.Doubts(l.of.history, m.Number)
	for _, d := range m.Doubts {
		r.Doubtful.add(d, m.Number)
	}
	r.Counts.Believed++
	r.Said.add(m.Number)
	if c := m.Released.Content(); c.Kind == parley.Text && transcript.IsDecision(c.Body) {
		officers := m.Released.Officers()
		if d, err := transcript.ParseDecision([]byte(c.Body)); err == nil && d.Log == l.peer.Log && len(officers) >= l.of.history.At(l.side.Party, m.Number).Decisive() {
			r.Decisions = some(r.Decisions, o.Most, Decision{m.Number, m.Time, officers, d})
		}
	}
	if o.Message != nil {
		o.Message(l.side.Party, m)
		return
	}
	r.Believed = some(r.Believed, o.Most, m)
}

// saw checks what entry n says of the peer's log: no less than the entries
// before it said, and no more than stands in the file. The exporter's own
// entries may say more of the peer's, as ClaimsSeen has it. What was written beside a
// generation that was closed counts up to the close (spec/GENERATION.md §1).
func (l *logAudit) saw(n uint64, seen []wire.Seen) error {
	if len(seen) == 0 && l.seen > 0 {
		return fmt.Errorf("it says that nothing of %s was seen, after %d: %w", l.peer.Party, l.seen, ErrSeen)
	}
	for _, s := range seen {
		s.Size = l.of.names.Saw(l.side.Party, n, s.Size)
		switch {
		case s.Log != l.peer.Log:
			return fmt.Errorf("it says what was seen of log %s: %w", s.Log, ErrSeen)
		case s.Size < l.seen:
			return fmt.Errorf("it says that %d entries of %s were seen, after %d: %w", s.Size, l.peer.Party, l.seen, ErrSeen)
		case s.Size > l.peerSize && !l.exports:
			return fmt.Errorf("it says that %d entries of %s were seen, of which %d stand in the file: %w, or entries are %w", s.Size, l.peer.Party, l.peerSize, ErrSeen, ErrMissing)
		case s.Size > l.peerSize:
			l.report.ClaimsSeen = s.Size
		}
		l.seen = s.Size
	}
	return nil
}

// roots compares the root of the first n entries with what was signed of them.
func (l *logAudit) roots(n uint64) error {
	if n == l.cosigned.Size {
		if l.chain.Root() != l.cosigned.Root {
			return fmt.Errorf("entries 1 to %d are not those that %s receipted: %w", n, l.peer.Party, ErrAltered)
		}
		if l.judged() {
			l.report.Receipted, l.report.ReceiptedAt = n, l.cosignedAt
		}
	}
	if p := &l.postQuantum; n == p.Size {
		if l.chain.Root() != p.Root {
			return fmt.Errorf("entries 1 to %d are not those that %s and %s cosigned: %w: %w", n, l.side.Party, l.peer.Party, ErrPostQuantum, ErrAltered)
		}
		if l.judged() {
			l.report.PostQuantum, l.report.PostQuantumAt = n, max(p.Offered, p.Cosigned)
		}
	}
	if err := l.witnessedRoot(n); err != nil {
		return err
	}
	if n == l.checkpoint.Size {
		if l.chain.Root() != l.checkpoint.Root {
			return fmt.Errorf("entries 1 to %d are not those that %s signed: %w", n, l.side.Party, ErrAltered)
		}
		l.report.Size, l.report.Root = n, l.checkpoint.Root
	}
	return l.closed(n)
}

// end compares how many entries were signed and receipted with how many stand in the
// file, names the first that is short of either, and says which key was valid when.
func (l *logAudit) end() {
	if l.judged() {
		l.keys()
	}
	if l.left {
		return
	}
	n, list := l.report.Entries, l.report.Generations
	closed := list[len(list)-1].From - 1
	switch signed := max(l.checkpoint.Size, l.cosigned.Size); {
	case closed > n:
		l.wrong(n+1, fmt.Errorf("%s closed a generation of the log at %d entries: %w", l.peer.Party, closed, ErrMissing))
	case signed > n:
		l.wrong(n+1, fmt.Errorf("%s signed that it has %d entries: %w", l.side.Party, signed, ErrMissing))
	case l.checkpoint.Size < n:
		l.wrong(l.checkpoint.Size+1, fmt.Errorf("the checkpoint that covers it: %w", ErrMissing))
	}
}

// keys says which key was valid when, as far as the log stands for anything, and
// what of the receipts is in doubt: all of both logs has been taken.
func (l *logAudit) keys() {
	r := l.report
	r.Keys = l.of.history.Keys(l.side.Party)
	if l.left {
		r.Keys = slices.DeleteFunc(r.Keys, func(k roster.Validity) bool { return k.From > 1 && k.From > r.Checked+1 })
		for i := range r.Keys {
			if k := &r.Keys[i]; k.To > r.Checked {
				k.To, k.Seen, k.Doubt = 0, 0, 0
			}
		}
	}
	admits := uint64(0) // entries of this log that the peer's say it has seen
	for _, other := range l.of.logs {
		if other != l {
			admits = other.seen
		}
	}
	doubt := func(n uint64, stolen bool) InDoubt {
		if !stolen {
			return NoDoubt
		}
		return doubtOf(n, admits)
	}
	doubtClosings(r.Generations, l.of.history, l.peer.Party, admits)
	r.ReceiptedDoubt = doubt(r.Receipted, l.stolen)
	for i := range r.Receipts {
		r.Receipts[i].Doubt = doubt(r.Receipts[i].Number, r.Receipts[i].stolen)
	}
}
