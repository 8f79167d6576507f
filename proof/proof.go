package proof

import (
	"bytes"
	"fmt"
	"strings"

	"parley"
	"parley/transcript"
	"parley/wire"
)

// Proof shows the messages of one party from one number to another
// (spec/PROOF.md §2). It claims; audit.Proof says whether it holds.
type Proof struct {
	Party, Peer parley.Party // whose log, and the other

	// Entries are the messages shown, whole: 1 to MaxEntries, each with the number
	// behind that of the one before.
	Entries [][]byte

	// Changes are the other entries below the checkpoint that change the party's side
	// of the roster, in order (spec/CHANGE.md).
	Changes [][]byte

	// Hashes is the proof of the set of all these entries (transcript.ProveSet).
	Hashes []parley.Hash

	// Note is the checkpoint, cosigned by the other party if it did.
	Note []byte

	// Other is a checkpoint of the other party's log, cosigned by the party, that
	// covers what its entries say was seen; nil if there is none.
	Other []byte

	// OtherChanges are the entries below Other that change the other party's side, up
	// to the last that brings another receipt or station key: without them nobody could
	// tell whose the keys below are. OtherHashes is the proof of the set of them.
	OtherChanges [][]byte
	OtherHashes  []parley.Hash

	// Generations are the statements by which the party's log went on under other
	// names up to Note, those of generations 2, 3, …, and OtherGenerations those of the
	// other log up to Other (spec/GENERATION.md §3).
	Generations, OtherGenerations [][]byte

	// Receipts and Refusals are what the other party signed about single entries
	// shown, each at most one an entry, in order.
	Receipts, Refusals []transcript.Statement

	// Officers are names of those who signed, sorted by key id.
	Officers []Officer
}

// Officer is who holds a key.
type Officer struct {
	Key  parley.KeyID
	Name string // as the roster has it
}

// First returns the number of the first message shown, and Last that of the last; 0
// where there is none that can be read.
func (p *Proof) First() uint64 { return numberOf(p.Entries, 0) }

// Last is described at First.
func (p *Proof) Last() uint64 { return numberOf(p.Entries, len(p.Entries)-1) }

func numberOf(entries [][]byte, i int) uint64 {
	if i < 0 || i >= len(entries) {
		return 0
	}
	h, err := wire.ParseEntryHeader(entries[i])
	if err != nil {
		return 0
	}
	return h.Number
}

// Claims is what can be read in a proof without asking who signed.
type Claims struct {
	Messages []Message // for Entries
	Changes  []uint64  // numbers of Changes
	Others   []uint64  // numbers of OtherChanges
	Note     Note      // of Note
	Other    Note      // of Other; zero if there is none

	// Generations and OtherGenerations are for the statements of those names.
	Generations, OtherGenerations []Generation

	names map[parley.KeyID]string
}

// Message is what an entry claims.
type Message struct {
	Header  wire.Header
	Content *wire.Content // nil if what is signed is no content
	Signers []parley.KeyID
	Receipt *wire.Receipt // of the entry, if there is one
	Refusal *wire.Refusal // likewise
}

// Claims reads p. The error wraps ErrMalformed or wire.ErrLimit where p cannot be
// written in any form.
func (p *Proof) Claims() (*Claims, error) {
	c, err := p.claims()
	if err != nil {
		return nil, fmt.Errorf("proof: %w", err)
	}
	return c, nil
}

