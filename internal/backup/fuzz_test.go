package backup

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"testing"
	"time"
)

// seed returns a manifest of two small files, and their contents.
func seed() (Manifest, map[string][]byte) {
	files := map[string][]byte{journalFile: bytes.Repeat([]byte("journal"), 100), configFile: []byte("party = 'north'\n")}
	m := Manifest{
		Made: time.Date(2026, 11, 28, 21, 0, 0, 0, time.UTC), Party: "north", Root: make([]byte, 32), Program: "v1", Starts: 3,
		Logs: []Log{{Line: testLine, ID: testLogs[0], Party: "north", Size: 17}, {Line: testLine, ID: testLogs[1], Party: "south"}},
	}
	for _, name := range []string{journalFile, configFile} {
		m.Files = append(m.Files, File{Name: name, Size: int64(len(files[name])), Hash: sha256.Sum256(files[name])})
	}
	return m, files
}

func FuzzManifest(f *testing.F) {
	m, _ := seed()
	f.Add(m.text())
	m.Files[0].Name = "../journal.db"
	f.Add(m.text())
	f.Add([]byte("parley-backup v2\nEND 1\n"))
	f.Add([]byte(title + "\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseManifest(b)
		if err != nil {
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNewer) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		if !bytes.Equal(m.text(), b) {
			t.Fatalf("it parses and is written otherwise:\n%q\n%q", b, m.text())
		}
		for _, f := range m.Files {
			if !belongs(f.Name) {
				t.Fatalf("it lists %q", f.Name)
			}
		}
	})
}

// archive returns the archive that is written of a manifest and its files.
func archive(t testing.TB, m Manifest, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	check(t, writeArchive(&b, m, func(name string) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(files[name])), nil
	}, func(int64) {}))
	return b.Bytes()
}

// FuzzArchive: what is taken is what would be written of it.
func FuzzArchive(f *testing.F) {
	m, files := seed()
	whole := archive(f, m, files)
	f.Add(whole)
	f.Add(whole[:len(whole)-block])
	f.Add(whole[:block])
	f.Fuzz(func(t *testing.T, b []byte) {
		r := &Reader{plain: bytes.NewReader(b)}
		var err error
		if r.Manifest, err = r.manifest(); err != nil {
			return
		}
		files := map[string][]byte{}
		for {
			f, err := r.Next()
			if err == io.EOF {
				break
			}
			if err == nil {
				files[f.Name], err = io.ReadAll(r)
			}
			if err != nil {
				if !errors.Is(err, ErrDamaged) {
					t.Fatalf("an error of no kind: %v", err)
				}
				return
			}
		}
		if !bytes.Equal(archive(t, r.Manifest, files), b) {
			t.Fatal("it is taken, and is written otherwise")
		}
	})
}
