package proof

import (
	"fmt"

	"parley"
	"parley/roster"
	"parley/wire"
)

// Generation is what a generation statement claims (spec/GENERATION.md §3).
type Generation struct {
	From            uint64      // the number of its first entry
	Beside          uint64      // entries of the other log that were written beside the one before
	Renewed, Closed parley.Time // as the one party and the other says
}

// Renew puts in the generation statements that belong to the checkpoints of p, of all
// that there are of the party's log and of the other's, in order. The error is that of
// Claims for what cannot be read.
func (p *Proof) Renew(own, other [][]byte) error {
	note, err := readNote(p.Note)
	if err != nil {
		return fmt.Errorf("proof: %w", err)
	}
	if p.Generations, err = upTo(note.Size, own); err != nil || p.Other == nil {
		return err
	}
	if note, err = readNote(p.Other); err != nil {
		return fmt.Errorf("proof: %w", err)
	}
	p.OtherGenerations, err = upTo(note.Size, other)
	return err
}

// upTo returns the statements of generations that were closed at or below a size.
func upTo(size uint64, statements [][]byte) (list [][]byte, err error) {
	for _, b := range statements {
		g, err := readGeneration(b)
		if err != nil {
			return nil, fmt.Errorf("proof: %w", err)
		}
		if g.From <= size+1 {
			list = append(list, b)
		}
	}
	return list, nil
}

func readGeneration(b []byte) (g Generation, err error) {
	pair, err := wire.ParseGeneration(b)
	if err != nil {
		return g, err
	}
	renewal, err := wire.ParseSigned1(pair.Renewal)
	if err != nil {
		return g, err
	}
	closing, err := wire.ParseSigned1(pair.Closing)
	if err != nil {
		return g, err
	}
	r, err := wire.ParseRenewal(renewal.Payload)
	if err != nil {
		return g, err
	}
	c, err := wire.ParseClosing(closing.Payload)
	return Generation{c.Size + 1, c.Own, r.Time, c.Time}, err
}

// saw returns how much of the other log an entry has seen that says size: up to the
// close, if it was written beside a generation that was closed (spec/GENERATION.md §1).
func (c *Claims) saw(n, size uint64) uint64 {
	for _, g := range c.OtherGenerations {
		if n <= g.Beside {
			size = min(size, g.From-1)
		}
	}
	return size
}

func (p *Proof) generations(c *Claims) (err error) {
	if p.Other == nil && len(p.OtherGenerations) > 0 {
		return fmt.Errorf("%w: generations of the other log without its checkpoint", ErrMalformed)
	}
	if c.Generations, err = readGenerations(p.Generations, c.Note.Size); err != nil {
		return err
	}
	c.OtherGenerations, err = readGenerations(p.OtherGenerations, c.Other.Size)
	return err
}

// readGenerations reads the statements of a log of which the checkpoint of a size is
// shown: those closed at or below it.
func readGenerations(statements [][]byte, size uint64) (list []Generation, err error) {
	if n := len(statements); n >= roster.MaxGenerations {
		return nil, fmt.Errorf("%d generations: %w: at most %d", n+1, wire.ErrLimit, roster.MaxGenerations)
	}
	before := uint64(1)
	for i, b := range statements {
		g, err := readGeneration(b)
		if err != nil {
			return nil, fmt.Errorf("generation %d: %w", i+2, err)
		}
		if g.From < before || g.From > size+1 {
			return nil, fmt.Errorf("%w: generation %d begins at entry %d, behind one at %d, of %d that the checkpoint covers", ErrMalformed, i+2, g.From, before, size)
		}
		before = g.From
		list = append(list, g)
	}
	return list, nil
}
