package journal

import (
	"fmt"
	"testing"

	"parley"
)

// large is what the plans of the readings are judged by.
const large = 100_000

func fillLarge(b *testing.B, dir string) {
	b.Helper()
	j := open(b, dir, Options{})
	commit(b, j, createLogs)
	for from := uint64(1); from < large; from += 5000 {
		commit(b, j, func(tx *Tx) error { return appendMany(tx, northLog, from, from+4999) })
	}
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkOpen opens, reads one log and closes a journal of 100,000 entries;
// BenchmarkRead reads from one, of which nothing is receipted.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	fillLarge(b, dir)
	for b.Loop() {
		j := open(b, dir, Options{})
		if _, err := j.Log(northLog); err != nil {
			b.Fatal(err)
		}
		if err := j.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	dir := b.TempDir()
	fillLarge(b, dir)
	j := open(b, dir, Options{})
	mine := true
	for name, read := range map[string]func() (int, error){
		"Pending": func() (int, error) {
			p, err := j.Pending(northLog, parley.Flash, 50_000, 10, 64)
			return len(p), err
		},
		"List": func() (int, error) {
			l, err := j.List(Filter{Line: testLine, Mine: &mine, Newest: true, Limit: 64})
			return len(l), err
		},
		"ListOne": func() (int, error) {
			l, err := j.List(Filter{Line: testLine, Precedence: parley.Flash, Newest: true, Limit: 64})
			return len(l), err
		},
		"ListNone": func() (int, error) {
			l, err := j.List(Filter{Line: testLine, Status: parley.Exercise, Newest: true, Limit: 64})
			return len(l) + 64, err
		},
		"ListRefused": func() (int, error) {
			l, err := j.List(Filter{Line: testLine, State: Refused, Newest: true, Limit: 64})
			return len(l) + 64, err
		},
		"Counts": func() (int, error) {
			_, err := j.Counts(testLine)
			return 64, err
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if n, err := read(); err != nil || n != 64 {
					b.Fatal(fmt.Errorf("%d rows, %w", n, err))
				}
			}
		})
	}
}
