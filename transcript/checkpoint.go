package transcript

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"parley"
	"parley/roster"
)

// Checkpoint says what a log is up to a size. Signed by the log key it commits
// the party to every entry below the size, for good (spec/TRANSCRIPT.md §3).
type Checkpoint struct {
	Line parley.LineID
	Log  parley.LogID
	Size uint64 // number of entries, at most MaxSize
	Root parley.Hash
}

// MaxNote is the most bytes of a signed note that is read here: a checkpoint
// with its two signatures is below 1,000.
const MaxNote = 2048

// MaxNotePQ is the most bytes of a note that carries signatures of ML-DSA-44
// besides, of which each takes 3,400 (spec/RECEIPT.md §9).
const MaxNotePQ = 8192

// Text returns the body of the checkpoint's note: origin, size and root, each
// on a line (C2SP tlog-checkpoint).
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", roster.LogOrigin(c.Line, c.Log), c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

// check says whether c can be true of any log.
func (c Checkpoint) check() error {
	if c.Size > MaxSize {
		return fmt.Errorf("size %d: %w", c.Size, ErrSize)
	}
	if c.Size == 0 && c.Root != emptyRoot() {
		return fmt.Errorf("size 0 with a root: %w", ErrMalformed)
	}
	return nil
}

// Signed is a checkpoint whose signature is known to be good: only
// [SignCheckpoint] and [OpenCheckpoint] make one that says anything.
type Signed struct {
	Checkpoint
	note []byte
	by   ed25519.PublicKey
}

// Note returns the bytes that prove the checkpoint; they are not to be changed.
func (s Signed) Note() []byte { return s.note }

// By reports whether pub is the log key that signed.
func (s Signed) By(pub ed25519.PublicKey) bool { return s.by.Equal(pub) }

// SignCheckpoint signs c by the log key. Whoever calls it has made every entry
// below the size durable, and never signs another root for that size: two such
// notes prove a fork.
func SignCheckpoint(c Checkpoint, log crypto.Signer) (Signed, error) {
	if err := c.check(); err != nil {
		return Signed{}, fmt.Errorf("sign checkpoint: %w", err)
	}
	pub, ok := log.Public().(ed25519.PublicKey)
	if !ok {
		return Signed{}, fmt.Errorf("sign checkpoint: the log key is a %T, want Ed25519", log.Public())
	}
	v, err := verifier(c.Line, c.Log, pub)
	if err != nil {
		return Signed{}, fmt.Errorf("sign checkpoint: %w", err)
	}
	signed, err := note.Sign(&note.Note{Text: c.Text()}, signer{v, log})
	if err != nil {
		return Signed{}, fmt.Errorf("sign checkpoint: %w", err)
	}
	return Signed{c, signed, pub}, nil
}

// OpenCheckpoint returns the checkpoint in a note that carries the signature of
// the log key pub and no other. It keeps no reference to the note. The error
// wraps ErrMalformed, ErrLog (a checkpoint of another log or line) or
// ErrSignature.
func OpenCheckpoint(signed []byte, line parley.LineID, log parley.LogID, pub ed25519.PublicKey) (Signed, error) {
	c, err := openCheckpoint(signed, line, log, pub)
	if err != nil {
		return Signed{}, fmt.Errorf("checkpoint: %w", err)
	}
	return Signed{c, bytes.Clone(signed), pub}, nil
}

// OpenCheckpointBy is OpenCheckpoint for a checkpoint of p's log, which has the id of
// the generation that its size belongs to, as far as h knows (spec/GENERATION.md §1).
func OpenCheckpointBy(signed []byte, h *roster.History, p parley.Party) (Signed, error) {
	claimed, err := ReadCheckpoint(signed)
	if err != nil {
		return Signed{}, fmt.Errorf("checkpoint: %w", err)
	}
	g, _ := h.Generation(p, claimed.Size)
	return OpenCheckpoint(signed, h.Agreed().Line, g.Log, g.Key)
}

func openCheckpoint(signed []byte, line parley.LineID, log parley.LogID, pub ed25519.PublicKey) (Checkpoint, error) {
	c, err := ReadCheckpoint(signed)
	if err != nil {
		return Checkpoint{}, err
	}
	if c.Line != line || c.Log != log {
		return Checkpoint{}, fmt.Errorf("log %s: %w", c.Log, ErrLog)
	}
	v, err := verifier(line, log, pub)
	if err != nil {
		return Checkpoint{}, err
	}
	n, err := note.Open(signed, note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, noteError(err)
	}
	return c, oneForm(signed, n)
}

