package transcript

import (
	"bytes"
	"crypto/ed25519"
	"fmt"

	"parley"
	"parley/roster"
	"parley/wire"
)

// Fork is the portable proof that a log was forked: two checkpoints that its
// key signed, under one id, and that no single log can have. Whoever has the roster can check
// it; nothing else is needed, unless another log key came (spec/TRANSCRIPT.md §5,
// spec/GENERATION.md §8).
//
// At one size, two roots are the proof. At two sizes, Prefix and Proof are
// needed as well: Proof shows that the tree of the larger checkpoint begins
// with a tree of the root Prefix at the smaller size, and Prefix is not what
// was signed there.
type Fork struct {
	A, B []byte // signed notes; A is the one of the smaller size

	Prefix parley.Hash   // zero at one size
	Proof  []parley.Hash // RFC 6962 consistency proof from Prefix to B; none at one size
}

// ProveFork makes the proof from two signed notes, given the leaves that the
// larger one commits to. The error wraps ErrProof if the two agree.
func ProveFork(a, b []byte, l Leaves, r *roster.Roster) (Fork, error) {
	return ProveForkIn(a, b, l, roster.NewHistory(r))
}

// ProveForkIn is ProveFork for who knows which log keys came later
// (spec/GENERATION.md §8).
func ProveForkIn(a, b []byte, l Leaves, h *roster.History) (Fork, error) {
	f := Fork{A: a, B: b}
	first, second, _, err := f.open(h)
	if err != nil {
		return Fork{}, fmt.Errorf("prove fork: %w", err)
	}
	if first.Size > second.Size {
		f.A, f.B = b, a
		first, second = second, first
	}
	if first.Size < second.Size {
		root, err := Root(second.Size, l)
		if err != nil {
			return Fork{}, fmt.Errorf("prove fork: %w", err)
		}
		if root != second.Root {
			return Fork{}, fmt.Errorf("prove fork: %w: the leaves given are not those of the checkpoint of size %d", ErrProof, second.Size)
		}
		if f.Prefix, err = Root(first.Size, l); err != nil {
			return Fork{}, fmt.Errorf("prove fork: %w", err)
		}
		if f.Proof, err = ProveConsistency(first.Size, second.Size, l); err != nil {
			return Fork{}, fmt.Errorf("prove fork: %w", err)
		}
	}
	if _, err := f.CheckIn(h); err != nil {
		return Fork{}, err
	}
	return f, nil
}

// Check returns the party whose log key signed both checkpoints, if they
// contradict each other. The error wraps ErrMalformed, ErrLog, ErrSignature,
// or ErrProof when they do not contradict.
func (f Fork) Check(r *roster.Roster) (parley.Party, error) { return f.CheckIn(roster.NewHistory(r)) }

// CheckIn is Check for who knows which log keys came later (spec/GENERATION.md §8).
func (f Fork) CheckIn(h *roster.History) (parley.Party, error) {
	a, b, party, err := f.open(h)
	if err != nil {
		return "", fmt.Errorf("fork: %w", err)
	}
	switch {
	case a.Size == b.Size:
		if f.Prefix != (parley.Hash{}) || len(f.Proof) > 0 {
			return "", fmt.Errorf("fork: %w: two roots of one size need no further proof", ErrMalformed)
		}
		if a.Root == b.Root {
			return "", fmt.Errorf("fork: %w: both checkpoints say the same of size %d", ErrProof, a.Size)
		}
	case a.Size > b.Size:
		return "", fmt.Errorf("fork: %w: the smaller checkpoint stands first", ErrMalformed)
	default:
		if err := CheckConsistency(f.Proof, a.Size, f.Prefix, b.Size, b.Root); err != nil {
			return "", fmt.Errorf("fork: %w", err)
		}
		if f.Prefix == a.Root {
			return "", fmt.Errorf("fork: %w: the checkpoint of size %d begins with that of size %d", ErrProof, b.Size, a.Size)
		}
	}
	return party, nil
}

// Doubt returns what h knows of a compromise of the log key that signed both
// checkpoints, and whether it knows of one: then the proof is in doubt, and whoever shows it
// must say so (spec/GENERATION.md §8). Whether it is a proof is for CheckIn.
func (f Fork) Doubt(h *roster.History) (roster.Compromise, bool) {
	a, _, party, err := f.open(h)
	if err != nil {
		return roster.Compromise{}, false
	}
	for _, t := range h.Terms(party, roster.RoleLog) {
		if a.By(t.Key) {
			return h.Doubt(party, roster.KeyID(roster.RoleLog, t.Key), wire.MaxNumber)
		}
	}
	return roster.Compromise{}, false
}

