package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// station is north, run as a program.
type station struct {
	t       *testing.T
	dir     string
	program string
	address string
	ended   chan struct{} // closed when serve has ended
}

// found builds the program and founds north, with two officers.
func found(t *testing.T) *station {
	t.Helper()
	n := &station{t: t, dir: t.TempDir()}
	n.program = filepath.Join(n.dir, "parley")
	build := exec.Command("go", "build", "-o", n.program, "../../../cmd/parley")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	for _, who := range []string{"root", "alice", "bob"} {
		if err := os.WriteFile(filepath.Join(n.dir, who+".pass"), []byte("five quiet words of "+who+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	n.run("", "init", "--party", "north", "--root-passphrase-file", "root.pass")
	for _, who := range []string{"alice", "bob"} {
		n.run("", "officer", "add", who, "--desk", "duty", "--passphrase-file", who+".pass")
	}
	return n
}

// run runs one command of north's and returns what it printed.
func (n *station) run(stdin string, args ...string) string {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := n.command(ctx, args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		n.t.Fatalf("parley %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (n *station) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, n.program, append(args, "--home", filepath.Join(n.dir, "n"))...)
	cmd.Dir = n.dir
	return cmd
}

// invite holds the ceremony: north invites, the stranger accepts, and the words
// that it reads out are typed at north (ROSTER §5, §8).
func (n *station) invite() *stranger {
	n.t.Helper()
	n.address = freeAddress(n.t)
	n.run("", "line", "invite", "south", "--channel", "cable=tcp,north,"+n.address, "--out", "for-south.txt", "--root-passphrase-file", "root.pass")
	invited, err := os.ReadFile(filepath.Join(n.dir, "for-south.txt"))
	if err != nil {
		n.t.Fatal(err)
	}
	s := &stranger{t: n.t, in: make(map[string]epoch), events: make(chan string, 1024)}
	if err := s.read(string(invited)); err != nil {
		n.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(n.dir, "for-north.txt"), accept(south.card(), invited), 0o600); err != nil {
		n.t.Fatal(err)
	}
	list, err := os.ReadFile("../../../roster/english.txt")
	if err != nil {
		n.t.Fatal(err)
	}
	read := strings.Join(words(s.line, strings.Fields(string(list))), " ")
	n.run("", "line", "confirm", "south", "--file", "for-north.txt", "--words", read)
	return s
}

// freeAddress is an address of this machine that nobody listens on. Where all
// of 127.0.0.0/8 is the machine's own, it is one that nobody else will take
// before north does.
func freeAddress(t *testing.T) string {
	t.Helper()
	host := "127.0.0.1"
	if runtime.GOOS == "linux" {
		r := random(3)
		host = fmt.Sprintf("127.%d.%d.%d", 1+r[0]%250, r[1], 1+r[2]%250)
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return address
}

// serve runs the station until the test ends.
func (n *station) serve() {
	n.t.Helper()
	cmd := n.command(context.Background(), "serve")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	var ended error
	n.ended = make(chan struct{})
	go func() {
		ended = cmd.Wait()
		close(n.ended)
	}()
	n.t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended, which Wait tells
		select {
		case <-n.ended:
		case <-time.After(limit):
			_ = cmd.Process.Kill()
			<-n.ended
			n.t.Errorf("north did not stop within %v of being asked", limit)
		}
		if ended != nil || n.t.Failed() {
			n.t.Logf("north ended: %v\n%s", ended, out.String())
		}
	})
}

// audit has north export the line, and a third person check it with the roster
// that the stranger made.
func (n *station) audit(s *stranger) {
	n.t.Helper()
	n.run("", "export", "--out", "transcript.txt")
	if err := os.WriteFile(filepath.Join(n.dir, "roster.txt"), s.roster, 0o600); err != nil {
		n.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	verify := exec.CommandContext(ctx, "go", "run", "../../../cmd/parley-verify",
		"-roster", filepath.Join(n.dir, "roster.txt"), filepath.Join(n.dir, "transcript.txt"))
	if out, err := verify.CombinedOutput(); err != nil {
		n.t.Errorf("parley-verify: %v\n%s", err, out)
	}
}
