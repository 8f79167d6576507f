package wire

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// A mode cannot fail to be made of these constant options; if it did, every
// parse and append would return the error (see ready).
var (
	encoder, encoderErr = encOptions().UserBufferEncMode()
	decoder, decoderErr = decOptions().DecMode()
)

// encOptions is RFC 8949 §4.2.1, core deterministic encoding, without tags. A
// nil list is an empty one.
func encOptions() cbor.EncOptions {
	o := cbor.CoreDetEncOptions()
	o.NilContainers = cbor.NilContainerAsEmpty
	o.TagsMd = cbor.TagsForbidden
	return o
}

// decOptions is as strict as the decoder can be. It still takes integers that
// are not the shortest, unsorted maps, null for anything and byte strings of
// another length than the array they fill: so decode compares the whole.
//
// The decoder checks all of the input for form before it allocates, so a
// declared length costs nothing. Text is not checked for UTF-8 here: CheckText
// does it, under ErrText.
func decOptions() cbor.DecOptions {
	return cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		MaxNestedLevels:   maxNesting,
		MaxArrayElements:  maxItems,
		MaxMapPairs:       maxPairs,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		UTF8:              cbor.UTF8DecodeInvalid,
		NaN:               cbor.NaNDecodeForbidden,
		Inf:               cbor.InfDecodeForbidden,
		BignumTag:         cbor.BignumTagForbidden,
	}
}

// The limits of every value: levels, pairs of a map, items of an array
// (spec/MESSAGE.md §1).
const (
	maxNesting = 8
	maxPairs   = 23
	maxItems   = MaxParts // of the longest array, a bundle
)

// checked is a value with rules besides its encoding.
type checked interface{ check() error }

// parseQuickly is parseChecked for a format that has a quick reader.
func parseQuickly[T checked](what string, limit int, b []byte, quick func([]byte) (T, bool)) (T, error) {
	if v, ok := quick(b); ok && v.check() == nil {
		return v, nil
	}
	return parseChecked[T](what, limit, b) // which says what is wrong
}

// parseChecked reads a T that is the whole of b, at most limit bytes, and holds
// it against its rules. What is named in errors.
func parseChecked[T checked](what string, limit int, b []byte) (T, error) {
	v, err := decode[T](limit, b)
	if err == nil {
		err = v.check()
	}
	if err != nil {
		var none T
		return none, fmt.Errorf("parse %s: %w", what, err)
	}
	return v, nil
}

// appendChecked writes v after dst if it keeps its rules and the limit: what
// parseChecked would refuse is not written.
func appendChecked[T checked](dst []byte, what string, limit int, v T) ([]byte, error) {
	err := v.check()
	var written []byte
	if err == nil {
		written, err = encode(dst, limit, &v)
	}
	if err != nil {
		return dst, fmt.Errorf("append %s: %w", what, err)
	}
	return written, nil
}

// decode reads a T that is the whole of b: it decodes, encodes again and
// compares, so that every value has one encoding (spec/MESSAGE.md §1).
func decode[T any](limit int, b []byte) (T, error) {
	if err := ready(); err != nil {
		var none T
		return none, err
	}
	return decodeBy[T](decoder, limit, b)
}

// Decode is for formats of other packages whose lists are longer than those of a
// message: it reads a T that is the whole of b, at most limit bytes with arrays of
// at most items, in the one encoding of spec/MESSAGE.md §1. The error wraps
// ErrMalformed or ErrLimit.
func Decode[T any](b []byte, limit, items int) (T, error) {
	options := decOptions()
	options.MaxArrayElements = items
	mode, err := options.DecMode()
	if err = errors.Join(err, encoderErr); err != nil {
		var none T
		return none, err
	}
	return decodeBy[T](mode, limit, b)
}

// Encode appends v as Decode reads it. The error wraps ErrMalformed or ErrLimit.
func Encode(dst []byte, limit int, v any) ([]byte, error) { return encode(dst, limit, v) }

func decodeBy[T any](mode cbor.DecMode, limit int, b []byte) (T, error) {
	var v T
	if len(b) > limit {
		return v, fmt.Errorf("%d bytes: %w: at most %d", len(b), ErrLimit, limit)
	}
	if err := mode.Unmarshal(b, &v); err != nil {
		return v, fmt.Errorf("%w: %v", sentinelOf(err), err)
	}
	again, err := encode(make([]byte, 0, len(b)), limit, &v)
	if err != nil {
		return v, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	if !bytes.Equal(again, b) {
		return v, fmt.Errorf("%w: not in deterministic encoding", ErrMalformed)
	}
	return v, nil
}

// sentinelOf tells what exceeds a limit of every value from what is no value.
func sentinelOf(err error) error {
	var items *cbor.MaxArrayElementsError
	var pairs *cbor.MaxMapPairsError
	var levels *cbor.MaxNestedLevelError
	if errors.As(err, &items) || errors.As(err, &pairs) || errors.As(err, &levels) {
		return ErrLimit
	}
	return ErrMalformed
}

// encode writes v after dst, at most limit bytes. A pointer is written as what
// it points at, and faster: its arrays can be copied whole.
func encode(dst []byte, limit int, v any) ([]byte, error) {
	if err := ready(); err != nil {
		return nil, err
	}
	buf := bytes.NewBuffer(dst)
	if err := encoder.MarshalToBuffer(v, buf); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	if n := buf.Len() - len(dst); n > limit {
		return nil, fmt.Errorf("%d bytes: %w: at most %d", n, ErrLimit, limit)
	}
	return buf.Bytes(), nil
}

func ready() error { return errors.Join(encoderErr, decoderErr) }

// The major types of RFC 8949 §3 that the structures written by hand need.
const (
	majorUint  = 0x00
	majorBytes = 0x40
	majorText  = 0x60
	majorArray = 0x80
	majorMap   = 0xa0
)

// appendHead writes the head of an item: its major type, and a number or a
// length below 2³² in the shortest form (RFC 8949 §4.2.1).
func appendHead(b []byte, major byte, n int) []byte {
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n < 1<<8:
		return append(b, major|24, byte(n))
	case n < 1<<16:
		return append(b, major|25, byte(n>>8), byte(n))
	default:
		return append(b, major|26, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
}

func appendBytes(b, s []byte) []byte { return append(appendHead(b, majorBytes, len(s)), s...) }

func appendText(b []byte, s string) []byte { return append(appendHead(b, majorText, len(s)), s...) }
