package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"parley"
	"parley/internal/api"
	"parley/internal/home"
	"parley/internal/keyring"
	"parley/roster"
)

// TestMain lets scripts run this program: inside a script, parley is this test
// binary, and its main function is main.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"parley": main})
}

// scriptLimit ends a script that hangs; every wait within one is shorter.
const scriptLimit = 15 * time.Minute

// TestScripts runs the program as people do. Besides testscript's own commands
// there are
//
//	line              puts the folders n and s here: north and south, agreed on a line
//	                  with the channels cable (tcp), sat (tcp) and stick (pouch);
//	                  alice and bob may release for north/duty, carol and dave for south/duty
//	words VAR HOME    sets VAR to the twelve words of the only line of a party
//	address VAR       sets VAR to an address that nothing listens on
//	first VAR REGEXP  sets VAR to the first group that matches in the last standard output
//	carry NAME HOME   carries the pouches of the folders n and s until a message is there
//	forge FROM TO     puts into the journal of TO proof that FROM signed two histories
//	witness HOME …    runs a witness of another hand, names it in each parley.toml, and sets WITNESS to its key
//	know KEY          tells that witness the verifier key of a log
//	eventually REGEXP CMD …  runs a command until its output matches
//	exits CODE CMD …  runs a command that must end with this exit code
func TestScripts(t *testing.T) {
	w := newLitewitness(t)
	testscript.Run(t, testscript.Params{
		Condition:           w.condition,
		Dir:                 "testdata/script",
		Deadline:            time.Now().Add(scriptLimit),
		RequireExplicitExec: true,
		Setup:               setup(t),
		Cmds:                commands(t.TempDir(), w),
	})
}

// setup builds parley-verify, and returns what prepares each script.
func setup(t *testing.T) func(*testscript.Env) error {
	t.Helper()
	verifier := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", verifier+"/", "parley/cmd/parley-verify").CombinedOutput(); err != nil {
		t.Fatalf("build parley-verify: %v\n%s", err, out)
	}
	return func(e *testscript.Env) error {
		e.Setenv("TZ", "UTC")
		e.Setenv("PATH", verifier+string(filepath.ListSeparator)+e.Getenv("PATH"))
		return passphrases(e.WorkDir)
	}
}

// commands returns the commands of scripts; dir is for what they share.
func commands(dir string, w litewitness) map[string]func(*testscript.TestScript, bool, []string) {
	agreed := sync.OnceValues(func() (parties, error) {
		p := parties{dir: dir}
		return p, p.agree()
	})
	return map[string]func(*testscript.TestScript, bool, []string){
		"line": func(ts *testscript.TestScript, _ bool, _ []string) {
			p, err := agreed()
			ts.Check(err)
			ts.Check(p.place(ts.MkAbs(".")))
		},
		"words": func(ts *testscript.TestScript, _ bool, args []string) {
			w, err := words(ts.MkAbs(args[1]))
			ts.Check(err)
			ts.Setenv(args[0], w)
		},
		"address": func(ts *testscript.TestScript, _ bool, args []string) {
			a, err := address()
			ts.Check(err)
			ts.Setenv(args[0], a)
		},
		"first": first,
		"carry": carry,
		"exits": exits,
		"forge": forge,

		"witness": w.run,
		"know":    w.know,

		"eventually": eventually,
	}
}

// people are those who have passphrases in scripts, each in the file NAME.pass.
var people = strings.Fields("north-root south-root alice bob carol dave dora vault")

func passphrase(of string) string { return "five quiet words of " + of }

