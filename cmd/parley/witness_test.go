package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/mod/sumdb/note"
)

// litewitness is a witness of another hand (filippo.io/torchwood), which knows nothing
// of Parley: tools/witness pins it, and no program of ours holds anything of it.
type litewitness struct {
	build func() (dir string, err error)
}

// newLitewitness returns one that is built when it is asked for first.
func newLitewitness(t *testing.T) litewitness {
	dir := t.TempDir()
	return litewitness{sync.OnceValues(func() (string, error) {
		const module = "../../tools/witness"
		if out, err := exec.Command("go", "mod", "download", "-C", module).CombinedOutput(); err != nil {
			t.Logf("SKIPPED: the real witness, whose modules cannot be fetched: %v\n%s", err, out)
			return "", errNoWitness
		}
		const commands = "filippo.io/torchwood/cmd/"
		if out, err := exec.Command("go", "build", "-C", module, "-o", dir+"/", commands+"litewitness", commands+"witnessctl").CombinedOutput(); err != nil {
			return "", fmt.Errorf("build litewitness: %w\n%s", err, out)
		}
		return dir, nil
	})}
}

var errNoWitness = errors.New("litewitness cannot be fetched here")

// condition is whether scripts can have the witness: [litewitness].
func (w litewitness) condition(name string) (bool, error) {
	if name != "litewitness" {
		return false, fmt.Errorf("unknown condition %q", name)
	}
	_, err := w.build()
	if errors.Is(err, errNoWitness) {
		return false, nil
	}
	return true, err
}

// run starts the witness and names it in the parley.toml of each HOME: witness HOME …
func (w litewitness) run(ts *testscript.TestScript, _ bool, homes []string) {
	dir, err := w.build()
	ts.Check(err)
	public, private, err := ed25519.GenerateKey(rand.Reader)
	ts.Check(err)
	const name = "witness.example/w1"
	vkey, err := note.NewEd25519VerifierKey(name, public)
	ts.Check(err)
	vkey, err = cosignature.VKeyToCosignatureV1(vkey)
	ts.Check(err)
	socket := ts.MkAbs("agent.sock")
	ts.Check(serveAgent(ts, socket, private))
	listen, err := address()
	ts.Check(err)
	id := sha256.Sum256(public)
	cmd := exec.Command(filepath.Join(dir, "litewitness"), "-db", ts.MkAbs("witness.db"), "-name", name, "-ssh-agent", socket, "-key", hex.EncodeToString(id[:]), "-listen", listen)
	var said strings.Builder
	cmd.Stderr = &said
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		ts.Logf("litewitness said:\n%s", said.String())
	})
	ts.Check(answersAt(listen))
	for _, h := range homes {
		f, err := os.OpenFile(filepath.Join(ts.MkAbs(h), "parley.toml"), os.O_APPEND|os.O_WRONLY, 0)
		ts.Check(err)
		_, err = fmt.Fprintf(f, "\n[[witness]]\nkey = %q\nurl = \"http://%s\"\nevery = \"1s\"\n", vkey, listen)
		ts.Check(errors.Join(err, f.Close()))
	}
	ts.Setenv("WITNESS", vkey)
}

// know tells the witness the verifier key of a log, as its operator does: know KEY.
func (w litewitness) know(ts *testscript.TestScript, _ bool, args []string) {
	dir, err := w.build()
	ts.Check(err)
	ctl, db, origin := filepath.Join(dir, "witnessctl"), ts.MkAbs("witness.db"), strings.Split(args[0], "+")[0]
	ts.Check(ts.Exec(ctl, "add-log", "-db", db, "-origin", origin))
	ts.Check(ts.Exec(ctl, "add-key", "-db", db, "-origin", origin, "-key", args[0]))
}

// serveAgent holds a key in an ssh-agent, from which litewitness has it sign.
func serveAgent(ts *testscript.TestScript, socket string, key ed25519.PrivateKey) error {
	ring := agent.NewKeyring()
	if err := ring.Add(agent.AddedKey{PrivateKey: key}); err != nil {
		return err
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	ts.Defer(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_ = agent.ServeAgent(ring, c) // until the witness hangs up
				_ = c.Close()
			}()
		}
	}()
	return nil
}

// answersAt returns when something listens at an address.
func answersAt(address string) error {
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	again := time.NewTicker(retryEvery)
	defer again.Stop()
	for {
		c, err := net.Dial("tcp", address)
		if err == nil {
			return c.Close()
		}
		select {
		case <-again.C:
		case <-limit.C:
			return fmt.Errorf("nothing listens at %s after a minute: %w", address, err)
		}
	}
}
