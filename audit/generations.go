package audit

import (
	"bytes"
	"errors"
	"fmt"

	"parley"
	"parley/receipt"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// ErrClosing: a party receipted more of the other's log than it said when it closed a
// generation of it, under the name that it closed: it denies its own receipt
// (spec/GENERATION.md §7).
var ErrClosing = errors.New("receipted beyond the close")

// ErrGeneration: a statement by which a log goes on in another generation is not the next
// one of that log (spec/GENERATION.md §3).
var ErrGeneration = errors.New("it is not shown that the log goes on so")

// Generation is the part of a log that was written under one name
// (spec/GENERATION.md §1).
type Generation struct {
	// Log is its id, which stands in its entries and checkpoints.
	Log parley.LogID
	// From is the number of its first entry, whether or not that was written.
	From uint64
	// Renewed is when the log's party asked for it, and Closed when the peer closed
	// the one before it, each as that party says; 0 in the first generation.
	Renewed, Closed parley.Time
	// Key is the log key that signs it, where that is another one than of the
	// generation before, and Change the entry of the log that brought it
	// (spec/GENERATION.md §8); both are zero otherwise.
	Key    parley.KeyID
	Change uint64
	// ClosedDoubt is what is in doubt of the closing of the one before, because the
	// receipt key that signed it was compromised (spec/CHANGE.md §5): when, or also that
	// the peer closed it, if no entry of the peer says it has seen one of this generation.
	ClosedDoubt InDoubt

	root   parley.Hash  // of the entries before it, as the peer closed them
	closer parley.KeyID // the receipt key of the peer; zero where that is not known
}

// first is the generations of a log that was never renewed.
func first(log parley.LogID) []Generation { return []Generation{{Log: log, From: 1}} }

// GenerationOf returns the generation of entry n, counted from 1. No log has more than
// roster.MaxGenerations.
func (l *Log) GenerationOf(n uint64) int {
	which := 1
	for i, g := range l.Generations {
		if n >= g.From {
			which = i + 1
		}
	}
	return which
}

// Name names entry n for people (spec/GENERATION.md §1).
func (l *Log) Name(n uint64) string { return parley.MessageName(l.Party, l.GenerationOf(n), n) }

// openGeneration is receipt.OpenGeneration, or receipt.ClaimGeneration.
type openGeneration = func([]byte, *roster.History, parley.Party) (receipt.Generation, *roster.History, error)

// refers names what entry n of p's log refers to. Of the other log the generations are
// known up to entry upTo.
func refers(h *roster.History, p parley.Party, n, upTo uint64, refs []parley.Ref) (out []string) {
	for _, r := range refs {
		side, ok := h.Agreed().Log(r.Log)
		if !ok {
			out = append(out, fmt.Sprintf("entry %d of log %s", r.Number, r.Log))
			continue
		}
		_, which := h.Generation(side.Party, r.Number)
		if side.Party != p {
			if r.Number > upTo {
				out = append(out, fmt.Sprintf("entry %d of %s", r.Number, side.Party))
				continue
			}
			which = h.Meant(p, n, r.Number)
		}
		out = append(out, parley.MessageName(side.Party, which, r.Number))
	}
	return out
}

// generations reads the generation statements of p's log, and returns the history with
// them. Where one is wrong none of them is.
func generations(statements [][]byte, h *roster.History, p parley.Party, open openGeneration) ([]Generation, *roster.History, error) {
	h = h.Before(p, 1)
	list := first(h.Generations(p)[0].Log)
	for i, b := range statements {
		g, next, err := open(b, h, p)
		if err != nil {
			return first(list[0].Log), h.Before(p, 1), fmt.Errorf("generation %d: %w: %w", i+2, ErrGeneration, err)
		}
		h = next
		list = append(list, generationOf(g).by(h, p))
	}
	return list, h, nil
}

// generationsIn returns the generations that a file says a log has, as far as they can be read.
func generationsIn(l *transcript.LogReader) []Generation {
	list := first(l.Log)
	for _, b := range l.Generations {
		g, err := receipt.ReadGeneration(b)
		if err != nil {
			break
		}
		list = append(list, generationOf(g))
	}
	return list
}

// claimed returns the history of a file's logs in which they go on as it says.
func claimed(f *transcript.Reader) *roster.History {
	r := &roster.Roster{Line: f.Line}
	for i, l := range f.Logs {
		r.Sides[i] = roster.Side{Party: l.Party, Log: l.Log}
	}
	h := roster.NewHistory(r)
	for _, l := range f.Logs {
		for _, b := range l.Generations {
			g, err := receipt.ReadGeneration(b)
			if err != nil {
				break
			}
			c := g.Closing
			next, err := h.Renew(l.Party, roster.Generation{From: c.Size + 1, Log: c.Opened, Renewed: g.Renewal.Time, Beside: c.Own})
			if err != nil {
				break
			}
			h = next
		}
	}
	return h
}

// generationOf is the generation that a statement opens.
func generationOf(g receipt.Generation) Generation {
	c := g.Closing
	return Generation{Log: c.Opened, From: c.Size + 1, Renewed: g.Renewal.Time, Closed: c.Time, root: c.Root, closer: g.By}
}

// by returns g, which is the newest generation of p's log in h, with the log key that it
// has and the one before had not.
func (g Generation) by(h *roster.History, p parley.Party) Generation {
	all := h.Generations(p)
	newest, before := all[len(all)-1], all[len(all)-2]
	for _, t := range h.Terms(p, roster.RoleLog) {
		if t.Key.Equal(newest.Key) && !t.Key.Equal(before.Key) {
			g.Key, g.Change = roster.KeyID(roster.RoleLog, t.Key), t.From-1
		}
	}
	return g
}

// doubtClosings says in list what is in doubt of the closings in it, which are by the closer:
// admits is how much of the log the closer's own entries say they have seen.
func doubtClosings(list []Generation, h *roster.History, closer parley.Party, admits uint64) {
	for i := range list[1:] {
		g := &list[i+1]
		if _, stolen := h.Doubt(closer, g.closer, wire.MaxNumber); stolen {
			g.ClosedDoubt = doubtOf(g.From, admits)
		}
	}
}

// doubtOf says what is in doubt of what a compromised key signed of entry n, where an
// entry of its own party says it has seen so much.
func doubtOf(n, admits uint64) InDoubt {
	if n > admits {
		return DoubtFact
	}
	return DoubtTime
}

// beyond returns an error that wraps ErrClosing if a note is a cosignature by the peer
// under the name of a generation that it closed, of more than it closed it with.
func beyond(cosigned []byte, l *Log, history *roster.History) error {
	last := bytes.LastIndexByte(cosigned[:len(cosigned)-1], '\n') + 1
	claimed, err := transcript.ReadCheckpoint(cosigned[:last])
	if err != nil {
		return nil // which is found where it is opened
	}
	list := l.Generations
	for i := range list[:len(list)-1] {
		closed := list[i+1].From - 1
		if list[i].Log != claimed.Log || claimed.Size <= closed {
			continue
		}
		h := history.Before(l.Party, i+1)
		if c, _, err := receipt.OpenCosigned(cosigned, h, l.Party, l.Peer); err == nil {
			return fmt.Errorf("%s cosigned %d entries of generation %d, and closed it at %d: %w", l.Peer, c.Size, i+1, closed, ErrClosing)
		}
	}
	return nil
}

// goOn has the log go on under the name of the generation that entry n is of.
func (l *logAudit) goOn(n uint64) {
	for list := l.report.Generations; l.generation+1 < len(list) && list[l.generation+1].From <= n; {
		l.generation++
		l.chain.Renew(list[l.generation].Log)
	}
}

// closed compares the root of the first n entries with what the peer closed.
func (l *logAudit) closed(n uint64) error {
	for i, g := range l.report.Generations {
		if i > 0 && g.From == n+1 && g.root != l.chain.Root() {
			return fmt.Errorf("entries 1 to %d are not those with which %s closed generation %d: %w", n, l.peer.Party, i, ErrAltered)
		}
	}
	return nil
}
