package transcript

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"parley"
	"parley/roster"
)

// Witnessed is a checkpoint that neutral witnesses cosigned: each says that at a time
// the largest log it had seen under this origin, of which all it saw before was the
// beginning, had this size and root (spec/WITNESS.md §2).
type Witnessed struct {
	// Checkpoint is the note that the log key signed.
	Checkpoint []byte

	// Cosignatures are 1 to MaxWitnesses, sorted by name and key id, one of each.
	Cosignatures []Cosignature
}

// Cosignature is what one witness signed below a checkpoint. It claims; only
// WitnessKey.Check says whose it is.
type Cosignature struct {
	Name      string // of the key
	ID        uint32 // of the key (C2SP tlog-cosignature)
	Seconds   uint64 // since 1970, by the clock of the witness; 1 to the end of the year 9999
	Signature []byte // 64 bytes of Ed25519, or 2,420 of ML-DSA-44
}

// At returns the moment of the cosignature, as the witness says.
func (c Cosignature) At() parley.Time { return parley.Time(c.Seconds * 1000) }

// Limits of a witnessed note (spec/WITNESS.md §2).
const (
	MaxWitnesses = 8        // cosignatures of a note
	MaxWitnessed = 32 << 10 // bytes of a note
	MaxMoments   = 256      // witnessed notes of one log in a file

	maxWitnessName = 128 // bytes
	stampBytes     = 4 + 8
	ed25519Bytes   = 64
	mldsa44Bytes   = 2420
	lastSecond     = 253402300799 // of the year 9999
)

// AppendCosignature appends the line of a signed note that c is, with its LF.
func AppendCosignature(dst []byte, c Cosignature) []byte {
	raw := binary.BigEndian.AppendUint32(nil, c.ID)
	raw = binary.BigEndian.AppendUint64(raw, c.Seconds)
	raw = append(raw, c.Signature...)
	return fmt.Appendf(dst, "— %s %s\n", c.Name, base64.StdEncoding.EncodeToString(raw))
}

// ParseCosignature is the inverse of AppendCosignature. The error wraps ErrMalformed.
func ParseCosignature(line []byte) (Cosignature, error) {
	text, ok := strings.CutPrefix(string(line), "— ")
	name, coded, ok2 := strings.Cut(strings.TrimSuffix(text, "\n"), " ")
	raw, err := base64.StdEncoding.DecodeString(coded)
	if !ok || !ok2 || err != nil || len(raw) != stampBytes+ed25519Bytes && len(raw) != stampBytes+mldsa44Bytes {
		return Cosignature{}, fmt.Errorf("%w: not the line of a cosignature", ErrMalformed)
	}
	c := Cosignature{name, binary.BigEndian.Uint32(raw), binary.BigEndian.Uint64(raw[4:]), raw[stampBytes:]}
	if err := c.check(); err != nil {
		return Cosignature{}, err
	}
	if !bytes.Equal(AppendCosignature(nil, c), line) {
		return Cosignature{}, fmt.Errorf("%w: not in its one form", ErrMalformed)
	}
	return c, nil
}

func (c Cosignature) check() error {
	if err := checkWitnessName(c.Name); err != nil {
		return err
	}
	if c.Seconds == 0 || c.Seconds > lastSecond {
		return fmt.Errorf("%w: a cosignature without a time, or beyond the year 9999", ErrMalformed)
	}
	if n := len(c.Signature); n != ed25519Bytes && n != mldsa44Bytes {
		return fmt.Errorf("%w: a cosignature of %d bytes", ErrMalformed, n)
	}
	return nil
}

// checkWitnessName refuses a name that could show as another, or as nothing.
func checkWitnessName(name string) error {
	if len(name) == 0 || len(name) > maxWitnessName {
		return fmt.Errorf("%w: the name of a witness has 1 to %d bytes", ErrMalformed, maxWitnessName)
	}
	for _, b := range []byte(name) {
		if b <= ' ' || b > '~' || b == '+' {
			return fmt.Errorf("%w: the name of a witness is of printable ASCII without a space or a plus", ErrMalformed)
		}
	}
	return nil
}

