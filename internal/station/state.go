package station

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"parley"
	"parley/internal/journal"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// aheadLimit is how many entries of the other side are held beyond the
// contiguous size of its log, and flashAhead how many more that are Flash. What
// is beyond that is not receipted and comes again.
const (
	aheadLimit = 2048
	flashAhead = 1024
)

// state is what a line's goroutine knows of the two logs. A turn works on a
// copy, which replaces the original once the turn is durable.
type state struct {
	own     ownLog
	peer    peerLog
	history *roster.History // never changed in place
	used    used            // of the other side's quota
}

// ownLog is the log of this party's entries.
type ownLog struct {
	id       parley.LogID
	size     uint64
	head     parley.Hash
	frontier *transcript.Frontier

	checkpoint   transcript.Signed // the latest, signed by our log key
	cosigned     []byte            // the latest that the other side cosigned
	cosignedSize uint64
	quantum      quantumNote
	refusals     uint64 // refusals of our entries that we hold
	said         uint64 // of their log, as our entries say that we have seen it
	halted       string // why the log must not grow; empty while it may
}

// peerLog is the log of the other side's entries, as far as it came.
type peerLog struct {
	id       parley.LogID
	size     uint64 // 1..size are held
	head     parley.Hash
	frontier *transcript.Frontier

	ahead        map[uint64]aheadLeaf         // held beyond size
	pending      map[uint64]transcript.Signed // theirs, of sizes that we do not hold yet
	checkpoint   transcript.Signed            // the latest of theirs that agrees with what we hold
	cosigned     []byte                       // the latest that we cosigned
	cosignedSize uint64
	quantum      quantumNote
	refusals     uint64 // refusals of their entries that we issued
	seen         uint64 // of our log, as their entries say that are believed and held without a gap
	told         uint64 // how many of those they say they hold
	halted       string // why we do not cosign it any more; empty while we do

	decided []transcript.Mark // checkpoints of theirs that our officers decided against
}

// crowded reports whether there is no place for entry n. There always is for
// the one that closes the gap.
func (p *peerLog) crowded(n uint64, flash bool) bool {
	limit := aheadLimit
	if flash {
		limit += flashAhead
	}
	return n != p.size+1 && len(p.ahead) >= limit
}

// aheadLeaf is an entry that came before one it follows.
type aheadLeaf struct {
	leaf, previous parley.Hash

	seen    []wire.Seen     // what it says of our log
	state   journal.State   // what is thought of it; Held: nothing yet
	after   *roster.History // behind it, if it is a change that is believed in its place
	signers []parley.KeyID  // of one that is believed ahead of a gap
}

// sees is what a new entry of ours says of their log: as far as we hold it, and never
// less than those before it said, which a restored station may have to take back first.
func (s *state) sees() uint64 { return max(s.peer.size, s.own.said) }

func (s state) clone() state {
	s.own.frontier = s.own.frontier.Clone()
	s.peer.frontier = s.peer.frontier.Clone()
	ahead := make(map[uint64]aheadLeaf, len(s.peer.ahead))
	for n, a := range s.peer.ahead {
		ahead[n] = a
	}
	s.peer.ahead = ahead
	pending := make(map[uint64]transcript.Signed, len(s.peer.pending))
	for n, c := range s.peer.pending {
		pending[n] = c
	}
	s.peer.pending = pending
	return s
}

// loadState reads both logs of a line from the journal, and creates them
// there the first time.
func (l *Line) loadState() (state, error) {
	var s state
	mine, err := l.loadLog(l.self.Log, l.cfg.Party)
	if err != nil {
		return s, err
	}
	theirs, err := l.loadLog(l.peer.Log, l.peer.Party)
	if err != nil {
		return s, err
	}
	s.own = ownLog{
		id: mine.ID, size: mine.Size, head: mine.Head,
		cosigned: mine.Cosigned, cosignedSize: mine.CosignedSize,
		halted: mine.Halted,
	}
	if s.own.frontier, err = parseFrontier(mine); err != nil {
		return s, err
	}
	s.peer = peerLog{
		id: theirs.ID, size: theirs.Size, head: theirs.Head,
		ahead:    map[uint64]aheadLeaf{},
		pending:  map[uint64]transcript.Signed{},
		cosigned: theirs.Cosigned, cosignedSize: theirs.CosignedSize,
		told: theirs.RefusalsSeen, halted: theirs.Halted,
	}
	if s.peer.frontier, err = parseFrontier(theirs); err != nil {
		return s, err
	}
	if s.peer.decided, err = l.loadDecided(); err != nil {
		return s, err
	}
	if s.own.quantum, err = l.loadQuantum(mine.ID); err != nil {
		return s, err
	}
	if s.peer.quantum, err = l.loadQuantum(theirs.ID); err != nil {
		return s, err
	}
	if s.used, err = l.loadUsed(); err != nil {
		return s, err
	}
	if s.peer.seen, err = l.loadSeen(); err != nil {
		return s, err
	}
	if s.own.refusals, err = l.journal.RefusalCount(mine.ID); err != nil {
		return s, err
	}
	if s.peer.refusals, err = l.journal.RefusalCount(theirs.ID); err != nil {
		return s, err
	}
	if s.history, err = l.loadHistory(mine.Size, theirs.Size); err != nil {
		return s, err
	}
	if s.own.said, err = l.loadSaid(s); err != nil {
		return s, err
	}
	if s.own.checkpoint, err = l.openStored(mine, s.history); err != nil {
		return s, err
	}
	if s.peer.checkpoint, err = l.openStored(theirs, s.history); err != nil {
		return s, err
	}
	err = l.journal.Aheads(theirs.ID, theirs.Size, func(r journal.Record) error {
		h, err := wire.ParseEntryHeader(r.Entry)
		if err != nil {
			return fmt.Errorf("entry %d of %s in the journal: %w", r.Number, l.peer.Party, err)
		}
		s.peer.ahead[r.Number] = aheadLeaf{leaf: r.Leaf, previous: h.Previous, seen: h.Seen, state: r.State, signers: signersAhead(r)}
		return nil
	})
	return s, err
}