// ReadCheckpoint returns what a note claims, without looking at a signature:
// only to find the log whose key must be asked. The error wraps ErrMalformed.
func ReadCheckpoint(signed []byte) (Checkpoint, error) {
	if len(signed) > MaxNote {
		return Checkpoint{}, fmt.Errorf("%w: a note of %d bytes, more than %d", ErrMalformed, len(signed), MaxNote)
	}
	lines := strings.SplitN(string(signed), "\n", 4)
	if len(lines) < 4 {
		return Checkpoint{}, fmt.Errorf("%w: not three lines and a signature", ErrMalformed)
	}
	c, err := parseOrigin(lines[0])
	if err != nil {
		return Checkpoint{}, err
	}
	if c.Size, err = strconv.ParseUint(lines[1], 10, 64); err != nil {
		return Checkpoint{}, fmt.Errorf("%w: the size is not a number", ErrMalformed)
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != len(c.Root) {
		return Checkpoint{}, fmt.Errorf("%w: the root is not a hash", ErrMalformed)
	}
	c.Root = parley.Hash(root)
	if err := c.check(); err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if !strings.HasPrefix(string(signed), c.Text()+"\n") {
		return Checkpoint{}, fmt.Errorf("%w: not in its one form", ErrMalformed)
	}
	return c, nil
}

// parseOrigin is the inverse of roster.LogOrigin.
func parseOrigin(s string) (Checkpoint, error) {
	var c Checkpoint
	rest, ok := strings.CutPrefix(s, "parley/v1/")
	line, log, ok2 := strings.Cut(rest, "/")
	if !ok || !ok2 || unhex(c.Line[:], line) != nil || unhex(c.Log[:], log) != nil {
		return Checkpoint{}, fmt.Errorf("%w: the first line is not the origin of a log", ErrMalformed)
	}
	return c, nil
}

// unhex fills dst with what s says, which is lower case and has exactly its length.
func unhex(dst []byte, s string) error {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(dst) || hex.EncodeToString(b) != s {
		return fmt.Errorf("%w: %d bytes in lower-case hexadecimal", ErrMalformed, len(dst))
	}
	copy(dst, b)
	return nil
}

// oneForm refuses a note that says the same as n in other bytes: one with
// signatures that nobody asked for, repeated ones, or loose base64. n is what
// note.Open made of it.
func oneForm(signed []byte, n *note.Note) error {
	if len(n.UnverifiedSigs) > 0 {
		return fmt.Errorf("%w: a signature by %q, which has no place here", ErrMalformed, n.UnverifiedSigs[0].Name)
	}
	var b strings.Builder
	b.WriteString(n.Text + "\n")
	for _, s := range n.Sigs {
		raw, err := base64.StdEncoding.DecodeString(s.Base64)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		b.WriteString("— " + s.Name + " " + base64.StdEncoding.EncodeToString(raw) + "\n")
	}
	if b.String() != string(signed) {
		return fmt.Errorf("%w: not in its one form", ErrMalformed)
	}
	return nil
}

// noteError says in our words what note.Open said.
func noteError(err error) error {
	var invalid *note.InvalidSignatureError
	var unverified *note.UnverifiedNoteError
	if errors.As(err, &invalid) || errors.As(err, &unverified) {
		return fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return fmt.Errorf("%w: %w", ErrMalformed, err)
}

func verifier(line parley.LineID, log parley.LogID, pub ed25519.PublicKey) (note.Verifier, error) {
	vkey, err := note.NewEd25519VerifierKey(roster.LogKeyName(line, log), pub)
	if err != nil {
		return nil, fmt.Errorf("log key: %w", err)
	}
	return note.NewVerifier(vkey)
}

// signer signs notes with a key that may be in a token.
type signer struct {
	note.Verifier
	key crypto.Signer
}

func (s signer) Sign(text []byte) ([]byte, error) {
	return s.key.Sign(nil, text, crypto.Hash(0)) // Ed25519 draws nothing
}
