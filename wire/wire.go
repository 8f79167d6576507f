// Package wire turns the treaty's values into bytes and back.
//
// Every format is deterministic CBOR (RFC 8949 §4.2.1) with explicit key
// numbers. Each has an Append function, which refuses what its Parse function
// would refuse, and a Parse function, which decodes, encodes again, and
// compares the whole: exactly one sequence of bytes stands for a value. The
// decoder alone would not do, because it accepts integers that are longer than
// they need be, and maps whose keys are not in order.
//
// The package verifies form and limits. It verifies no signature except where
// a function says so, and it does not know which key is whose: see release,
// receipt and seal. Its specification is spec/MESSAGE.md (content, entry),
// spec/ENVELOPE.md (bundle, narrow form, padding), spec/FRAME.md (frame) and
// spec/RECEIPT.md (receipts and the other signed statements).
package wire

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// What is wrong with bytes, or with a value that cannot become bytes.
var (
	// ErrMalformed is wrapped by every error about bytes that are not the one
	// encoding of any value.
	ErrMalformed = errors.New("malformed")
	// ErrVersion is wrapped when the version is one that this code does not know.
	ErrVersion = errors.New("unknown version")
	// ErrLimit is wrapped when something is longer or more than the format allows.
	ErrLimit = errors.New("over the limit")
	// ErrText is wrapped when text is not as spec/MESSAGE.md §2 allows.
	ErrText = errors.New("text not allowed")
	// ErrForm is wrapped when a narrow entry cannot be made whole, or a whole one
	// narrow.
	ErrForm = errors.New("not in this form")
	// ErrSignature is wrapped when a signature does not verify.
	ErrSignature = errors.New("bad signature")
)

// modes are the two ways of the one encoding.
type modes struct {
	enc cbor.EncMode
	dec cbor.DecMode
}

// codec is made once; it holds no state that changes.
var codec = newCodec()

func newCodec() modes {
	enc, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err) // the options are constants
	}
	dec, err := cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		MaxNestedLevels:   8,
		MaxArrayElements:  maxElements,
		MaxMapPairs:       16,
		NaN:               cbor.NaNDecodeForbidden,
		Inf:               cbor.InfDecodeForbidden,
	}.DecMode()
	if err != nil {
		panic(err) // the options are constants
	}
	return modes{enc, dec}
}

// maxElements bounds any array of any format.
const maxElements = 1024

// appendValue appends the one encoding of v.
func appendValue(dst []byte, what string, v any) ([]byte, error) {
	b, err := codec.enc.Marshal(v)
	if err != nil {
		return dst, fmt.Errorf("%s: %w: %v", what, ErrMalformed, err)
	}
	return append(dst, b...), nil
}

// parseValue reads the one encoding of a T that is at most limit bytes long.
func parseValue[T any](b []byte, what string, limit int) (v T, err error) {
	if len(b) > limit {
		return v, fmt.Errorf("%s of %d bytes: %w of %d", what, len(b), ErrLimit, limit)
	}
	if err := codec.dec.Unmarshal(b, &v); err != nil {
		return v, fmt.Errorf("%s: %w: %v", what, ErrMalformed, err)
	}
	again, err := codec.enc.Marshal(v)
	if err != nil || !bytes.Equal(again, b) {
		return v, fmt.Errorf("%s: %w: not the deterministic encoding", what, ErrMalformed)
	}
	return v, nil
}
