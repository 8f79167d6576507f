package audit_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"parley/audit"
	"parley/internal/rostertest"
	"parley/transcript"
)

// TestEveryByte alters bytes of a file all over it, one at a time, and makes an
// END that fits, as whoever alters it on purpose would. The step is odd, so that
// every place within a group of base64 has its turn.
func TestEveryByte(t *testing.T) {
	r := conversation(t, rostertest.Seed("every byte"))
	text, err := transcript.AppendFile(nil, r.File("south"))
	if err != nil {
		t.Fatal(err)
	}
	body := text[:bytes.LastIndex(text, []byte("END "))]
	step := 5
	if testing.Short() {
		step = 37
	}
	for at := 0; at < len(body); at += step {
		altered := bytes.Clone(body)
		altered[at] ^= 1 << (at % 8)
		f, err := transcript.ParseFile(withEnd(string(altered)))
		if err != nil {
			continue
		}
		if audit.Audit(f, r.Line.Roster).Wrong == nil {
			t.Errorf("byte %d altered, all proved:\n%s", at, altered)
		}
	}
}

func withEnd(body string) []byte {
	return fmt.Appendf(nil, "%sEND %d %x\n", body, strings.Count(body, "\n"), sha256.Sum256([]byte(body)))
}

// FuzzAudit looks for a file that proves something and is not the one that was
// made, or a shorter claim of it.
func FuzzAudit(f *testing.F) {
	r := conversation(f, rostertest.Seed("audit"))
	file := r.File("south")
	text, err := transcript.AppendFile(nil, file)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text[:bytes.LastIndex(text, []byte("END "))]))
	f.Fuzz(func(t *testing.T, body string) {
		got, err := transcript.ParseFile(withEnd(body))
		if err != nil {
			return
		}
		report := audit.Audit(got, r.Line.Roster)
		if report.Wrong != nil {
			return
		}
		for i := range got.Logs {
			for j, e := range got.Logs[i].Entries {
				if !bytes.Equal(e, file.Logs[i].Entries[j]) {
					t.Errorf("entry %d of %s is %x, and all is proved", j+1, got.Logs[i].Party, e)
				}
			}
		}
	})
}