// AppendWitnessed appends w as a signed note: the checkpoint, and below it the lines of
// the witnesses. It refuses what ParseWitnessed would refuse; neither looks at a
// signature.
func AppendWitnessed(dst []byte, w Witnessed) ([]byte, error) {
	if err := w.check(); err != nil {
		return nil, fmt.Errorf("append witnessed: %w", err)
	}
	dst = append(dst, w.Checkpoint...)
	for _, c := range w.Cosignatures {
		dst = AppendCosignature(dst, c)
	}
	return dst, nil
}

// ParseWitnessed is the inverse of AppendWitnessed. The error wraps ErrMalformed.
func ParseWitnessed(signed []byte) (Witnessed, error) {
	w, err := parseWitnessed(signed)
	if err != nil {
		return Witnessed{}, fmt.Errorf("witnessed: %w", err)
	}
	return w, nil
}

func parseWitnessed(signed []byte) (w Witnessed, err error) {
	if len(signed) > MaxWitnessed {
		return w, fmt.Errorf("%w: a note of %d bytes, more than %d", ErrMalformed, len(signed), MaxWitnessed)
	}
	const above = 5 // lines of the checkpoint with its signature
	for i, line := range bytes.SplitAfterN(signed, []byte("\n"), above+MaxWitnesses+1) {
		switch {
		case i < above:
			w.Checkpoint = signed[:len(w.Checkpoint)+len(line)]
		case len(line) == 0:
		case i == above+MaxWitnesses:
			return w, fmt.Errorf("%w: more than %d cosignatures", ErrMalformed, MaxWitnesses)
		default:
			c, err := ParseCosignature(line)
			if err != nil {
				return w, err
			}
			w.Cosignatures = append(w.Cosignatures, c)
		}
	}
	w.Checkpoint = bytes.Clone(w.Checkpoint)
	return w, w.check()
}

// check says whether w can be written and read back.
func (w Witnessed) check() error {
	c, err := ReadCheckpoint(w.Checkpoint)
	if err != nil {
		return err
	}
	if c.Size == 0 {
		return fmt.Errorf("%w: an empty log has nothing to witness", ErrMalformed)
	}
	// One signature, which only OpenCheckpoint looks at: of the log's own name.
	below := strings.TrimPrefix(string(w.Checkpoint), c.Text()+"\n")
	if strings.Count(below, "\n") != 1 || !strings.HasPrefix(below, "— "+roster.LogKeyName(c.Line, c.Log)+" ") || !strings.HasSuffix(below, "\n") {
		return fmt.Errorf("%w: not one signature of the log below its checkpoint", ErrMalformed)
	}
	if len(w.Cosignatures) == 0 || len(w.Cosignatures) > MaxWitnesses {
		return fmt.Errorf("%w: %d cosignatures; there are 1 to %d", ErrMalformed, len(w.Cosignatures), MaxWitnesses)
	}
	for i, c := range w.Cosignatures {
		if err := c.check(); err != nil {
			return err
		}
		if i > 0 && c.Compare(w.Cosignatures[i-1]) <= 0 {
			return fmt.Errorf("%w: cosignatures are sorted by name and key id, one of each", ErrMalformed)
		}
	}
	return nil
}

// Compare orders cosignatures as they stand below a checkpoint: by name, then by key
// id. It is 0 for two of one key.
func (c Cosignature) Compare(d Cosignature) int {
	return cmp.Or(strings.Compare(c.Name, d.Name), cmp.Compare(c.ID, d.ID))
}

// WitnessKey is the verifier key of a witness, as one line of text: a C2SP signed-note
// verifier key of type 04 (Ed25519) or 06 (ML-DSA-44) of tlog-cosignature. The zero
// WitnessKey is nobody's.
type WitnessKey struct {
	text     string
	verifier note.Verifier
}

