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
