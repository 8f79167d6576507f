package wire

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"parley"
)

// Form says how a frame's bundle is written (spec/ENVELOPE.md §5).
type Form uint8

// The forms, as they stand on the wire.
const (
	Wide   Form = 1 // whole entries, padded
	Narrow Form = 2 // what the addressee cannot reconstruct, not padded
)

func (f Form) String() string {
	switch f {
	case Wide:
		return "wide"
	case Narrow:
		return "narrow"
	}
	return fmt.Sprintf("unknown(%d)", uint8(f))
}

// Frame is what a channel carries (spec/FRAME.md §2).
type Frame struct {
	Tag        [8]byte        // whose frame it is: see [Tag]
	Opening    []byte         // the Signed1 of the epoch's opening, until the peer has answered under it; else empty
	Form       Form           // of the bundle
	Epoch      parley.EpochID // whose secret the key comes from
	Salt       [16]byte       // fresh for each sealing
	Ciphertext []byte         // of the bundle, with the 16 bytes of its tag at least
}

// minCiphertext is the tag of ChaCha20-Poly1305 alone.
const minCiphertext = 16

type frameArray struct {
	_          struct{} `cbor:",toarray"`
	Version    uint64
	Tag        [8]byte
	Opening    []byte
	Form       Form
	Epoch      parley.EpochID
	Salt       [16]byte
	Ciphertext []byte
}

func (f frameArray) check() error {
	if f.Version != frameVersion {
		return fmt.Errorf("version %d: %w: this station knows version %d", f.Version, ErrVersion, frameVersion)
	}
	if f.Form != Wide && f.Form != Narrow {
		return fmt.Errorf("form %d: %w: it is unknown", f.Form, ErrMalformed)
	}
	if len(f.Opening) > maxSigned1 {
		return fmt.Errorf("opening of %d bytes: %w: at most %d", len(f.Opening), ErrLimit, maxSigned1)
	}
	if len(f.Ciphertext) < minCiphertext {
		return fmt.Errorf("ciphertext of %d bytes: %w: it is shorter than its tag", len(f.Ciphertext), ErrMalformed)
	}
	return nil
}

// AppendFrame writes f after dst, or refuses what ParseFrame would refuse.
func AppendFrame(dst []byte, f Frame) ([]byte, error) {
	return appendChecked(dst, "frame", MaxFrame, f.array())
}

func (f Frame) array() frameArray {
	return frameArray{
		Version: frameVersion, Tag: f.Tag, Opening: f.Opening, Form: f.Form,
		Epoch: f.Epoch, Salt: f.Salt, Ciphertext: f.Ciphertext,
	}
}

// ParseFrame reads a frame. The opening in it is not parsed. Errors wrap
// ErrVersion for a well-formed array that begins with another version, else
// ErrMalformed or ErrLimit (spec/FRAME.md §2).
func ParseFrame(b []byte) (Frame, error) {
	f, err := parseChecked[frameArray]("frame", MaxFrame, b)
	if err == nil {
		return Frame{Tag: f.Tag, Opening: f.Opening, Form: f.Form, Epoch: f.Epoch, Salt: f.Salt, Ciphertext: f.Ciphertext}, nil
	}
	if v, ok := otherVersion(b); ok {
		return Frame{}, fmt.Errorf("parse frame: %w %d: this station knows version %d", ErrVersion, v, frameVersion)
	}
	return Frame{}, err
}

// otherVersion returns the version of a frame whose version is not ours: of any
// array in deterministic encoding that begins with another number.
func otherVersion(b []byte) (version uint64, ok bool) {
	array, err := decode[[]any](MaxFrame, b)
	if err != nil || len(array) == 0 {
		return 0, false
	}
	version, ok = array[0].(uint64)
	return version, ok && version != frameVersion
}

// FrameTag returns the tag of what ParseFrame may find to be a frame, and false
// for what it refuses for certain: for who shares a route and need not look
// further (spec/DENIABLE.md §2).
func FrameTag(b []byte) (tag [8]byte, ok bool) {
	head := []byte{0x87, frameVersion, 0x48} // an array of 7: the version, a string of 8 bytes
	if !bytes.HasPrefix(b, head) || len(b) < len(head)+len(tag) {
		return tag, false
	}
	return [8]byte(b[len(head):]), true
}

// AAD returns the associated data of the frame's ciphertext: the CBOR array
// [1, tag, form, epoch, salt] (spec/ENVELOPE.md §3).
func (f Frame) AAD() []byte {
	b := appendHead(make([]byte, 0, 38), majorArray, 5)
	b = appendHead(b, majorUint, frameVersion)
	b = appendBytes(b, f.Tag[:])
	b = appendHead(b, majorUint, int(f.Form))
	b = appendBytes(b, f.Epoch[:])
	return appendBytes(b, f.Salt[:])
}

// Tag names a direction of a line to its ends and to nobody else: the first 8
// bytes of SHA-256("parley/v1/tag\x00" ‖ line ‖ sender) (spec/FRAME.md §2).
func Tag(line parley.LineID, sender parley.Party) [8]byte {
	h := sha256.Sum256(bytes.Join([][]byte{[]byte("parley/v1/tag\x00"), line[:], []byte(sender)}, nil))
	return [8]byte(h[:8])
}
