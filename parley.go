// Package parley holds the nouns of the line: party, desk, precedence, status,
// kind, and the identifiers that the other packages of the treaty exchange.
//
// It holds no rule of the exchange and does no I/O. The words are those of
// DESIGN.md §1; each has one meaning everywhere.
package parley

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrName is returned for a party or desk that is not written as spec/ROSTER.md §2 says.
var ErrName = errors.New("not a valid name")

// Party names one side of a line: 1 to 32 characters of a–z, 0–9 and '-',
// beginning with a letter (spec/ROSTER.md §2).
type Party string

// ParseParty returns s as a Party, or an error that wraps ErrName.
func ParseParty(s string) (Party, error) {
	if !validLabel(s) {
		return "", fmt.Errorf("party %q: %w: use 1 to 32 of a-z, 0-9 and '-', beginning with a letter", clip(s), ErrName)
	}
	return Party(s), nil
}

// Desk names a role that answers, never a person: "north/duty" is desk "duty"
// of party "north". Both halves follow the rule of Party.
type Desk string

// ParseDesk returns s as a Desk, or an error that wraps ErrName.
func ParseDesk(s string) (Desk, error) {
	party, name, ok := strings.Cut(s, "/")
	if !ok || !validLabel(party) || !validLabel(name) {
		return "", fmt.Errorf("desk %q: %w: write party/desk, as in north/duty", clip(s), ErrName)
	}
	return Desk(s), nil
}

// Party returns the party whose desk d is.
func (d Desk) Party() Party {
	party, _, _ := strings.Cut(string(d), "/")
	return Party(party)
}

// Name returns the desk's name within its party.
func (d Desk) Name() string {
	_, name, _ := strings.Cut(string(d), "/")
	return name
}

func validLabel(s string) bool {
	if len(s) == 0 || len(s) > 32 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

func clip(s string) string {
	if len(s) > 48 {
		return s[:48] + "…"
	}
	return s
}

// Hash is a SHA-256 digest.
type Hash [32]byte

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// LineID identifies a line: the hash of its roster text (spec/ROSTER.md §5).
type LineID [32]byte

func (l LineID) String() string { return hex.EncodeToString(l[:]) }

// LogID identifies one party's log on one line. It is drawn at random for
// every generation of the log (spec/TRANSCRIPT.md §1).
type LogID [16]byte

func (l LogID) String() string { return hex.EncodeToString(l[:]) }

// DraftID is the 16 random bytes that make a draft itself and no other. It is
// secret outside the entry, so that a short text cannot be guessed from a hash.
type DraftID [16]byte

func (d DraftID) String() string { return hex.EncodeToString(d[:]) }

// EpochID identifies one epoch of one direction of a line (spec/ENVELOPE.md §2).
type EpochID [8]byte

func (e EpochID) String() string { return hex.EncodeToString(e[:]) }

// KeyID is the first 8 bytes of the hash of a public key and its role
// (spec/ROSTER.md §4).
type KeyID [8]byte

func (k KeyID) String() string { return hex.EncodeToString(k[:]) }

// Ref points at one entry: number Number (from 1) of log Log.
type Ref struct {
	Log    LogID
	Number uint64
}

// Time is a moment in milliseconds since 1970-01-01T00:00:00Z. Order never
// depends on it.
type Time uint64

// TimeOf returns t as a Time; moments before 1970 become 0.
func TimeOf(t time.Time) Time {
	ms := t.UnixMilli()
	if ms < 0 {
		return 0
	}
	return Time(ms)
}

// Time returns t as a time.Time in UTC.
func (t Time) Time() time.Time { return time.UnixMilli(int64(t)).UTC() }

// Precedence is the order in which traffic leaves, not its importance
// (ACP 127). Smaller values go first.
type Precedence uint8

// The four precedences, as they stand on the wire (spec/MESSAGE.md §3).
const (
	Flash     Precedence = 1
	Immediate Precedence = 2
	Priority  Precedence = 3
	Routine   Precedence = 4
)

// Valid reports whether p is one of the four precedences.
func (p Precedence) Valid() bool { return p >= Flash && p <= Routine }

func (p Precedence) String() string {
	return nameOf(p, "flash", "immediate", "priority", "routine")
}

// ParsePrecedence returns the precedence that s names.
func ParsePrecedence(s string) (Precedence, error) {
	return named[Precedence]("precedence", s, "flash", "immediate", "priority", "routine")
}

// Status separates exercise traffic from real traffic, by type, everywhere (R30).
type Status uint8

// The two statuses, as they stand on the wire (spec/MESSAGE.md §3).
const (
	Real     Status = 1
	Exercise Status = 2
)

// Valid reports whether s is one of the two statuses.
func (s Status) Valid() bool { return s == Real || s == Exercise }

func (s Status) String() string { return nameOf(s, "real", "exercise") }

// Kind says what a message is.
type Kind uint8

// The kinds of this version, as they stand on the wire (spec/MESSAGE.md §3).
const (
	Text            Kind = 1
	Acknowledgement Kind = 2
	Change          Kind = 3 // of a party's own side of the roster (spec/CHANGE.md)
)

// Valid reports whether k is a kind of this version.
func (k Kind) Valid() bool { return k >= Text && k <= Change }

func (k Kind) String() string { return nameOf(k, "text", "acknowledgement", "change") }

// Answer is what a person answers to a message (R2, R4). A receipt is never an
// Answer, and no Answer means agreement with the text.
type Answer uint8

// The answers, as they stand on the wire (spec/MESSAGE.md §3).
const (
	Read     Answer = 1
	Accepted Answer = 2
	PassedOn Answer = 3
	Answered Answer = 4
	Hold     Answer = 5
	Decline  Answer = 6
	ReplyBy  Answer = 7
)

// Valid reports whether a is one of the answers.
func (a Answer) Valid() bool { return a >= Read && a <= ReplyBy }

func (a Answer) String() string {
	return nameOf(a, "read", "accepted", "passed-on", "answered", "hold", "decline", "reply-by")
}

// ParseAnswer returns the answer that s names.
func ParseAnswer(s string) (Answer, error) {
	return named[Answer]("answer", s, "read", "accepted", "passed-on", "answered", "hold", "decline", "reply-by")
}

func nameOf[T ~uint8](v T, names ...string) string {
	if v == 0 || int(v) > len(names) {
		return fmt.Sprintf("unknown(%d)", uint8(v))
	}
	return names[v-1]
}

func named[T ~uint8](what, s string, names ...string) (T, error) {
	for i, n := range names {
		if n == s {
			return T(i + 1), nil
		}
	}
	return 0, fmt.Errorf("%s %q: %w: use one of %s", what, clip(s), ErrName, strings.Join(names, ", "))
}
