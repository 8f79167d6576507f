package wire

import (
	"bytes"
	"fmt"
	"slices"

	"parley"
)

// narrowRow is an entry without what its addressee can put back: the line, the
// log, the hash of the entry before, and the name of the log seen
// (spec/ENVELOPE.md §5).
type narrowRow struct {
	_          struct{} `cbor:",toarray"`
	Number     uint64
	Time       parley.Time
	Seen       uint64 // of the addressee's log; 0: none
	Signatures []narrowSignature
	Content    contentRow // without its line
}

type narrowSignature struct {
	_   struct{} `cbor:",toarray"`
	Key parley.KeyID
	Sig [64]byte
}

// NarrowEntry returns the narrow form of an entry of a two-party line. An
// entry that cannot be put back from it to the byte is refused with ErrForm.
func NarrowEntry(entry []byte) ([]byte, error) {
	e, err := ParseEntry(entry)
	if err != nil {
		return nil, err
	}
	s, err := ParseSigned(e.Signed)
	if err != nil {
		return nil, err
	}
	c, err := ParseContent(s.Content)
	if err != nil {
		return nil, err
	}
	row := narrowRow{Number: e.Number, Time: e.Time, Content: c.row()}
	row.Content.Line = nil
	switch len(e.Seen) {
	case 0:
	case 1:
		row.Seen = e.Seen[0].Size
	default:
		return nil, fmt.Errorf("entry %d saw %d logs: %w", e.Number, len(e.Seen), ErrForm)
	}
	for _, sig := range s.Signatures {
		row.Signatures = append(row.Signatures, narrowSignature{Key: sig.Key, Sig: sig.Sig})
	}
	return appendValue(nil, "narrow entry", row)
}

// NarrowNumber returns the number of an entry in its narrow form.
func NarrowNumber(narrow []byte) (uint64, error) {
	row, err := parseValue[narrowRow](narrow, "narrow entry", MaxEntry)
	if err != nil {
		return 0, err
	}
	return row.Number, checkNumber("narrow entry", row.Number)
}

// RestoreEntry returns the entry whose narrow form is given: the entry of log
// on line that follows the leaf previous. peerLog is the addressee's own log.
func RestoreEntry(narrow []byte, line parley.LineID, log parley.LogID, previous parley.Hash, peerLog parley.LogID) ([]byte, error) {
	row, err := parseValue[narrowRow](narrow, "narrow entry", MaxEntry)
	if err != nil {
		return nil, err
	}
	if row.Content.Line != nil {
		return nil, fmt.Errorf("narrow entry %d names its line: %w", row.Number, ErrForm)
	}
	row.Content.Line = &line
	c := row.Content.content()
	if !slices.IsSorted(c.To) {
		return nil, fmt.Errorf("narrow entry %d: %w: the desks are not in order", row.Number, ErrMalformed)
	}
	content, err := AppendContent(nil, c)
	if err != nil {
		return nil, err
	}
	s := Signed{Content: content}
	for _, sig := range row.Signatures {
		s.Signatures = append(s.Signatures, Signature{Key: sig.Key, Sig: sig.Sig})
	}
	signed, err := AppendSigned(nil, s)
	if err != nil {
		return nil, err
	}
	h := Header{Version: EntryVersion, Log: log, Number: row.Number, Previous: previous, Time: row.Time}
	if row.Seen > 0 {
		h.Seen = []Seen{{Log: peerLog, Size: row.Seen}}
	}
	entry, err := AppendEntry(nil, Entry{Header: h, Signed: signed})
	if err != nil {
		return nil, err
	}
	again, err := NarrowEntry(entry)
	if err != nil || !bytes.Equal(again, narrow) {
		return nil, fmt.Errorf("narrow entry %d: %w", row.Number, ErrForm)
	}
	return entry, nil
}
