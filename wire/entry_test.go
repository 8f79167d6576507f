package wire

import (
	"testing"
)

// laterEntry is an entry of version 2, with a key that this version does not know.
func laterEntry(t testing.TB) []byte {
	t.Helper()
	type later struct {
		Header
		Signed []byte         `cbor:"7,keyasint"`
		More   map[string]any `cbor:"8,keyasint"`
	}
	e := sampleEntry(t, sampleSigned(t, sampleContent(), 1))
	e.Version = 2
	return must(encode(nil, MaxEntry, later{Header: e.Header, Signed: []byte("sealed otherwise"), More: map[string]any{"list": []any{uint64(1), "two", nil, true, -3}}}))(t)
}
