package seal

import (
	"bytes"
	"fmt"
	"io"

	"parley"
)

// Epoch is one direction of one line between its opening and its closing
// (spec/ENVELOPE.md §2). The sender's seals, the addressee's opens, and
// neither does the other's work: what we sealed can never come back and be
// believed as the peer's. An Epoch does not change and may be used by several
// goroutines. However it is printed, its secret is not.
type Epoch struct {
	way    way
	id     parley.EpochID
	tag    [8]byte
	secret [secretSize]byte // HPKE export "parley/v1/direction"
}

const secretSize = 32

// way is which end of the epoch we hold, as it stands in the keyring's files.
type way byte

const (
	sends    way = 1
	receives way = 2
)

func (w way) String() string {
	if w == sends {
		return "seals"
	}
	return "opens"
}

// ID returns the epoch's identifier, drawn at random by its sender.
func (e *Epoch) ID() parley.EpochID { return e.id }

// Tag returns the tag of the epoch's line and sender, as every frame of the
// epoch carries it (spec/FRAME.md §2).
func (e *Epoch) Tag() [8]byte { return e.tag }

// magic begins a stored epoch, so that no other secret of 32 bytes is taken for one.
const magic = "parley/v1/epoch-secret\x00"

// storedSize is the one length of a stored epoch.
const storedSize = len(magic) + 1 + 8 + 8 + secretSize

// MarshalBinary returns the epoch with its secret, for the keyring and for
// nobody else; [UnmarshalEpoch] reads it.
func (e *Epoch) MarshalBinary() ([]byte, error) {
	b := make([]byte, 0, storedSize)
	b = append(b, magic...)
	b = append(b, byte(e.way))
	b = append(b, e.id[:]...)
	b = append(b, e.tag[:]...)
	return append(b, e.secret[:]...), nil
}

// UnmarshalEpoch reads what MarshalBinary wrote and nothing else: another
// length, a direction that does not exist or a secret of zeros, as a blank
// disk gives it, is refused with an error that wraps [ErrEpoch].
func UnmarshalEpoch(b []byte) (*Epoch, error) {
	if len(b) != storedSize {
		return nil, fmt.Errorf("reading a stored epoch: %w: it has %d bytes, not %d", ErrEpoch, len(b), storedSize)
	}
	rest, ok := bytes.CutPrefix(b, []byte(magic))
	if !ok {
		return nil, fmt.Errorf("reading a stored epoch: %w: it does not begin as one", ErrEpoch)
	}
	e := &Epoch{way: way(rest[0]), id: parley.EpochID(rest[1:9]), tag: [8]byte(rest[9:17]), secret: [secretSize]byte(rest[17:])}
	if e.way != sends && e.way != receives {
		return nil, fmt.Errorf("reading a stored epoch: %w: direction %d is unknown", ErrEpoch, rest[0])
	}
	if e.secret == [secretSize]byte{} {
		return nil, fmt.Errorf("reading a stored epoch: %w: its secret is blank", ErrEpoch)
	}
	return e, nil
}

// String names the epoch without its secret.
func (e Epoch) String() string { return fmt.Sprintf("epoch %s (%s)", e.id, e.way) }

// GoString is String: %#v shows no secret either.
func (e Epoch) GoString() string { return e.String() }

// Format prints String for every verb.
func (e Epoch) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, e.String()) }

// MarshalText gives String, so that logs and JSON hold no secret.
func (e Epoch) MarshalText() ([]byte, error) { return []byte(e.String()), nil }
