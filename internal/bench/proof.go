package bench

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"parley"
	"parley/audit"
	"parley/internal/channel/pipe"
	"parley/internal/courier"
	"parley/internal/journal"
	"parley/internal/station"
	"parley/proof"
	"parley/receipt"
	"parley/release"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// proofs measures what it takes to hand out one message of a log of size entries with
// its proof (spec/PROOF.md), from the journal to the text, and how large it is. One
// entry is a message; of the others there are only leaves, drawn by their numbers, and
// in the journal only the rows that a proof of that message reads: 10⁷ messages
// would take an hour to write, and the station reads no others.
func proofs(b *Bench, size uint64, rounds int) error {
	return b.inFolder(func(dir string) error {
		l, err := newLongLog(dir, size)
		if err != nil {
			return err
		}
		defer l.journal.Close()
		took := make([]time.Duration, rounds)
		var p *proof.Proof
		var text []byte
		for i := range took {
			begun := time.Now()
			if p, err = l.line.Proof("north", l.number, l.number); err == nil {
				text, err = proof.AppendText(nil, p)
			}
			if err != nil {
				return err
			}
			took[i] = time.Since(begun)
		}
		if report := audit.Proof(p, l.roster); report.Wrong != nil || report.Size != size || !report.Cosigned || report.PeerSize == 0 {
			return fmt.Errorf("the proof is not what was to be measured: %+v", report)
		}
		short, err := proof.AppendCBOR(nil, p)
		if err != nil {
			return err
		}
		b.set("proof_ms", ms(quantile(took, 0.5)))
		b.set("proof_ms_p99", ms(quantile(took, 0.99)))
		b.set("proof_log", float64(size))
		b.set("proof_bytes", float64(len(short)-len(p.Entries[0])))
		b.set("proof_text_bytes", float64(len(text)-len(body)))
		return nil
	})
}

// longLog is a station whose log has many entries, of which one is a message.
type longLog struct {
	roster  *roster.Roster
	line    *station.Line
	journal *journal.Journal
	number  uint64 // of the message
}

func newLongLog(dir string, size uint64) (l *longLog, err error) {
	north, south, err := identities()
	if err != nil {
		return nil, err
	}
	near, _ := pipe.New("cable")
	routes := []station.Route{{Channel: near, Class: courier.Fast}}
	l = &longLog{number: size / 3}
	if l.roster, err = agree(north, south, ends{north: routes}); err != nil {
		return nil, err
	}
	us, _ := l.roster.Side("north")
	them, _ := l.roster.Side("south")
	if l.journal, err = journal.Open(filepath.Join(dir, "journal"), journal.Options{Reserve: -1}); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.journal.Close())
		}
	}()
	said, err := l.message(north, us, them)
	if err != nil {
		return nil, err
	}
	one := transcript.LeafHash([]byte("what south said"))
	var theirs transcript.Frontier
	theirs.Append(one)
	ours, rows := l.leaves(us.Log, size, said)
	logs := []journal.Log{
		{ID: us.Log, Line: l.roster.Line, Party: "north", Mine: true, Size: size, Head: leafOf(size - 1), CheckpointSize: size, CosignedSize: size},
		{ID: them.Log, Line: l.roster.Line, Party: "south", Size: 1, Head: one, CheckpointSize: 1, CosignedSize: 1},
	}
	for i, of := range []struct {
		owner, by identity
		frontier  *transcript.Frontier
	}{{north, south, ours}, {south, north, &theirs}} {
		logs[i].Checkpoint, logs[i].Cosigned, err = cosigned(l.roster, logs[i], of.frontier, of.owner, of.by)
		if err == nil {
			logs[i].Frontier, err = of.frontier.AppendBinary(nil)
		}
		if err != nil {
			return nil, err
		}
	}
	err = l.journal.Commit(context.Background(), func(tx *journal.Tx) error {
		for _, log := range logs {
			if err := tx.CreateLog(log); err != nil {
				return err
			}
		}
		return rows(tx)
	})
	if err != nil {
		return nil, err
	}
	st, err := station.New(station.Config{Party: "north", Journal: l.journal, Keys: north.keys, Secrets: north.secrets, Now: time.Now})
	if err != nil {
		return nil, err
	}
	l.line, err = st.AddLine(station.LineConfig{Roster: l.roster, Routes: routes, Quota: station.NoQuota(), Prekeys: wire.Prekeys{Line: l.roster.Line, From: "south"}})
	return l, err
}

