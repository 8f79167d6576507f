package station

import (
	"errors"
	"fmt"

	"parley/internal/journal"
	"parley/receipt"
	"parley/seal"
	"parley/transcript"
	"parley/wire"
)

// alarm tells a person; it is not kept beyond the event.
func (t *turn) alarm(text string) {
	t.report(Event{Kind: EventAlarm, Text: text})
}

// halt stops the signing of our own log: its truth is elsewhere, on a machine
// that this one was copied or restored from (DESIGN §4). The line stays up:
// what they send is still stored and receipted.
func (t *turn) halt(why string) {
	own := &t.next.own
	if own.halted != "" {
		return
	}
	own.halted = why
	t.changed = true
	t.alarm(why + ": nothing more is signed on this line by this station")
}

// strangersKept bounds the refusals of strangers' entries that a run counts.
const strangersKept = 1024

// stranger is their signed answer to entry n of our log, where this station has
// no such entry: someone else speaks with our station's key, or they lie. It is
// told once in a run, so that many such answers hide no other alarm.
func (t *turn) stranger(n uint64) {
	if t.l.warned {
		return
	}
	t.after(func() { t.l.warned = true })
	t.alarm(fmt.Sprintf("%s answers an entry %d of our log that this station never wrote: someone else may hold our station key", t.l.peer.Party, n))
}

// errContradiction is an entry that cannot stand beside what is held.
var errContradiction = errors.New("it contradicts their log")

// contradiction is an entry of theirs that cannot stand beside what we hold.
// Their log is not cosigned past it; single receipts go on.
func (t *turn) contradiction(n uint64, what string) error {
	peer := &t.next.peer
	err := fmt.Errorf("entry %d of %s: %s: %w", n, t.l.peer.Party, what, errContradiction)
	if peer.halted == "" {
		peer.halted = err.Error()
		t.changed = true
		t.alarm(err.Error() + "; what they wrote before stands, and is kept")
	}
	return err
}

// forked is a checkpoint of theirs that contradicts what we hold of their log.
// With one before, which agreed or is of the same size, it is a portable proof
// (spec/TRANSCRIPT.md §5).
func (t *turn) forked(before, c transcript.Signed) {
	peer := &t.next.peer
	log, line := peer.id, t.l.id
	if peer.halted == "" {
		peer.halted = fmt.Sprintf("%s signed two histories of its log: the checkpoint of size %d does not agree with what it sent", t.l.peer.Party, c.Size)
		t.changed = true
		t.alarm(peer.halted + "; what they signed is kept: parley fork")
	}
	// One proof a turn is work enough: each reads the log as far as it goes.
	if t.forkProved {
		return
	}
	t.forkProved = true
	if kept, err := t.l.journal.Forks(line); err == nil && len(kept) >= forksKept {
		return
	}
	proof := t.forkProof(before, c)
	t.write(func(tx *journal.Tx) error {
		kept, err := tx.Forks(line)
		if err != nil || len(kept) >= forksKept {
			return err
		}
		return tx.PutFork(line, log, proof)
	})
}

// forksKept bounds the proofs kept of one line: one convicts, and whoever signs
// two histories can sign any number.
const forksKept = 16

// forkProof returns a portable proof that their log key signed two histories,
// or, where there is none, the checkpoint that does not agree.
func (t *turn) forkProof(before, c transcript.Signed) []byte {
	fork, err := transcript.ProveForkIn(before.Note(), c.Note(), leaves{t.l.journal, t.next.peer.id}, t.next.history)
	if err != nil {
		return c.Note()
	}
	proof, err := transcript.AppendFork(nil, fork)
	if err != nil {
		return c.Note()
	}
	return proof
}

// frameReasons are what a refused frame is counted under: never text that the
// frame chose.
var frameReasons = []struct {
	is     error
	reason string
}{
	{seal.ErrOpen, "altered, or not for this line"},
	{seal.ErrOpening, "its epoch was not opened by the other side's station"},
	{seal.ErrPrekey, "its epoch was opened to a prekey that is not held"},
	{errEpoch, "its epoch is not held"},
	{errWrongLog, "of another line or log"},
	{errElsewhere, "a line check by another channel than its own"},
	{errBeyond, "claims what this station never wrote"},
	{errContradiction, "contradicts the log of the other side"},
	{wire.ErrVersion, "of an unknown version"},
	{wire.ErrLimit, "over a limit"},
	{wire.ErrSignature, "bad signature"},
	{wire.ErrForm, "a narrow entry that cannot be made whole"},
	{transcript.ErrSignature, "bad signature"},
	{wire.ErrMalformed, "malformed"},
	{transcript.ErrMalformed, "malformed"},
}

// refuseFrame counts a frame, or a part of one, that was not taken. The next
// one is read all the same.
func (t *turn) refuseFrame(channel string, err error) {
	k := frameKey{channel, reasonOfFrame(err)}
	t.after(func() {
		if !errors.Is(err, errFormer) && (!errors.Is(err, receipt.ErrUnknownKey) || errors.Is(err, seal.ErrOpening)) {
			count(t.l.conduct.noise, channel, t.now) // a change may be on its way (spec/CHANGE.md §6)
		}
		if errors.Is(err, errEpoch) {
			t.l.conduct.unknown.add(t.now)
		}
		if text := t.l.tally.add(t.l.id, k, t.now, err); text != "" {
			t.l.cfg.Notify(Event{Kind: EventFrameLost, Line: t.l.id, At: t.now, Channel: channel, Text: text})
		}
	})
}

func reasonOfFrame(err error) string {
	for _, r := range frameReasons {
		if errors.Is(err, r.is) {
			return r.reason
		}
	}
	return "refused"
}
