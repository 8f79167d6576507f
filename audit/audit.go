package audit

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"

	"parley"
	"parley/receipt"
	"parley/release"
	"parley/roster"
	"parley/transcript"
)

// What is found wrong, beside the sentinels of release, receipt, transcript
// and wire (spec/TRANSCRIPT.md §7).
var (
	// ErrRoster: the file is of another line, party or log than the roster.
	ErrRoster = errors.New("not of the roster given")

	// ErrKey: the file has no log of a verifier key that was given.
	ErrKey = errors.New("not of the verifier key given")

	// ErrAltered: the entry is not the one that was signed or followed.
	ErrAltered = errors.New("altered")

	// ErrMissing: something that the file itself says there is, is not in it.
	ErrMissing = errors.New("missing from the file")

	// ErrUnsigned: a receipt or refusal is not by the other party's key.
	ErrUnsigned = errors.New("not signed by the other party")

	// ErrStatement: a receipt or refusal is signed, but of another entry.
	ErrStatement = errors.New("of another entry")

	// ErrPostQuantum: the checkpoint with the cosignatures by ML-DSA-44 is not what
	// it should be; another of these or of package receipt says why.
	ErrPostQuantum = errors.New("checkpoint cosigned by ML-DSA-44")

	// ErrSeen: what an entry says it has seen of the other log cannot be.
	ErrSeen = release.ErrSeen
)

// Audit checks a file that stands in memory, and keeps all of what it finds: see
// Auditor, which does the same for a file of any length. Where f is nothing that a
// file can hold, that is what is wrong.
func Audit(f transcript.File, r *roster.Roster) *Report {
	text, err := transcript.AppendFile(nil, f)
	if err != nil {
		return &Report{Line: r.Line, Words: r.Words(), Exporter: f.Exporter, Wrong: &Wrong{Err: err}}
	}
	read, err := transcript.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return &Report{Line: r.Line, Words: r.Words(), Exporter: f.Exporter, Wrong: &Wrong{Err: err}}
	}
	a := New(read, r, Options{Most: math.MaxInt})
	for w := a.Next(); w != nil; w = a.Next() {
		w.Do()
		a.Take(w)
	}
	report, err := a.Report()
	if err != nil {
		report.Wrong = &Wrong{Err: err}
	}
	return report
}

// Options say what an Auditor keeps of what it finds, and tells of it.
type Options struct {
	// Most is how many of each list of a Log are kept, the first ones. Their
	// counts, and the Spans, are of all.
	Most int

	// Message is told each message that is believed, in order, if it is set; then none
	// is kept in Believed.
	Message func(parley.Party, Message)

	// Witnesses are the neutral witnesses whose keys are known. Cosignatures of
	// others are reported, and prove nothing.
	Witnesses []transcript.WitnessKey

	// Known is the History of an Auditor of the same file, which spares reading
	// the file for changes first; nil if there was none.
	Known *roster.History
}

// Auditor checks a file against a roster: the logs in order, each from its first
// entry. It goes on after a wrong thing in one entry, so that no party can hide
// what follows behind an entry of its own; it leaves a log only where the
// entries do not hold to each other, or nothing signed says that they do.
//
// A refused entry is no wrong thing: that it was sent, and refused, is what is
// proved. Content that cannot be believed and that the other side did not
// refuse is.
//
// What takes time is done by Work, on as many processors as there are:
//
//	Next    the next piece of the file, as Work; one caller
//	Do      checks all of it that stands by itself; anybody, in any order
//	Take    checks what follows from the order; the caller of Next, in its order
//
// What an Auditor holds does not grow with the file, but for the draft ids of the
// messages that are believed, which may not repeat.
type Auditor struct {
	options Options
	file    *transcript.Reader
	report  *Report
	logs    [2]*logAudit
	next    int             // the log that Next is in
	taken   []*Work         // whose memory is free
	history *roster.History // with the changes of both logs
	names   *roster.History // with their generations; without a roster as the file has them
	err     error
}

// New begins the audit of a file with a roster.
func New(f *transcript.Reader, r *roster.Roster, o Options) *Auditor {
	a := &Auditor{options: o, file: f, history: o.Known, next: len(f.Logs)}
	a.report = &Report{Line: r.Line, Words: r.Words(), Exporter: f.Exporter, PostQuantum: receipt.HasPQ(r)}
	if f.Line != r.Line {
		a.report.Wrong = &Wrong{Err: fmt.Errorf("the file is of line %s: %w", f.Line, ErrRoster)}
		return a
	}
	for i, l := range f.Logs {
		side, peer := r.Sides[i], r.Sides[1-i]
		a.report.Logs[i] = Log{Party: side.Party, Peer: peer.Party, Log: side.Log, Generations: first(side.Log), Entries: l.Size, Basis: ByRoster}
		if l.Party != side.Party || l.Log != side.Log {
			a.report.Wrong = &Wrong{Err: fmt.Errorf("log %s of %s: %w", l.Log, l.Party, ErrRoster)}
			return a
		}
	}
	if a.history == nil {
		// Which of a party's keys counts for what it said of the other log stands
		// in its own, and which are in doubt further behind.
		if a.history, a.err = changes(f, r); a.err != nil {
			return a
		}
	}
	for i := range f.Logs {
		l := newLog(a, i, r.Sides[i], r.Sides[1-i])
		a.logs[i] = l
		var err error
		l.report.Generations, a.history, err = generations(f.Logs[i].Generations, a.history, l.side.Party, receipt.OpenGeneration)
		if err == nil {
			err = l.notes(&f.Logs[i])
		}
		l.begin(err)
	}
	a.next, a.names = 0, a.history
	return a
}

