package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestEvidence runs the commands of docs/evidence.md on files that two stations
// made, and finds each line that the document says is printed. The sentences that
// it explains besides are held to the verifier by that program's own test.
func TestEvidence(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs two stations")
	}
	b, err := os.ReadFile("../../docs/evidence.md")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "evidence.txt")
	if err := os.WriteFile(file, []byte(evidenceMade+evidenceChecked(t, string(b))), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files:               []string{file},
		Deadline:            time.Now().Add(scriptLimit),
		RequireExplicitExec: true,
		Setup:               setup(t),
		Cmds:                commands(t.TempDir(), newLitewitness(t)),
	})
}

// evidenceMade is a script that makes the files which the document names. South
// receives one message, and keeps the proof that north signed two histories.
const evidenceMade = `line
exec parley serve --home n &north&
exec parley serve --home s &south&
exec parley status --home n --wait 60s
exec parley status --home s --wait 60s
exec sh -c 'echo "Our tanker Alva has lost power. It is no threat." >text.txt'
stdin text.txt
exec parley send --home n --to south/duty --officer alice --passphrase-file alice.pass --wait 60s
stdout 'south proved to hold it'
exec parley ack north/1 accepted --home s --officer carol --passphrase-file carol.pass --wait 60s
eventually 'south receipted entry 1 \(' sh -c 'rm -f transcript.txt; parley export --home n --out transcript.txt && parley-verify --roster n/lines/south/roster.txt transcript.txt'
exec parley export --home n --message north/1 --out message.txt
exec parley export --home n --message north/1 --format html --out message.html
exec cp s/lines/north/roster.txt roster.txt
kill -INT north
wait north
kill -INT south
wait south
forge n s
exec parley serve --home s &again&
exec parley status --home s --wait 60s
exec parley fork --home s --out fork.txt
kill -INT again
wait again
`

// evidenceChecked returns a script of the document's commands, each group followed
// by a search for each line of the text that stands behind it. The texts differ in times.
func evidenceChecked(t *testing.T, document string) string {
	var out strings.Builder
	moment := regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}`)
	fences := regexp.MustCompile("(?ms)^```(sh|text)\n(.*?)^```$").FindAllStringSubmatch(document, -1)
	if len(fences) != 6 {
		t.Fatalf("docs/evidence.md has %d commands and texts, want 6; has their form changed?", len(fences))
	}
	for i := 0; i < len(fences); i += 2 {
		if fences[i][1] != "sh" || fences[i+1][1] != "text" {
			t.Fatalf("docs/evidence.md has no text behind the command %q", fences[i][2])
		}
		for command := range strings.Lines(fences[i][2]) {
			fmt.Fprintf(&out, "exec %s\n", strings.TrimSpace(command))
			for line := range strings.Lines(fences[i+1][2]) {
				parts := moment.Split(strings.TrimSuffix(line, "\n"), -1)
				for j := range parts {
					parts[j] = strings.ReplaceAll(regexp.QuoteMeta(parts[j]), "'", "''")
				}
				fmt.Fprintf(&out, "stdout '^%s$'\n", strings.Join(parts, moment.String()))
			}
		}
	}
	return out.String()
}
