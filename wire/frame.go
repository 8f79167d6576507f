package wire

import (
	"crypto/sha256"
	"fmt"

	"parley"
)

// MaxFrame is the longest frame that any channel carries (spec/FRAME.md §1).
const MaxFrame = 65536

// Form says whether an envelope is padded and whole, or as short as it can be
// (spec/ENVELOPE.md §5).
type Form uint8

// The forms, as they stand on the wire.
const (
	Wide   Form = 1
	Narrow Form = 2
)

// Frame is what a channel carries: an envelope and how to find its key
// (spec/FRAME.md §2).
type Frame struct {
	Tag        [8]byte
	Opening    []byte // a Signed1, or empty
	Form       Form
	Epoch      parley.EpochID
	Salt       [16]byte
	Ciphertext []byte
}

type frameRow struct {
	_          struct{} `cbor:",toarray"`
	Version    uint64
	Tag        [8]byte
	Opening    []byte
	Form       Form
	Epoch      parley.EpochID
	Salt       [16]byte
	Ciphertext []byte
}

type aadRow struct {
	_       struct{} `cbor:",toarray"`
	Version uint64
	Tag     [8]byte
	Form    Form
	Epoch   parley.EpochID
	Salt    [16]byte
}

// Tag is the first 8 bytes of SHA-256("parley/v1/tag" ‖ 0 ‖ line ‖ sender): it
// tells a station which line a frame is of, and nobody else which.
func Tag(line parley.LineID, sender parley.Party) (tag [8]byte) {
	h := sha256.New()
	h.Write([]byte("parley/v1/tag\x00"))
	h.Write(line[:])
	h.Write([]byte(sender))
	copy(tag[:], h.Sum(nil))
	return tag
}

// AppendFrame appends the encoding of f.
func AppendFrame(dst []byte, f Frame) ([]byte, error) {
	if f.Opening == nil {
		f.Opening = []byte{}
	}
	if err := f.check(); err != nil {
		return dst, err
	}
	b, err := appendValue(nil, "frame", frameRow{Version: 1, Tag: f.Tag, Opening: f.Opening, Form: f.Form, Epoch: f.Epoch, Salt: f.Salt, Ciphertext: f.Ciphertext})
	if err != nil {
		return dst, err
	}
	if len(b) > MaxFrame {
		return dst, fmt.Errorf("frame of %d bytes: %w of %d", len(b), ErrLimit, MaxFrame)
	}
	return append(dst, b...), nil
}

// ParseFrame reads a frame.
func ParseFrame(b []byte) (Frame, error) {
	row, err := parseValue[frameRow](b, "frame", MaxFrame)
	if err != nil {
		return Frame{}, err
	}
	if row.Version != 1 {
		return Frame{}, fmt.Errorf("frame: %w %d", ErrVersion, row.Version)
	}
	f := Frame{Tag: row.Tag, Opening: row.Opening, Form: row.Form, Epoch: row.Epoch, Salt: row.Salt, Ciphertext: row.Ciphertext}
	return f, f.check()
}

func (f Frame) check() error {
	if f.Form != Wide && f.Form != Narrow {
		return fmt.Errorf("frame: %w: form %d", ErrMalformed, f.Form)
	}
	if len(f.Ciphertext) == 0 {
		return fmt.Errorf("frame: %w: it carries nothing", ErrMalformed)
	}
	return nil
}

// AAD returns what the ciphertext is bound to: the frame without its opening
// and ciphertext (spec/ENVELOPE.md §3).
func (f Frame) AAD() []byte {
	b, err := appendValue(nil, "aad", aadRow{Version: 1, Tag: f.Tag, Form: f.Form, Epoch: f.Epoch, Salt: f.Salt})
	if err != nil {
		panic(err) // fixed-size fields can always be encoded
	}
	return b
}
