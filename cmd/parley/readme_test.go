package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestReadme runs the commands of README.md in their order, as two parties
// would: a fence "sh north" is run at north. What people do at a terminal is
// done for them: passphrases come from files, the words compared are typed,
// and the addresses of the example are replaced by ones of this machine.
func TestReadme(t *testing.T) {
	if testing.Short() {
		t.Skip("it holds a key ceremony and runs two stations")
	}
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "readme.txt")
	if err := os.WriteFile(file, []byte(readmeScript(t, string(b))), 0o600); err != nil {
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

// readmeScript makes a script of the commands in a document.
func readmeScript(t *testing.T, text string) string {
	var out strings.Builder
	out.WriteString("address CABLE\naddress SAT\n")
	n := 0
	for _, c := range commandsIn(text) {
		n++
		fmt.Fprintf(&out, "# %s: %s\n", c.party, c.line)
		fmt.Fprintf(&out, "env PARLEY_HOME=$WORK/%s\nenv PARLEY_ROOT_PASSPHRASE_FILE=$WORK/%s-root.pass\n"+
			"env PARLEY_BACKUP_PASSPHRASE_FILE=$WORK/vault.pass\n", c.party, c.party)
		if m := regexp.MustCompile(`(?:--officer|officer add) ([a-z]+)`).FindStringSubmatch(c.line); m != nil {
			fmt.Fprintf(&out, "env PARLEY_PASSPHRASE_FILE=$WORK/%s.pass\n", m[1])
		}
		line := c.line
		switch {
		case line == "parley serve":
			fmt.Fprintf(&out, "exec sh -c '%s'\n", overrides(c.party))
			fmt.Fprintf(&out, "exec parley serve &%s&\nexec parley status --wait 60s\n", c.party)
			continue
		case line == "parley check":
			line += " --wait 1m" // for machines that are busy
		case strings.HasPrefix(line, "parley line confirm"):
			out.WriteString("words WORDS south\n")
			line = `echo "$WORDS" | ` + line
		}
		fmt.Fprintf(&out, "exec sh -c '%s'\n", strings.ReplaceAll(line, "'", "''"))
	}
	if n < 20 {
		t.Fatalf("README.md has %d commands of a party; has their form changed?", n)
	}
	out.WriteString("stdout 'south receipted|north receipted'\nstdout 'Our tanker Alva'\nkill -INT north\nwait north\nkill -INT south\nwait south\n")
	return out.String()
}

// overrides returns the command that gives a party this machine's addresses.
func overrides(party string) string {
	peer, cable, sat := "south", "listen", "dial"
	if party == "south" {
		peer, cable, sat = "north", "dial", "listen"
	}
	return fmt.Sprintf(`printf "[line.%s.channel.cable]\n%s = \"%%s\"\n[line.%s.channel.sat]\n%s = \"%%s\"\n" $CABLE $SAT >> $PARLEY_HOME/parley.toml`,
		peer, cable, peer, sat)
}

// command is one line of a document, and at which party it is run.
type command struct{ party, line string }

// commandsIn returns the lines of the fences "sh PARTY".
func commandsIn(text string) (all []command) {
	party := ""
	for s := bufio.NewScanner(strings.NewReader(text)); s.Scan(); {
		switch line := s.Text(); {
		case strings.HasPrefix(line, "```sh "):
			party = strings.TrimPrefix(line, "```sh ")
		case line == "```":
			party = ""
		case party != "":
			all = append(all, command{party, line})
		}
	}
	return all
}