// CheckFork returns nil if the notes a and b, of one size, prove a fork. It is
// Fork.Check for the case that needs no proof beside the notes.
func CheckFork(a, b []byte, r *roster.Roster) error {
	_, err := Fork{A: a, B: b}.Check(r)
	return err
}

// open returns both checkpoints, which one log key signed.
func (f Fork) open(h *roster.History) (a, b Signed, party parley.Party, err error) {
	claimed, err := ReadCheckpoint(f.A)
	if err != nil {
		return a, b, "", fmt.Errorf("first checkpoint: %w", err)
	}
	party, key, err := ownerOf(f.A, claimed, h)
	if err != nil {
		return a, b, "", fmt.Errorf("first: %w", err)
	}
	line := h.Agreed().Line
	if a, err = OpenCheckpoint(f.A, line, claimed.Log, key); err != nil {
		return a, b, "", fmt.Errorf("first: %w", err)
	}
	if b, err = OpenCheckpoint(f.B, line, claimed.Log, key); err != nil {
		return a, b, "", fmt.Errorf("second: %w", err)
	}
	return a, b, party, nil
}

// ownerOf returns the party of whose log a note is, and the key that signs the
// generation which it names. A generation that h does not know is of the log of
// whoever signed it, by any log key of that party that h knows.
func ownerOf(note []byte, claimed Checkpoint, h *roster.History) (parley.Party, ed25519.PublicKey, error) {
	if party, which := h.LogOf(claimed.Log); which > 0 {
		return party, h.Generations(party)[which-1].Key, nil
	}
	for _, side := range h.Agreed().Sides {
		for _, t := range h.Terms(side.Party, roster.RoleLog) {
			if _, err := OpenCheckpoint(note, h.Agreed().Line, claimed.Log, t.Key); err == nil {
				return side.Party, t.Key, nil
			}
		}
	}
	return "", nil, fmt.Errorf("checkpoint: log %s, which the roster does not know, by neither party: %w", claimed.Log, ErrLog)
}

// ForkTitle is the first line of the text of a fork.
const ForkTitle = "parley-fork v1"

// AppendFork appends f as text that can be mailed or printed. It refuses what
// ParseFork would refuse; neither looks at signatures.
func AppendFork(dst []byte, f Fork) ([]byte, error) {
	if err := f.form(); err != nil {
		return nil, fmt.Errorf("append fork: %w", err)
	}
	w := newPrinter(ForkTitle)
	w.Note("checkpoint", f.A)
	w.Note("checkpoint", f.B)
	if f.Prefix != (parley.Hash{}) {
		w.Line("prefix", f.Prefix.String())
	}
	for _, h := range f.Proof {
		w.Line("proof", h.String())
	}
	return append(dst, w.End()...), nil
}

// ParseFork is the inverse of AppendFork. The error wraps ErrMalformed.
func ParseFork(text []byte) (Fork, error) {
	d, err := newScanner("fork", ForkTitle, text)
	if err != nil {
		return Fork{}, err
	}
	f := Fork{A: d.note("checkpoint", MaxNote), B: d.note("checkpoint", MaxNote)}
	if d.Next("prefix") {
		f.Prefix = parley.Hash(d.Hex("prefix", len(f.Prefix)))
	}
	for d.Next("proof") {
		f.Proof = append(f.Proof, parley.Hash(d.Hex("proof", len(f.Prefix))))
	}
	if err := d.Finish(); err != nil {
		return Fork{}, err
	}
	if err := f.form(); err != nil {
		return Fork{}, fmt.Errorf("fork: %w", err)
	}
	var again []byte
	if again, err = AppendFork(nil, f); err != nil || !bytes.Equal(again, text) {
		return Fork{}, fmt.Errorf("fork: %w: not in its one form", ErrMalformed)
	}
	return f, nil
}

// form says whether f can be written: notes, and a prefix where there is a proof.
func (f Fork) form() error {
	for _, n := range [][]byte{f.A, f.B} {
		if err := checkNote(n, MaxNote); err != nil {
			return err
		}
	}
	if len(f.Proof) > 0 && f.Prefix == (parley.Hash{}) {
		return fmt.Errorf("%w: a proof without the prefix that it proves", ErrMalformed)
	}
	if len(f.Proof) > maxProof {
		return fmt.Errorf("%w: a proof of %d hashes, more than %d", ErrMalformed, len(f.Proof), maxProof)
	}
	return nil
}

// maxProof bounds a proof: two hashes for each level of the largest tree.
const maxProof = 2 * 41
