//go:build unix

package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// At a terminal passphrases are asked for, are not echoed, and a wrong one is
// told from everything else.
func TestTerminal(t *testing.T) {
	if testing.Short() {
		t.Skip("it makes keys")
	}
	home := t.TempDir() + "/n"
	at := func(args ...string) []string { return append(args, "--home", home) }
	out, code := typed(t, at("init", "--party", "north"), "horse battery staple", "horse battery staple")
	if code != exitDone || !strings.Contains(out, "Party north lives in") || strings.Contains(out, "staple") {
		t.Fatalf("init: exit code %d\n%s", code, out)
	}
	out, code = typed(t, at("officer", "add", "alice", "--desk", "duty"), "one two three four", "one two three five")
	if code == exitDone || strings.Contains(out, "four") {
		t.Fatalf("two answers that differ: exit code %d\n%s", code, out)
	}
	out, code = typed(t, at("officer", "add", "alice", "--desk", "duty"), "one two three four", "one two three four")
	if code != exitDone || !strings.Contains(out, "alice may release for north/duty") {
		t.Fatalf("officer add: exit code %d\n%s", code, out)
	}
	invite := at("line", "invite", "south", "--channel", "stick=pouch", "--quorum", "flash=1", "--out", home+"/../for-south.txt")
	out, code = typed(t, invite, "horse battery stable")
	if code != exitPassphrase || !strings.Contains(out, "wrong passphrase") {
		t.Fatalf("the wrong passphrase: exit code %d\n%s", code, out)
	}
	out, code = typed(t, invite, "horse battery staple")
	if code != exitDone || !strings.Contains(out, "for-south.txt. It proposes") {
		t.Fatalf("the right passphrase: exit code %d\n%s", code, out)
	}
}

// typed runs the program at a terminal of its own and types an answer at each
// prompt. It returns what the terminal showed and the exit code.
func typed(t *testing.T, args []string, answers ...string) (shown string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "parley", args...)
	c.Env = append(os.Environ(), "PARLEY_PASSPHRASE_FILE=", "PARLEY_ROOT_PASSPHRASE_FILE=")
	terminal, err := pty.StartWithAttrs(c, nil, &syscall.SysProcAttr{Setsid: true, Setctty: true})
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	var all strings.Builder
	buf := make([]byte, 1024)
	for told := 0; ; {
		n, err := terminal.Read(buf)
		all.Write(buf[:n])
		// A prompt ends in ": " and no line break; the program then waits.
		if len(answers) > 0 && all.Len() > told && strings.HasSuffix(all.String(), ": ") {
			if _, err := io.WriteString(terminal, answers[0]+"\n"); err != nil {
				t.Fatal(err)
			}
			answers, told = answers[1:], all.Len()
		}
		if err != nil { // Linux says EIO when the program has ended.
			break
		}
	}
	err = c.Wait()
	if ctx.Err() != nil {
		t.Fatalf("parley %v did not end; the terminal shows\n%s", args, all.String())
	}
	if err != nil && c.ProcessState.ExitCode() < 0 {
		t.Fatal(err)
	}
	return all.String(), c.ProcessState.ExitCode()
}
