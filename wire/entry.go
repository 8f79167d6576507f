package wire

import (
	"bytes"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"parley"
)

// Limits of an entry (spec/MESSAGE.md §5).
const (
	MaxEntry = 45056 // bytes of the whole
	MaxSeen  = 16    // other logs
)

// EntryVersion is the version of the entries that this code writes.
const EntryVersion = 1

// Seen is how much of another log the writer of an entry held.
type Seen struct {
	_    struct{} `cbor:",toarray"`
	Log  parley.LogID
	Size uint64
}

// Header is the part of an entry that every version has: it is enough to
// store the entry and to receipt it, whatever is inside.
type Header struct {
	Version  uint64
	Log      parley.LogID
	Number   uint64      // from 1
	Previous parley.Hash // leaf hash of the entry before; zero for number 1
	Seen     []Seen      // sorted by log
	Time     parley.Time // by the writer's clock
}

// Entry is the numbered leaf of a log. Signed is a Signed, unread.
type Entry struct {
	Header
	Signed []byte
}

type entryRow struct {
	Version  uint64       `cbor:"1,keyasint"`
	Log      parley.LogID `cbor:"2,keyasint"`
	Number   uint64       `cbor:"3,keyasint"`
	Previous parley.Hash  `cbor:"4,keyasint"`
	Seen     []Seen       `cbor:"5,keyasint,omitempty"`
	Time     parley.Time  `cbor:"6,keyasint"`
	Signed   []byte       `cbor:"7,keyasint"`
}

// AppendEntry appends the encoding of e.
func AppendEntry(dst []byte, e Entry) ([]byte, error) {
	if e.Version != EntryVersion {
		return dst, fmt.Errorf("entry: %w %d", ErrVersion, e.Version)
	}
	if err := e.check(); err != nil {
		return dst, err
	}
	return appendValue(dst, "entry", entryRow{e.Version, e.Log, e.Number, e.Previous, e.Seen, e.Time, e.Signed})
}

// ParseEntry reads an entry of the version that this code writes.
func ParseEntry(b []byte) (Entry, error) {
	h, err := ParseEntryHeader(b)
	if err != nil {
		return Entry{}, err
	}
	if h.Version != EntryVersion {
		return Entry{}, fmt.Errorf("entry: %w %d", ErrVersion, h.Version)
	}
	row, err := parseValue[entryRow](b, "entry", MaxEntry)
	if err != nil {
		return Entry{}, err
	}
	e := Entry{Header: h, Signed: row.Signed}
	return e, e.check()
}

// ParseEntryHeader reads what an entry of any version has. Keys above 6 may be
// anything (spec/MESSAGE.md §5): such an entry is stored, and believed only by
// those who know its version.
func ParseEntryHeader(b []byte) (Header, error) {
	if row, err := parseValue[entryRow](b, "entry", MaxEntry); err == nil {
		h := Header{row.Version, row.Log, row.Number, row.Previous, row.Seen, row.Time}
		return h, h.check()
	}
	rows, err := parseValue[map[uint64]cbor.RawMessage](b, "entry", MaxEntry)
	if err != nil {
		return Header{}, err
	}
	var stable []byte
	stable = append(stable, 0xa0)
	for key := uint64(1); key <= 6; key++ {
		if v, ok := rows[key]; ok {
			stable[0]++
			stable = append(append(stable, byte(key)), v...)
		}
	}
	row, err := parseValue[headerRow](stable, "entry header", MaxEntry)
	if err != nil {
		return Header{}, err
	}
	h := Header(row)
	return h, h.check()
}

type headerRow struct {
	Version  uint64       `cbor:"1,keyasint"`
	Log      parley.LogID `cbor:"2,keyasint"`
	Number   uint64       `cbor:"3,keyasint"`
	Previous parley.Hash  `cbor:"4,keyasint"`
	Seen     []Seen       `cbor:"5,keyasint,omitempty"`
	Time     parley.Time  `cbor:"6,keyasint"`
}

func (e Entry) check() error {
	if len(e.Signed) > MaxSigned {
		return fmt.Errorf("entry: %w of %d bytes", ErrLimit, MaxSigned)
	}
	if len(e.Signed) == 0 {
		return fmt.Errorf("entry: %w: it holds nothing", ErrMalformed)
	}
	return e.Header.check()
}

func (h Header) check() error {
	bad := func(why string) error { return fmt.Errorf("entry %d: %w: %s", h.Number, ErrMalformed, why) }
	switch {
	case h.Version == 0:
		return bad("version 0")
	case h.Number == 0:
		return bad("numbers start at 1")
	case h.Number > MaxNumber || h.Time > MaxTime:
		return fmt.Errorf("entry: %w of numbers and times", ErrLimit)
	case (h.Number == 1) != (h.Previous == parley.Hash{}):
		return bad("the first entry, and no other, follows nothing")
	case len(h.Seen) > MaxSeen:
		return fmt.Errorf("entry %d: %w of %d logs seen", h.Number, ErrLimit, MaxSeen)
	}
	for i, s := range h.Seen {
		if s.Size == 0 || i > 0 && bytes.Compare(h.Seen[i-1].Log[:], s.Log[:]) >= 0 {
			return bad("the logs seen are not in order, each once and of a size")
		}
	}
	return nil
}

// MaxNumber is the largest number of an entry, and MaxTime the latest moment:
// both fit a signed 64-bit integer.
const (
	MaxNumber = 1<<62 - 1
	MaxTime   = parley.Time(1<<53 - 1)
)
