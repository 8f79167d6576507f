package transcript

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"parley"
	"parley/roster"
)

// LogKey is the key of one log, as one line of text that people can hand on where
// they have no roster: a C2SP signed-note verifier key (spec/TRANSCRIPT.md §3). It
// says which line and log it is of, and not whose.
type LogKey struct {
	Line parley.LineID
	Log  parley.LogID
	Key  ed25519.PublicKey
}

// ed25519Key is the algorithm byte of a verifier key of Ed25519 (C2SP signed-note).
const ed25519Key = 1

// String returns the line of text, "name+id+key".
func (k LogKey) String() string {
	vkey, err := note.NewEd25519VerifierKey(roster.LogKeyName(k.Line, k.Log), k.Key)
	if err != nil {
		return fmt.Sprintf("no key of %d bytes", len(k.Key))
	}
	return vkey
}

// ParseLogKey is the inverse of LogKey.String. The error wraps ErrMalformed.
func ParseLogKey(s string) (LogKey, error) {
	if len(s) > MaxNote {
		return LogKey{}, fmt.Errorf("verifier key: %w: %d bytes, more than %d", ErrMalformed, len(s), MaxNote)
	}
	if _, err := note.NewVerifier(s); err != nil {
		return LogKey{}, fmt.Errorf("verifier key: %w: not the key of a log as name+id+key: %w", ErrMalformed, err)
	}
	name, rest, _ := strings.Cut(s, "+")
	_, coded, _ := strings.Cut(rest, "+")
	c, err := parseOrigin(name)
	if err != nil {
		return LogKey{}, fmt.Errorf("verifier key: %w: it is the key of %q, not of a log", ErrMalformed, name)
	}
	raw, err := base64.StdEncoding.DecodeString(coded)
	if err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != ed25519Key {
		return LogKey{}, fmt.Errorf("verifier key: %w: not a key of Ed25519", ErrMalformed)
	}
	k := LogKey{c.Line, c.Log, raw[1:]}
	if k.String() != s {
		return LogKey{}, fmt.Errorf("verifier key: %w: not in its one form", ErrMalformed)
	}
	return k, nil
}
