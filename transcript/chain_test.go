package transcript_test

import (
	"errors"
	"testing"

	"parley"
	"parley/transcript"
	"parley/wire"
)

func entry(t *testing.T, h wire.Header) []byte {
	t.Helper()
	b, err := wire.AppendEntry(nil, wire.Entry{Header: h, Signed: []byte{1}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestChain(t *testing.T) {
	log := parley.LogID{1}
	c := transcript.NewChain(log)
	var l leaves
	for n := uint64(1); n <= 5; n++ {
		before := c.Root()
		for name, tt := range map[string]struct {
			header wire.Header
			want   error
		}{
			"another log":      {wire.Header{Version: 1, Log: parley.LogID{2}, Number: n, Previous: c.Last()}, transcript.ErrLog},
			"the next number":  {wire.Header{Version: 1, Log: log, Number: n + 1, Previous: parley.Hash{9}}, transcript.ErrNumber},
			"another previous": {wire.Header{Version: 1, Log: log, Number: n, Previous: parley.Hash{9}}, transcript.ErrChain},
		} {
			if n == 1 && tt.want == transcript.ErrChain {
				continue // a first entry that follows another is malformed
			}
			if _, err := c.Append(entry(t, tt.header)); !errors.Is(err, tt.want) {
				t.Errorf("entry %d, %s: got %v, want %v", n, name, err, tt.want)
			}
		}
		if _, err := c.Append([]byte{0xa0}); !errors.Is(err, wire.ErrMalformed) {
			t.Errorf("entry %d without a header: got %v, want ErrMalformed", n, err)
		}
		if c.Root() != before || c.Size() != n-1 {
			t.Fatalf("entry %d: what was refused changed the chain", n)
		}
		e := entry(t, wire.Header{Version: 1, Log: log, Number: n, Previous: c.Last(), Time: parley.Time(n)})
		h, err := c.Append(e)
		if err != nil || h.Number != n || h.Time != parley.Time(n) {
			t.Fatalf("entry %d: %+v, %v", n, h, err)
		}
		l = append(l, transcript.LeafHash(e))
		if root, err := transcript.Root(n, l); err != nil || c.Root() != root || c.Last() != l[n-1] {
			t.Fatalf("entry %d: root %v, want %v, %v", n, c.Root(), root, err)
		}
	}
}