// loadSeen returns what their entries said of our log, 0 if none did.
func (l *Line) loadSeen() (uint64, error) {
	b, err := l.journal.Meta(l.metaKey("seen"))
	switch {
	case errors.Is(err, journal.ErrNotFound):
		return 0, nil
	case err == nil && len(b) != 8:
		err = fmt.Errorf("what %s has seen, in the journal, has %d bytes, want 8", l.peer.Party, len(b))
	}
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint64(b), nil
}

// loadSaid returns what our last entry says of their log, 0 if there is none.
func (l *Line) loadSaid(s state) (uint64, error) {
	if s.own.size == 0 {
		return 0, nil
	}
	rec, err := l.journal.Record(s.own.id, s.own.size)
	if err != nil {
		return 0, err
	}
	e, err := wire.ParseEntryHeader(rec.Entry)
	if err != nil {
		return 0, fmt.Errorf("entry %d in the journal: %w", rec.Number, err)
	}
	return s.history.Saw(l.cfg.Party, rec.Number, s.history.Place(l.cfg.Party, e).Seen), nil
}

// loadLog returns a log as the journal holds it, new if it holds none.
func (l *Line) loadLog(id parley.LogID, party parley.Party) (journal.Log, error) {
	log, err := l.journal.Log(id)
	if !errors.Is(err, journal.ErrNotFound) {
		return log, err
	}
	log = journal.Log{ID: id, Line: l.id, Party: party, Mine: party == l.cfg.Party}
	return log, l.journal.Commit(context.Background(), func(tx *journal.Tx) error { return tx.CreateLog(log) })
}

// openStored returns the checkpoint of a log as the journal holds it; the zero
// one if it holds none.
func (l *Line) openStored(log journal.Log, h *roster.History) (transcript.Signed, error) {
	if log.CheckpointSize == 0 {
		return transcript.Signed{}, nil
	}
	g, _ := h.Generation(log.Party, log.CheckpointSize)
	c, err := transcript.OpenCheckpoint(log.Checkpoint, l.id, g.Log, g.Key)
	if err != nil {
		return c, fmt.Errorf("the log of %s in the journal: %w", log.Party, err)
	}
	return c, nil
}

func parseFrontier(r journal.Log) (*transcript.Frontier, error) {
	if r.Size == 0 {
		return new(transcript.Frontier), nil
	}
	f, err := transcript.ParseFrontier(r.Frontier)
	if err != nil {
		return nil, fmt.Errorf("the tree of log %s in the journal: %w", r.ID, err)
	}
	if f.Size() != r.Size {
		return nil, fmt.Errorf("the tree of log %s in the journal has %d leaves, and the log %d entries", r.ID, f.Size(), r.Size)
	}
	return f, nil
}

// rows returns both logs as the journal keeps them.
func (l *Line) rows(s state) (rows [2]journal.Log, err error) {
	own := journal.Log{
		ID: s.own.id, Line: l.id, Party: l.cfg.Party, Mine: true,
		Size: s.own.size, Head: s.own.head,
		Checkpoint: s.own.checkpoint.Note(), CheckpointSize: s.own.checkpoint.Size,
		Cosigned: s.own.cosigned, CosignedSize: s.own.cosignedSize,
		Halted: s.own.halted,
	}
	peer := journal.Log{
		ID: s.peer.id, Line: l.id, Party: l.peer.Party,
		Size: s.peer.size, Head: s.peer.head,
		Checkpoint: s.peer.checkpoint.Note(), CheckpointSize: s.peer.checkpoint.Size,
		Cosigned: s.peer.cosigned, CosignedSize: s.peer.cosignedSize,
		Halted: s.peer.halted, RefusalsSeen: s.peer.told,
	}
	if own.Frontier, err = s.own.frontier.AppendBinary(nil); err != nil {
		return rows, err
	}
	if peer.Frontier, err = s.peer.frontier.AppendBinary(nil); err != nil {
		return rows, err
	}
	return [2]journal.Log{own, peer}, nil
}