func passphrases(dir string) error {
	for _, p := range people {
		if err := os.WriteFile(filepath.Join(dir, p+".pass"), []byte(passphrase(p)+"\n"), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func words(dir string) (string, error) {
	h, err := home.Open(dir)
	if err != nil {
		return "", err
	}
	lines, err := h.Lines()
	if err != nil || len(lines) != 1 || lines[0].Roster == nil {
		return "", fmt.Errorf("the lines of %s are %v, %v; want one with a roster", dir, lines, err)
	}
	return lines[0].Roster.Words(), nil
}

// address returns a loopback address and port that nothing listens on. Where all
// of 127.0.0.0/8 is the machine's own, it is one that nobody else will take.
func address() (string, error) {
	var last error
	for range 20 {
		host := "127.0.0.1"
		if runtime.GOOS == "linux" {
			host = fmt.Sprintf("127.%d.%d.%d", 1+rand.N(250), 1+rand.N(250), 1+rand.N(250))
		}
		l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			last = err
			continue
		}
		a := l.Addr().String()
		return a, l.Close()
	}
	return "", last
}

// parties are two folders whose line is confirmed, made once for all scripts.
type parties struct{ dir string }

// agree holds the ceremony. The addresses in the charter are overridden by place.
func (p parties) agree() error {
	north, err := founded(p.dir, "north", "alice", "bob")
	if err != nil {
		return err
	}
	south, err := founded(p.dir, "south", "carol", "dave")
	if err != nil {
		return err
	}
	terms := standardTerms()
	terms.CheckEvery = time.Hour
	terms.Channels = []roster.Channel{
		{Name: "cable", Kind: roster.TCP, Listener: "north", Address: "192.0.2.1:7700"},
		{Name: "sat", Kind: roster.TCP, Listener: "south", Address: "192.0.2.2:7700"},
		{Name: "stick", Kind: roster.Pouch},
	}
	invite, err := north.Invite("south", terms, true, rootOf("north"), time.Now())
	if err != nil {
		return err
	}
	accept, r, err := south.Accept(invite, rootOf("south"), time.Now())
	if err != nil {
		return err
	}
	if _, err := north.Receive("south", accept); err != nil {
		return err
	}
	if err := north.Confirm("south", r.Words(), time.Now()); err != nil {
		return err
	}
	return south.Confirm("north", r.Words(), time.Now())
}

func secretOf(who string) keyring.Passphrase {
	p, err := keyring.NewPassphrase([]byte(passphrase(who)))
	if err != nil {
		panic(err)
	}
	return p
}

func rootOf(party string) home.RootKey { return home.RootKey{Passphrase: secretOf(party + "-root")} }

func founded(dir, name string, officers ...string) (*home.Home, error) {
	h, err := home.Init(filepath.Join(dir, name[:1]), home.InitOptions{Party: parley.Party(name), Root: secretOf(name + "-root")})
	if err != nil {
		return nil, err
	}
	for _, o := range officers {
		if _, err := h.AddOfficer(o, []string{"duty"}, secretOf(o)); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// place puts copies of the two folders into dir, with addresses of their own.
func (p parties) place(dir string) error {
	cable, err := address()
	if err != nil {
		return err
	}
	sat, err := address()
	if err != nil {
		return err
	}
	for _, side := range []struct{ folder, peer, cable, sat string }{
		{"n", "south", "listen", "dial"},
		{"s", "north", "dial", "listen"},
	} {
		to := filepath.Join(dir, side.folder)
		if err := os.CopyFS(to, os.DirFS(filepath.Join(p.dir, side.folder))); err != nil {
			return err
		}
		if err := private(to); err != nil {
			return err
		}
		text := fmt.Sprintf("\n[line.%s.channel.cable]\n%s = %q\n[line.%s.channel.sat]\n%s = %q\n",
			side.peer, side.cable, cable, side.peer, side.sat, sat)
		f, err := os.OpenFile(filepath.Join(to, "parley.toml"), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		if _, err := f.WriteString(text); err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}

// private gives a copied folder the modes that it had.
func private(dir string) error {
	return filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.Chmod(path, 0o700)
		}
		return os.Chmod(path, 0o600)
	})
}

// carry carries files between the pouches of n and s until the message of a
// name is at a party.
func carry(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("carry NAME HOME")
	}
	h, err := home.Open(ts.MkAbs(args[1]))
	ts.Check(err)
	lines, err := h.Lines()
	ts.Check(err)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	again := time.NewTicker(retryEvery)
	defer again.Stop()
	client := api.NewClient(h.Socket())
	for {
		ts.Check(moveAll(ts.MkAbs("n/pouch/south/out"), ts.MkAbs("s/pouch/north/in")))
		ts.Check(moveAll(ts.MkAbs("s/pouch/north/out"), ts.MkAbs("n/pouch/south/in")))
		_, err := client.Message(ctx, lines[0].Name, args[0])
		if err == nil {
			return
		}
		if !missing(err) {
			ts.Fatalf("carry: waiting for %s at %s: %v", args[0], args[1], err)
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			ts.Fatalf("carry: %s is not at %s after a minute", args[0], args[1])
		}
	}
}

// moveAll moves the pouch files of one folder into another.
func moveAll(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if err := os.Rename(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// eventually runs a command until it succeeds and its standard output matches.
func eventually(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("eventually REGEXP COMMAND …")
	}
	want := regexpOf(ts, args[0])
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	again := time.NewTicker(retryEvery)
	defer again.Stop()
	for {
		err := ts.Exec(args[1], args[2:]...)
		if err == nil && want.MatchString(ts.ReadFile("stdout")) {
			return
		}
		select {
		case <-again.C:
		case <-limit.C:
			ts.Fatalf("after a minute the output of %v does not match %q: %v", args[1:], args[0], err)
		}
	}
}

// exits runs a command that must end with an exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("exits CODE COMMAND …")
	}
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	code := 0
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%s did not run: %v", args[1], err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

func first(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("first VAR REGEXP")
	}
	m := regexpOf(ts, args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(m) < 2 {
		ts.Fatalf("nothing matches %q", args[1])
	}
	ts.Setenv(args[0], m[1])
}

func regexpOf(ts *testscript.TestScript, s string) *regexp.Regexp {
	r, err := regexp.Compile(s)
	ts.Check(err)
	return r
}