// message returns the entry that is a message.
func (l *longLog) message(by identity, us, them roster.Side) ([]byte, error) {
	content, err := wire.AppendContent(nil, wire.Content{
		Line: l.roster.Line, Draft: parley.DraftID{1}, From: us.Desks[0], To: them.Desks,
		Precedence: parley.Immediate, Status: parley.Real, Kind: parley.Text, Language: "en", Body: body,
	})
	if err != nil {
		return nil, err
	}
	sig, err := release.Approve(content, by.officer)
	if err != nil {
		return nil, err
	}
	signed, err := wire.AppendSigned(nil, wire.Signed{Content: content, Signatures: []wire.Signature{sig}})
	if err != nil {
		return nil, err
	}
	return wire.AppendEntry(nil, wire.Entry{
		Header: wire.Header{
			Version: wire.EntryVersion, Log: us.Log, Number: l.number, Previous: leafOf(l.number - 2),
			Seen: []wire.Seen{{Log: them.Log, Size: 1}}, Time: parley.TimeOf(time.Now()),
		},
		Signed: signed,
	})
}

// leafOf is a leaf of an entry that is only a number.
func leafOf(index uint64) parley.Hash {
	return transcript.LeafHash(binary.BigEndian.AppendUint64(nil, index))
}

// leaves returns the frontier of a log, and what writes the rows that the proof of its
// message reads: 256 leaves around it, those at the end, and the roots above the rest.
func (l *longLog) leaves(log parley.LogID, size uint64, said []byte) (*transcript.Frontier, func(*journal.Tx) error) {
	const group = 256
	at := l.number - 1
	var whole transcript.Frontier
	var roots []parley.Hash // of groups
	var entries []journal.Record
	for from := uint64(0); from < size; from += group {
		var f transcript.Frontier
		held := from == at/group*group || from+group > size
		for i := from; i < min(from+group, size); i++ {
			leaf, entry := leafOf(i), []byte(nil)
			if i == at {
				leaf, entry = transcript.LeafHash(said), said
			}
			if i == size-1 {
				entry = said // the station reads what the newest had seen when it opens the line
			}
			f.Append(leaf)
			whole.Append(leaf)
			if held {
				entries = append(entries, journal.Record{Log: log, Number: i + 1, Leaf: leaf, Entry: entry, Precedence: parley.Routine, Status: parley.Real, Kind: parley.Text, State: journal.Believed})
			}
		}
		if f.Size() == group {
			roots = append(roots, f.Root())
		}
	}
	return &whole, func(tx *journal.Tx) error {
		for _, e := range entries {
			if err := tx.Append(e); err != nil {
				return err
			}
		}
		for level := 8; len(roots) > 0; level += 8 {
			var above []parley.Hash
			var f transcript.Frontier
			for i, h := range roots {
				if err := tx.PutSubtree(log, level, uint64(i), h); err != nil {
					return err
				}
				if f.Append(h); f.Size() == group {
					above, f = append(above, f.Root()), transcript.Frontier{}
				}
			}
			roots = above
		}
		return nil
	}
}

// cosigned returns the checkpoint of a log, and the same with the other side's
// cosignature.
func cosigned(r *roster.Roster, log journal.Log, f *transcript.Frontier, owner, by identity) (checkpoint, both []byte, err error) {
	c, err := transcript.SignCheckpoint(transcript.Checkpoint{Line: r.Line, Log: log.ID, Size: f.Size(), Root: f.Root()}, owner.keys.log)
	if err != nil {
		return nil, nil, err
	}
	both, err = receipt.Cosign(c, r, by.party, by.keys.receipt, parley.TimeOf(time.Now()))
	return c.Note(), both, err
}
