package wire

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"

	"parley"
)

// Seen says how far its sender had stored another log when it numbered an entry.
type Seen struct {
	_    struct{} `cbor:",toarray"`
	Log  parley.LogID
	Size uint64 // 1 or more
}

// Header is the part of an entry that no version changes: it is enough to store
// the entry in its place and to receipt it (spec/MESSAGE.md §5).
type Header struct {
	Version  uint64       `cbor:"1,keyasint"` // 1 or more
	Log      parley.LogID `cbor:"2,keyasint"`
	Number   uint64       `cbor:"3,keyasint"`           // from 1 to MaxNumber
	Previous parley.Hash  `cbor:"4,keyasint"`           // the leaf hash of the entry before; zeros for the first
	Seen     []Seen       `cbor:"5,keyasint,omitempty"` // at most MaxSeen, sorted by log, each once
	Time     parley.Time  `cbor:"6,keyasint"`           // when it was numbered
}

// Entry is the leaf of a log: the signed content in its place
// (spec/MESSAGE.md §5).
type Entry struct {
	Header
	Signed []byte `cbor:"7,keyasint"` // as AppendSigned writes it; not empty
}

func (h Header) check() error {
	if h.Version == 0 {
		return fmt.Errorf("version 0: %w: versions start at 1", ErrMalformed)
	}
	if err := checkNumber(h.Number); err != nil {
		return err
	}
	if (h.Number == 1) != (h.Previous == parley.Hash{}) {
		return fmt.Errorf("previous of entry %d: %w: the first entry, and no other, follows none", h.Number, ErrMalformed)
	}
	if err := checkCount("logs seen", len(h.Seen), 0, MaxSeen); err != nil {
		return err
	}
	for i, s := range h.Seen {
		if s.Size == 0 {
			return fmt.Errorf("seen of log %s: %w: a log of which nothing was seen is not listed", s.Log, ErrMalformed)
		}
		if err := checkSize("seen size", s.Size); err != nil {
			return err
		}
		if i > 0 && bytes.Compare(h.Seen[i-1].Log[:], s.Log[:]) >= 0 {
			return fmt.Errorf("seen of log %s: %w: logs are sorted, each once", s.Log, ErrMalformed)
		}
	}
	return checkTime("time", h.Time)
}

func (e Entry) check() error {
	if err := e.Header.check(); err != nil {
		return err
	}
	if e.Version != EntryVersion {
		return fmt.Errorf("version %d: %w: this station knows version %d", e.Version, ErrVersion, EntryVersion)
	}
	return checkSigned(e.Signed)
}

func checkSigned(b []byte) error {
	if len(b) == 0 {
		return fmt.Errorf("signed: %w: it is empty", ErrMalformed)
	}
	if len(b) > MaxSigned {
		return fmt.Errorf("signed of %d bytes: %w: at most %d", len(b), ErrLimit, MaxSigned)
	}
	return nil
}

// AppendEntry writes e after dst, or refuses what ParseEntry would refuse.
func AppendEntry(dst []byte, e Entry) ([]byte, error) {
	return appendChecked(dst, "entry", MaxEntry, e)
}

// ParseEntry reads an entry of this version. What is signed in it is not
// parsed. Errors wrap ErrVersion for an entry of another version whose header
// is well-formed, else ErrMalformed or ErrLimit (spec/MESSAGE.md §5).
func ParseEntry(b []byte) (Entry, error) {
	e, err := ViewEntry(b)
	e.Signed = slices.Clone(e.Signed)
	return e, err
}

// ViewEntry is ParseEntry for whoever does not change b: what is signed in the entry may
// be a part of it.
func ViewEntry(b []byte) (Entry, error) {
	e, err := parseQuickly("entry", MaxEntry, b, quickEntry)
	if err == nil {
		return e, nil
	}
	if h, headerErr := parseStable(b); headerErr == nil && h.Version != EntryVersion {
		return Entry{}, fmt.Errorf("parse entry %d: %w %d: this station knows version %d", h.Number, ErrVersion, h.Version, EntryVersion)
	}
	return Entry{}, err
}

// ParseEntryHeader reads what a station needs to store an entry, whatever its
// version and whatever is inside: keys 1 to 6, checked in full, and behind them
// any keys with plain values (spec/MESSAGE.md §1). So no entry that its sender
// could number stops the ones that follow it (spec/MESSAGE.md §5). Errors wrap
// ErrMalformed or ErrLimit.
func ParseEntryHeader(b []byte) (Header, error) {
	if e, ok := quickEntry(b); ok && e.check() == nil {
		return e.Header, nil
	}
	h, err := parseStable(b)
	if err != nil {
		return Header{}, fmt.Errorf("parse entry header: %w", err)
	}
	return h, nil
}

// lastStable is the last key of the header.
const lastStable = 6

// parseStable reads a header with unknown keys behind it. The whole is held
// against its deterministic encoding, and what is left without the unknown keys
// against the header's.
func parseStable(b []byte) (Header, error) {
	all, err := decode[map[uint64]any](MaxEntry, b)
	if err != nil {
		return Header{}, err
	}
	for key, v := range all {
		if key > lastStable {
			if !plain(v) {
				return Header{}, fmt.Errorf("key %d: %w: it holds what no version may", key, ErrMalformed)
			}
			delete(all, key)
		}
	}
	stable, err := encode(nil, MaxEntry, all)
	if err != nil {
		return Header{}, err
	}
	h, err := decode[Header](MaxEntry, stable)
	if err != nil {
		return Header{}, err
	}
	return h, h.check()
}

// plain reports whether v, as the decoder gives it, is made of what Parley's
// formats are made of: unsigned integers, bytes, text, arrays, and maps keyed by
// unsigned integers (spec/MESSAGE.md §1). Both sides must agree on it, or one
// would store an entry that the other cannot receipt.
func plain(v any) bool {
	switch v := v.(type) {
	case uint64, []byte:
		return true
	case string:
		return utf8.ValidString(v)
	case []any:
		for _, element := range v {
			if !plain(element) {
				return false
			}
		}
		return true
	case map[any]any:
		for key, value := range v {
			if _, ok := key.(uint64); !ok || !plain(value) {
				return false
			}
		}
		return true
	}
	return false
}
