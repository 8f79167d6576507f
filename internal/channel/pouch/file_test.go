package pouch

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"parley/internal/courier"
)

// What parses is what its frames are written as.
func FuzzFile(f *testing.F) {
	f.Add([]byte(magic))
	f.Add(appendFile(nil, [][]byte{{1}}))
	f.Add(appendFile(nil, [][]byte{{1}, {2, 3}, make([]byte, 600)}))
	for _, body := range []string{"", "\x00\x00\x00\x00", "\x00\x00\x00\x02x", "\x00\x00", "\xff\xff\xff\xff\x00"} {
		f.Add(wrap(body))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, file := range [][]byte{file, wrap(string(file))} {
			frames, err := parseFile(file)
			if err != nil {
				continue
			}
			for _, frame := range frames {
				if err := courier.CheckFrame(frame); err != nil {
					t.Fatal(err)
				}
			}
			if again := appendFile(nil, frames); !bytes.Equal(again, file) {
				t.Fatalf("%x parses as what is written as %x", file, again)
			}
		}
	})
}

// wrap makes a file of a body, right or wrong, so that a fuzzer gets past the checksum.
func wrap(body string) []byte {
	file := binary.BigEndian.AppendUint32([]byte(magic), uint32(len(body)))
	file = append(file, body...)
	sum := sha256.Sum256(file)
	return append(file, sum[:]...)
}

func TestParseFileRefuses(t *testing.T) {
	good := appendFile(nil, [][]byte{[]byte("one"), []byte("two")})
	if _, err := parseFile(good); err != nil {
		t.Fatal(err)
	}
	for i := range good {
		if _, err := parseFile(good[:i]); err == nil {
			t.Errorf("cut short after %d bytes: accepted", i)
		}
		bad := bytes.Clone(good)
		bad[i] ^= 1
		if _, err := parseFile(bad); err == nil {
			t.Errorf("altered at %d: accepted", i)
		}
	}
	for name, file := range map[string][]byte{
		"longer than it says": append(bytes.Clone(good), 0),
		"no frame":            wrap(""),
		"empty frame":         wrap("\x00\x00\x00\x00"),
		"oversize frame":      wrap("\x00\x01\x00\x01" + string(make([]byte, courier.MaxFrame+1))),
		"half a length":       wrap("\x00\x00\x00\x01x\x00"),
		"half a frame":        wrap("\x00\x00\x00\x02x"),
		"too large":           wrap(string(make([]byte, maxBody+1))),
	} {
		if _, err := parseFile(file); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestFits(t *testing.T) {
	large := make([]byte, courier.MaxFrame)
	frames := make([][]byte, 40)
	for i := range frames {
		frames[i] = large
	}
	n := fits(frames)
	if n < 1 || n == len(frames) {
		t.Fatalf("%d large frames fit", n)
	}
	if file := appendFile(nil, frames[:n]); len(file) > maxFile {
		t.Errorf("a file of %d bytes", len(file))
	}
	if _, err := parseFile(appendFile(nil, frames[:n])); err != nil {
		t.Error(err)
	}
}

func FuzzName(f *testing.F) {
	f.Add("0123.pouch")
	f.Add("COPY OF A.POUCH")
	f.Add(".parley-x.tmp")
	f.Add("../x.pouch")
	f.Fuzz(func(t *testing.T, name string) {
		if !named(name) {
			return
		}
		if len(name) < len(suffix) || name[0] == '.' {
			t.Errorf("%q is taken for a pouch file", name)
		}
	})
}