func (p *Proof) claims() (*Claims, error) {
	for _, name := range []parley.Party{p.Party, p.Peer} {
		if _, err := parley.ParseParty(string(name)); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
		}
	}
	if p.Party == p.Peer {
		return nil, fmt.Errorf("%w: a log of %s, of which the other party is %s", ErrMalformed, p.Party, p.Peer)
	}
	if len(p.Entries) == 0 {
		return nil, fmt.Errorf("%w: no message is shown", ErrMalformed)
	}
	for what, n := range map[string][2]int{
		"messages": {len(p.Entries), MaxEntries}, "changes": {len(p.Changes), MaxChanges},
		"changes of the other party": {len(p.OtherChanges), MaxChanges},
		"hashes":                     {max(len(p.Hashes), len(p.OtherHashes)), maxHashes}, "officers": {len(p.Officers), MaxEntries},
	} {
		if n[0] > n[1] {
			return nil, fmt.Errorf("%d %s: %w: at most %d", n[0], what, wire.ErrLimit, n[1])
		}
	}
	c := &Claims{names: make(map[parley.KeyID]string)}
	for _, read := range []func(*Claims) error{p.messages, p.changes, p.notes, p.generations, p.otherChanges, p.statements, p.officers} {
		if err := read(c); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (p *Proof) messages(c *Claims) error {
	for i, e := range p.Entries {
		h, err := wire.ParseEntryHeader(e)
		if err != nil {
			return err
		}
		if i > 0 && h.Number != c.Messages[i-1].Header.Number+1 {
			return fmt.Errorf("%w: entry %d stands behind entry %d", ErrMalformed, h.Number, c.Messages[i-1].Header.Number)
		}
		c.Messages = append(c.Messages, messageOf(h, e))
	}
	return nil
}

// messageOf reads what stands in an entry, if it is of this version.
func messageOf(h wire.Header, entry []byte) Message {
	m := Message{Header: h}
	e, err := wire.ParseEntry(entry)
	if err != nil {
		return m
	}
	s, err := wire.ParseSigned(e.Signed)
	if err != nil {
		return m
	}
	content, err := wire.ParseContent(s.Content)
	if err != nil {
		return m
	}
	m.Content = &content
	for _, sig := range s.Signatures {
		m.Signers = append(m.Signers, sig.Key)
	}
	return m
}

func (p *Proof) changes(c *Claims) error {
	first, last, before := c.Messages[0].Header.Number, c.Messages[len(c.Messages)-1].Header.Number, uint64(0)
	for _, e := range p.Changes {
		h, err := wire.ParseEntryHeader(e)
		if err != nil {
			return fmt.Errorf("change: %w", err)
		}
		if h.Number <= before || h.Number >= first && h.Number <= last {
			return fmt.Errorf("%w: the change in entry %d stands twice or out of order", ErrMalformed, h.Number)
		}
		before = h.Number
		c.Changes = append(c.Changes, h.Number)
	}
	return nil
}

func (p *Proof) otherChanges(c *Claims) error {
	if len(p.OtherChanges) > 0 && p.Other == nil || len(p.OtherChanges) == 0 && len(p.OtherHashes) > 0 {
		return fmt.Errorf("%w: changes of the other log without its checkpoint, or hashes of it without changes", ErrMalformed)
	}
	var before uint64
	for _, e := range p.OtherChanges {
		h, err := wire.ParseEntryHeader(e)
		if err != nil {
			return fmt.Errorf("change of the other log: %w", err)
		}
		if h.Number <= before {
			return fmt.Errorf("%w: the other party's change in entry %d stands twice or out of order", ErrMalformed, h.Number)
		}
		before = h.Number
		c.Others = append(c.Others, h.Number)
	}
	return nil
}

func (p *Proof) notes(c *Claims) (err error) {
	if c.Note, err = readNote(p.Note); err != nil || p.Other == nil {
		return err
	}
	if c.Other, err = readNote(p.Other); err == nil && !c.Other.Cosigned {
		err = fmt.Errorf("%w: the checkpoint of the log of %s is not cosigned", ErrMalformed, p.Peer)
	}
	return err
}

func (p *Proof) statements(c *Claims) error {
	err := each(c, "receipt", p.Receipts, func(m *Message, payload []byte) (uint64, error) {
		r, err := wire.ParseReceipt(payload)
		m.Receipt = &r
		return r.Number, err
	})
	if err != nil {
		return err
	}
	return each(c, "refusal", p.Refusals, func(m *Message, payload []byte) (uint64, error) {
		r, err := wire.ParseRefusal(payload)
		m.Refusal = &r
		return r.Number, err
	})
}

// each gives every statement of a sorted list to the message that it is about.
func each(c *Claims, what string, list []transcript.Statement, read func(*Message, []byte) (uint64, error)) error {
	first, before := c.Messages[0].Header.Number, uint64(0)
	for _, s := range list {
		if s.Number <= before || s.Number < first || s.Number-first >= uint64(len(c.Messages)) {
			return fmt.Errorf("%w: the %s of entry %d stands twice, out of order, or without the entry", ErrMalformed, what, s.Number)
		}
		before = s.Number
		if len(s.Bytes) > maxAbout {
			return fmt.Errorf("%s of %d bytes: %w: at most %d", what, len(s.Bytes), wire.ErrLimit, maxAbout)
		}
		signed, err := wire.ParseSigned1(s.Bytes)
		if err != nil {
			return fmt.Errorf("%s of entry %d: %w", what, s.Number, err)
		}
		n, err := read(&c.Messages[s.Number-first], signed.Payload)
		if err != nil {
			return fmt.Errorf("%s of entry %d: %w", what, s.Number, err)
		}
		if n != s.Number {
			return fmt.Errorf("%w: the %s of entry %d is about entry %d", ErrMalformed, what, s.Number, n)
		}
	}
	return nil
}

func (p *Proof) officers(c *Claims) error {
	for i, o := range p.Officers {
		if i > 0 && bytes.Compare(p.Officers[i-1].Key[:], o.Key[:]) >= 0 {
			return fmt.Errorf("%w: officer %s stands twice or out of order", ErrMalformed, o.Key)
		}
		// What else a name may be is for the roster to say; here it must be one line.
		if err := wire.CheckText(o.Name); err != nil {
			return fmt.Errorf("officer %s: %w", o.Key, err)
		}
		if o.Name == "" || len(o.Name) > maxName || strings.ContainsAny(o.Name, "\n\t") || strings.TrimSpace(o.Name) != o.Name {
			return fmt.Errorf("%w: officer %s: not a name", ErrMalformed, o.Key)
		}
		c.names[o.Key] = o.Name
	}
	return nil
}

// maxName is the most bytes of a name: more than a roster allows.
const maxName = 256