// NewWithKeys begins the audit of a file with the verifier keys of one log or of both,
// which prove less than a roster: what the holder of the key put into the log, and
// that nothing below its checkpoint is altered, missing or moved. Whose log it is, who
// released what, and what the other party receipted or refused stays a claim of the
// file. Of a log without a key nothing is proved.
func NewWithKeys(f *transcript.Reader, keys []transcript.LogKey, o Options) *Auditor {
	a := &Auditor{options: o, file: f, next: len(f.Logs)}
	a.report = &Report{Line: f.Line, Exporter: f.Exporter}
	for i, l := range f.Logs {
		a.report.Logs[i] = Log{Party: l.Party, Peer: f.Logs[1-i].Party, Log: l.Log, Generations: first(l.Log), Entries: l.Size}
	}
	of := func(k transcript.LogKey) int {
		return slices.IndexFunc(f.Logs[:], func(l transcript.LogReader) bool { return l.Log == k.Log })
	}
	for _, k := range keys {
		i := of(k)
		if f.Line != k.Line || i < 0 {
			a.report.Wrong = &Wrong{Err: fmt.Errorf("log %s of line %s: %w", k.Log, k.Line, ErrKey)}
			return a
		}
		a.report.Logs[i].Basis = ByKey
	}
	for i, l := range f.Logs {
		a.logs[i] = newLog(a, i, roster.Side{Party: l.Party, Log: l.Log}, roster.Side{Party: f.Logs[1-i].Party, Log: f.Logs[1-i].Log})
		a.logs[i].left = true // until there is a key of it
	}
	for _, k := range keys {
		l, file := a.logs[of(k)], &f.Logs[of(k)]
		l.side.LogKey = k.Key
		h := roster.NewHistory(&roster.Roster{Line: f.Line, Sides: [2]roster.Side{l.side, l.peer}})
		var err error
		l.report.Generations, h, err = generations(file.Generations, h, l.side.Party, receipt.ClaimGeneration)
		if err == nil {
			err = l.signedNotes(h, file)
		}
		l.begin(err)
	}
	a.next, a.names = 0, claimed(f)
	return a
}

// Next returns the next piece of work; nil when there is no more.
func (a *Auditor) Next() *Work {
	for ; a.err == nil && a.next < len(a.logs); a.next++ {
		l := a.logs[a.next]
		if l.left {
			continue
		}
		w, err := l.work(a.history)
		if a.err = err; w != nil {
			return w
		}
	}
	return nil
}

// Take takes the work that was done: each piece once, in the order in which Next
// gave them. It is nothing to be looked at behind that: its memory is that of the next.
func (a *Auditor) Take(w *Work) {
	a.take(w)
	w.reset()
	a.taken = append(a.taken, w)
}

// room returns work without anything to do.
func (a *Auditor) room() *Work {
	last := len(a.taken) - 1
	if last < 0 {
		return new(Work)
	}
	w := a.taken[last]
	a.taken = a.taken[:last]
	return w
}

func (a *Auditor) take(w *Work) {
	if a.err != nil || w.log.left {
		return
	}
	if w.err != nil {
		a.err = w.err
		return
	}
	for i := range w.found {
		if w.log.take(w, i); w.log.left {
			return
		}
	}
}

// Report returns what was found, once all work is taken. The error is that the file
// cannot be read, or wraps transcript.ErrMalformed: then nothing in it is proved.
func (a *Auditor) Report() (*Report, error) {
	if a.err != nil {
		return &Report{Line: a.report.Line, Words: a.report.Words, Exporter: a.report.Exporter}, a.err
	}
	for _, l := range a.logs {
		if l == nil {
			break // of another roster or key
		}
		l.end()
		if wrong := l.report.Wrong; a.report.Wrong == nil && len(wrong) > 0 {
			a.report.Wrong = wrong[0]
		}
	}
	return a.report, nil
}

// History returns whose keys were valid when, as the changes in the file say.
func (a *Auditor) History() *roster.History { return a.history }
