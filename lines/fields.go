package lines

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"

	"parley"
)

// A field has one writing: bytes are base64 (RFC 4648 §4, padded, unused bits zero) or
// lower-case hexadecimal, numbers decimal without leading zeros.

// Base64 takes the next line and returns the size bytes it holds.
func (d *Reader) Base64(keyword string, size int) []byte {
	return d.Decode(keyword, d.Word(keyword), size)
}

// AnySize is the size of bytes of which any number may stand in a field.
const AnySize = -1

// Decode returns the size bytes that a field of the line taken last holds in base64.
func (d *Reader) Decode(keyword, s string, size int) []byte {
	if d.err != nil {
		return nil
	}
	// The decoder passes over CR and LF.
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	switch {
	case err == nil && !strings.ContainsAny(s, "\r\n") && (len(b) == size || size == AnySize):
		return b
	case size == AnySize:
		d.Fail(keyword, "%q is not base64", Clip(s))
	default:
		d.Fail(keyword, "%q is not %d bytes in base64", Clip(s), size)
	}
	return nil
}

// Hex takes the next line and returns the size bytes it holds.
func (d *Reader) Hex(keyword string, size int) []byte { return d.Unhex(keyword, d.Word(keyword), size) }

// Unhex returns the size bytes that a field of the line taken last holds in
// hexadecimal.
func (d *Reader) Unhex(keyword, s string, size int) []byte {
	if d.err == nil {
		b, err := hex.DecodeString(s)
		if err == nil && len(b) == size && s == strings.ToLower(s) {
			return b
		}
		d.Fail(keyword, "%q is not %d bytes in lower-case hexadecimal", Clip(s), size)
	}
	return make([]byte, size)
}

// Number returns the number in a field of the line taken last.
func (d *Reader) Number(keyword, s string, least, most uint64) uint64 {
	if d.err != nil {
		return 0
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n < least || n > most || strconv.FormatUint(n, 10) != s {
		d.Fail(keyword, "%q is not a number from %d to %d without leading zeros", Clip(s), least, most)
		return 0
	}
	return n
}

// Party takes the next line and returns the party it names.
func (d *Reader) Party(keyword string) parley.Party { return d.PartyOf(keyword, d.Word(keyword)) }

// PartyOf returns the party that a field of the line taken last names.
func (d *Reader) PartyOf(keyword, s string) parley.Party {
	if d.err != nil {
		return ""
	}
	p, err := parley.ParseParty(s)
	if err != nil {
		d.Fail(keyword, "%w", err)
		return ""
	}
	return p
}
