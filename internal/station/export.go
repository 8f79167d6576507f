package station

import (
	"fmt"

	"parley"
	"parley/internal/journal"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// Export returns the line's transcript as a file that anyone with the roster
// can check (spec/TRANSCRIPT.md §6). It is of one moment: the other side's log
// goes as far as a checkpoint of theirs covers it.
func (l *Line) Export() ([]byte, error) {
	f := transcript.File{Line: l.id, Exporter: l.cfg.Party}
	err := l.journal.Read(func(v *journal.View) error {
		for i, side := range l.roster.Sides {
			log, err := l.exportLog(v, side.Log, side.Party)
			if err == nil && side.Party == l.cfg.Party {
				log.Witnessed, err = l.witnessed(v, uint64(len(log.Entries)))
			}
			if err != nil {
				return fmt.Errorf("export the log of %s: %w", side.Party, err)
			}
			if log.Generations, err = l.generations(v, side.Party); err != nil {
				return fmt.Errorf("export the log of %s: %w", side.Party, err)
			}
			f.Logs[i] = log
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return transcript.AppendFile(nil, f)
}

// Fork is what is kept of a party that contradicted its own log: the proof that it
// signed two histories (spec/TRANSCRIPT.md §5), or, where nothing else of its was
// signed, the checkpoint that does not agree with what it sent.
type Fork struct {
	Party parley.Party // whose log
	Text  []byte
	// InDoubt says that the party told the key which signed both as compromised, and what
	// follows (spec/GENERATION.md §8); empty where this station knows of no such notice.
	InDoubt string
}

// Forks returns what is kept of contradictions on the line, in order of arrival.
func (l *Line) Forks() ([]Fork, error) {
	kept, err := l.journal.Forks(l.id)
	if err != nil {
		return nil, err
	}
	out := make([]Fork, 0, len(kept))
	for _, f := range kept {
		side, ok := l.roster.Log(f.Log)
		if !ok {
			return nil, fmt.Errorf("a fork of log %s, which is not of this line, is kept in the journal", f.Log)
		}
		told := Fork{Party: side.Party, Text: f.Bytes}
		if proof, err := transcript.ParseFork(f.Bytes); err == nil {
			if c, ok := proof.Doubt(l.History()); ok {
				told.InDoubt = notice(side.Party, c)
			}
		}
		out = append(out, told)
	}
	return out, nil
}

// notice tells people that p said a log key of its own was compromised.
func notice(p parley.Party, c roster.Compromise) string {
	return fmt.Sprintf("%s says that its log key %s was compromised; in doubt is %s", p, c.Key, c.Doubt(p))
}

// logKeyDoubt tells of the newest log key that p said was compromised; it is empty
// where there is none.
func logKeyDoubt(h *roster.History, p parley.Party) string {
	for _, t := range h.Terms(p, roster.RoleLog) {
		if c, ok := h.Doubt(p, roster.KeyID(roster.RoleLog, t.Key), wire.MaxNumber); ok {
			return notice(p, c)
		}
	}
	return ""
}

func (l *Line) exportLog(v *journal.View, id parley.LogID, party parley.Party) (transcript.FileLog, error) {
	out := transcript.FileLog{Party: party, Log: id}
	log, err := v.Log(id)
	if err != nil || log.CheckpointSize == 0 {
		return out, err
	}
	out.Checkpoint, out.Cosigned = log.Checkpoint, log.Cosigned
	if out.CosignedPQ, err = l.quantumNote(v, id); err != nil {
		return out, err
	}
	err = v.Entries(id, 1, int(log.CheckpointSize), func(r journal.Record) error {
		out.Entries = append(out.Entries, r.Entry)
		return nil
	})
	if err == nil {
		out.Receipts, out.Refusals, err = statements(v, id, 1, log.CheckpointSize)
	}
	return out, err
}

// statements returns what was signed about single entries of a log, first to last.
func statements(v *journal.View, id parley.LogID, first, last uint64) (receipts, refusals []transcript.Statement, err error) {
	singles, err := v.Singles(id, first, last)
	if err != nil {
		return nil, nil, err
	}
	refused, err := v.RefusalsOf(id, first, last)
	for _, s := range singles {
		receipts = append(receipts, transcript.Statement(s))
	}
	for _, s := range refused {
		refusals = append(refusals, transcript.Statement(s))
	}
	return receipts, refusals, err
}
