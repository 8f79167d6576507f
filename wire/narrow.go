package wire

import (
	"bytes"
	"fmt"

	"parley"
)

// narrow is an entry without what its addressee holds already: the version, the
// log, the hash of the entry before, the peer's log id, the line, and the heads
// of COSE (spec/ENVELOPE.md §5).
type narrow struct {
	_          struct{} `cbor:",toarray"`
	Number     uint64
	Time       parley.Time
	Seen       uint64 // of the peer's log; 0 is none
	Signatures []narrowSignature
	Content    contentMap // without the line
}

type narrowSignature struct {
	_   struct{} `cbor:",toarray"`
	Key parley.KeyID
	Sig [64]byte
}

func (n narrow) check() error {
	if err := first(checkNumber(n.Number), checkTime("time", n.Time), checkSize("seen size", n.Seen)); err != nil {
		return err
	}
	if err := checkCount("signatures", len(n.Signatures), 1, MaxSignatures); err != nil {
		return err
	}
	for i := 1; i < len(n.Signatures); i++ {
		if bytes.Compare(n.Signatures[i-1].Key[:], n.Signatures[i].Key[:]) >= 0 {
			return fmt.Errorf("signature %d: %w: signatures are sorted by key, each key once", i+1, ErrMalformed)
		}
	}
	if n.Content.Line != nil {
		return fmt.Errorf("line: %w: the narrow form leaves it out", ErrMalformed)
	}
	return n.Content.checkRest()
}

// NarrowEntry returns an entry in the narrow form. An entry that the form
// cannot carry gives an error that wraps ErrForm: it goes in the wide form. It
// can carry every valid entry of this version on a line of two, whose seen
// names at most the peer's log, and none that is not valid (spec/ENVELOPE.md §5).
func NarrowEntry(entry []byte) ([]byte, error) {
	e, err := ParseEntry(entry)
	if err != nil {
		return nil, notNarrow(err)
	}
	s, err := ParseSigned(e.Signed)
	if err != nil {
		return nil, notNarrow(err)
	}
	m, err := parseChecked[contentMap]("content", MaxContent, s.Content)
	if err != nil {
		return nil, notNarrow(err)
	}
	n := narrow{Number: e.Number, Time: e.Time, Content: m}
	switch len(e.Seen) {
	case 0:
	case 1:
		n.Seen = e.Seen[0].Size
	default:
		return nil, fmt.Errorf("narrow entry %d: %w: it has seen %d logs", e.Number, ErrForm, len(e.Seen))
	}
	n.Content.Line = nil
	for _, sig := range s.Signatures {
		n.Signatures = append(n.Signatures, narrowSignature{Key: sig.Key, Sig: sig.Sig})
	}
	b, err := appendChecked(nil, "narrow entry", MaxEntry, n)
	if err != nil {
		return nil, notNarrow(err)
	}
	return b, nil
}

func notNarrow(err error) error { return fmt.Errorf("narrow an entry: %w: %v", ErrForm, err) }

// NarrowNumber returns the number of a narrow entry, which tells which previous
// hash [RestoreEntry] needs. Its errors are those of RestoreEntry.
func NarrowNumber(narrowed []byte) (uint64, error) {
	n, err := parseNarrow(narrowed)
	return n.Number, err
}

// RestoreEntry is the inverse of [NarrowEntry]: it returns the bytes of the
// entry, given its line, its log, the leaf hash of the entry before (zeros for
// the first) and the log of the addressee. Bytes that NarrowEntry writes for no
// entry give an error that wraps ErrForm (spec/ENVELOPE.md §5).
//
// Whether what was given is right is not known here: the leaf hash of the
// result tells, against a checkpoint of the log.
func RestoreEntry(narrowed []byte, line parley.LineID, log parley.LogID, previous parley.Hash, peerLog parley.LogID) ([]byte, error) {
	n, err := parseNarrow(narrowed)
	if err != nil {
		return nil, err
	}
	n.Content.Line = &line
	s := Signed{}
	if s.Content, err = appendChecked(nil, "content", MaxContent, n.Content); err != nil {
		return nil, notRestored(err)
	}
	for _, sig := range n.Signatures {
		s.Signatures = append(s.Signatures, Signature{Key: sig.Key, Sig: sig.Sig})
	}
	e := Entry{Header: Header{Version: EntryVersion, Log: log, Number: n.Number, Previous: previous, Time: n.Time}}
	if n.Seen != 0 {
		e.Seen = []Seen{{Log: peerLog, Size: n.Seen}}
	}
	if e.Signed, err = AppendSigned(nil, s); err != nil {
		return nil, notRestored(err)
	}
	b, err := AppendEntry(nil, e)
	if err != nil {
		return nil, notRestored(err)
	}
	return b, nil
}

func parseNarrow(b []byte) (narrow, error) {
	n, err := parseChecked[narrow]("narrow entry", MaxEntry, b)
	if err != nil {
		return narrow{}, notRestored(err)
	}
	return n, nil
}

func notRestored(err error) error { return fmt.Errorf("restore an entry: %w: %v", ErrForm, err) }
