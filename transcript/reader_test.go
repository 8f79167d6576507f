package transcript_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"parley/internal/rostertest"
	"parley/transcript"
)

// TestReader: what the pieces hold is what the whole file holds.
func TestReader(t *testing.T) {
	f := aFile(t, rostertest.New(t))
	for i := range 5000 {
		f.Logs[1].Entries = append(f.Logs[1].Entries, bytes.Repeat([]byte{byte(i)}, 1+i%300))
		f.Logs[1].Receipts = append(f.Logs[1].Receipts, transcript.Statement{Number: uint64(i + 1), Bytes: []byte{1, byte(i)}})
	}
	f.Logs[1].Entries[70] = make([]byte, 45_000)
	text, err := transcript.AppendFile(nil, f)
	if err != nil {
		t.Fatal(err)
	}
	r, err := transcript.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	l := &r.Logs[1]
	if l.Size != 5000 || r.Exporter != "south" || string(r.Logs[0].Checkpoint) != string(f.Logs[0].Checkpoint) {
		t.Fatalf("%+v", r)
	}
	var at, pieces int
	var room []byte
	for c := l.Entries(); ; pieces++ {
		b, err := c.Next(room)
		if err != nil {
			t.Fatal(err)
		}
		if b.Count == 0 {
			break
		}
		room = b.Room()
		entries, err := b.Statements()
		if err != nil || len(entries) != b.Count {
			t.Fatalf("%d of %d, %v", len(entries), b.Count, err)
		}
		for _, e := range entries {
			if e.Number != uint64(at+1) || !bytes.Equal(e.Bytes, f.Logs[1].Entries[at]) {
				t.Fatalf("entry %d is not what was written", e.Number)
			}
			at++
		}
	}
	if at != 5000 || pieces < 5 {
		t.Errorf("%d entries in %d pieces", at, pieces)
	}
}

// failing is a source that cannot be read from some place on.
type failing struct {
	*bytes.Reader
	from int64
	err  error
}

func (f failing) ReadAt(b []byte, at int64) (int, error) {
	if at+int64(len(b)) > f.from {
		return 0, f.err
	}
	return f.Reader.ReadAt(b, at)
}

// TestReaderOfABadSource: that a disk fails says nothing about what stands on it.
func TestReaderOfABadSource(t *testing.T) {
	f := aFile(t, rostertest.New(t))
	for range 5000 {
		f.Logs[0].Entries = append(f.Logs[0].Entries, make([]byte, 100))
	}
	text, err := transcript.AppendFile(nil, f)
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("bad sector")
	source := failing{bytes.NewReader(text), 300_000, broken}
	for name, source := range map[string]io.ReaderAt{"the end": source, "the middle": endReadable{source}} {
		_, err := transcript.NewReader(source, int64(len(text)))
		if !errors.Is(err, broken) || errors.Is(err, transcript.ErrMalformed) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	// A file that becomes shorter while it is read.
	_, err = transcript.NewReader(bytes.NewReader(text[:1000]), int64(len(text)))
	if !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, transcript.ErrMalformed) {
		t.Errorf("shorter: got %v", err)
	}
}

// endReadable is a failing source whose last bytes can be read.
type endReadable struct{ failing }

func (e endReadable) ReadAt(b []byte, at int64) (int, error) {
	if at+int64(len(b)) == e.Size() {
		return e.Reader.ReadAt(b, at)
	}
	return e.failing.ReadAt(b, at)
}

// TestReaderRefusesEarly: what is no transcript of this length, or was cut off, is
// refused without reading it.
func TestReaderRefusesEarly(t *testing.T) {
	read := 0
	for name, size := range map[string]int64{"ten GB without an END": 10 << 30, "longer than any file": 1<<40 + 1} {
		_, err := transcript.NewReader(counted{&read}, size)
		if !errors.Is(err, transcript.ErrMalformed) || read > 200 {
			t.Errorf("%s: %v after %d bytes", name, err, read)
		}
	}
	_, err := transcript.NewReader(strings.NewReader(""), 0)
	if !errors.Is(err, transcript.ErrMalformed) {
		t.Errorf("empty: %v", err)
	}
}

// counted is a source of ends of lines that counts what is read of it.
type counted struct{ read *int }

func (c counted) ReadAt(b []byte, _ int64) (int, error) {
	for i := range b {
		b[i] = '\n'
	}
	*c.read += len(b)
	return len(b), nil
}