// ParseWitnessKey reads the line of text, "name+id+key". The error wraps ErrMalformed.
func ParseWitnessKey(s string) (WitnessKey, error) {
	fail := func(why string) (WitnessKey, error) {
		return WitnessKey{}, fmt.Errorf("witness key: %w: %s", ErrMalformed, why)
	}
	if len(s) > MaxNote {
		return fail(fmt.Sprintf("%d bytes, more than %d", len(s), MaxNote))
	}
	name, rest, _ := strings.Cut(s, "+")
	_, coded, _ := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.DecodeString(coded)
	if err != nil || len(raw) == 0 {
		return fail("not the verifier key of a witness, as name+id+key")
	}
	if raw[0] != cosignEd25519 && raw[0] != cosignMLDSA44 {
		return fail(fmt.Sprintf("its type is %02x; a witness has one of type %02x or %02x", raw[0], cosignEd25519, cosignMLDSA44))
	}
	if err := checkWitnessName(name); err != nil {
		return WitnessKey{}, fmt.Errorf("witness key: %w", err)
	}
	v, err := cosignature.NewVerifierForCosignatureV1(s)
	if err != nil {
		return fail(err.Error())
	}
	// The library does not compare the id that is written with the one that it computes.
	if s != fmt.Sprintf("%s+%08x+%s", name, v.KeyHash(), base64.StdEncoding.EncodeToString(raw)) {
		return fail("not in its one form, or with the id of another key")
	}
	return WitnessKey{s, v}, nil
}

// The algorithm bytes of verifier keys of C2SP tlog-cosignature.
const (
	cosignEd25519 = 4
	cosignMLDSA44 = 6
)

// String returns the line of text.
func (k WitnessKey) String() string { return k.text }

// Name returns the name that the witness signs under.
func (k WitnessKey) Name() string { return k.verifier.Name() }

// Made reports whether c says that it is by k. Whether it is, says Check.
func (k WitnessKey) Made(c Cosignature) bool {
	return k.verifier != nil && c.Name == k.verifier.Name() && c.ID == k.verifier.KeyHash()
}

// Check returns nil if c is k's cosignature of a checkpoint. The error wraps
// ErrSignature.
func (k WitnessKey) Check(of Checkpoint, c Cosignature) error {
	if !k.Made(c) || !k.verifier.Verify([]byte(of.Text()), append(binary.BigEndian.AppendUint64(nil, c.Seconds), c.Signature...)) {
		return fmt.Errorf("cosignature of %s: %w", c.Name, ErrSignature)
	}
	return nil
}

// witnessedKeyword stands above a witnessed note in a file.
const witnessedKeyword = "witnessed"

// checkWitnessed says whether notes can stand in the log of a file with so many entries.
func checkWitnessed(notes [][]byte, entries uint64) error {
	if len(notes) > MaxMoments {
		return fmt.Errorf("%w: %d witnessed notes of a log; there are at most %d", ErrMalformed, len(notes), MaxMoments)
	}
	last := uint64(0)
	for _, n := range notes {
		size, err := nextWitnessed(n, last, entries)
		if err != nil {
			return err
		}
		last = size
	}
	return nil
}

// nextWitnessed returns the size in a note that follows one of size last.
func nextWitnessed(note []byte, last, entries uint64) (uint64, error) {
	if err := checkNote(note, MaxWitnessed); err != nil {
		return 0, err
	}
	w, err := ParseWitnessed(note)
	if err != nil {
		return 0, err
	}
	c, err := ReadCheckpoint(w.Checkpoint)
	if err == nil && (c.Size <= last || c.Size > entries) {
		err = fmt.Errorf("%w: witnessed notes are sorted by size, one of each, up to the %d entries: %d after %d", ErrMalformed, entries, c.Size, last)
	}
	return c.Size, err
}

// witnessed takes the witnessed notes of a log with so many entries.
func (s *stream) witnessed(entries uint64) (notes [][]byte) {
	last := uint64(0)
	for s.Next(witnessedKeyword) {
		if len(notes) == MaxMoments {
			s.Fail(witnessedKeyword, "more than %d of them", MaxMoments)
			return nil
		}
		note := s.note(witnessedKeyword, MaxWitnessed)
		if s.Err() != nil {
			return nil
		}
		size, err := nextWitnessed(note, last, entries)
		s.FailWith(witnessedKeyword, err)
		last, notes = size, append(notes, note)
	}
	return notes
}
