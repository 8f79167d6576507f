package keyring

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

func TestSecretFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string, mode os.FileMode) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil { // whatever the umask
			t.Fatal(err)
		}
		return path
	}
	for content, want := range map[string]string{
		"correct horse": "correct horse", "correct horse\n": "correct horse", "correct horse\r\n": "correct horse",
		" spaces stay \n": " spaces stay ", "one\ntwo\n": "one\ntwo", "two breaks\n\n": "two breaks\n",
	} {
		p, err := PassphraseFile(write("secret", content, 0o600))
		if err != nil || string(p.bytes()) != want {
			t.Errorf("%q reads as %q, %v", content, p.bytes(), err)
		}
	}
	for name, path := range map[string]string{
		"readable by the group": write("group", "correct horse", 0o640),
		"readable by all":       write("all", "correct horse", 0o604),
	} {
		if _, err := PassphraseFile(path); !errors.Is(err, ErrExposed) {
			t.Errorf("%s: %v, want ErrExposed", name, err)
		}
	}
	if _, err := PassphraseFile(write("empty", "\n", 0o600)); err == nil {
		t.Error("read an empty passphrase")
	}
	if _, err := PassphraseFile(write("large", strings.Repeat("x", maxPassphrase+3), 0o600)); !errors.Is(err, ErrMalformed) {
		t.Error("read a passphrase without limit")
	}
	if _, err := PassphraseFile(filepath.Join(dir, "none")); !errors.Is(err, ErrNotFound) {
		t.Errorf("no file: %v, want ErrNotFound", err)
	}

	t.Setenv("PARLEY_PASSPHRASE_FILE", write("named", "correct horse\n", 0o400))
	if p, err := PassphraseVariable("PARLEY_PASSPHRASE_FILE"); err != nil || string(p.bytes()) != "correct horse" {
		t.Errorf("by a variable: %q, %v", p.bytes(), err)
	}
	if _, err := PassphraseVariable("PARLEY_NO_SUCH_VARIABLE"); !errors.Is(err, ErrNotFound) {
		t.Errorf("no variable: %v, want ErrNotFound", err)
	}

	t.Setenv(CredentialsVariable, "")
	if _, err := Credential("station"); !errors.Is(err, ErrNotFound) {
		t.Errorf("not a service: %v, want ErrNotFound", err)
	}
	t.Setenv(CredentialsVariable, dir)
	write("station", "the machine's secret\n", 0o440)
	if p, err := Credential("station"); err != nil || string(p.bytes()) != "the machine's secret" {
		t.Errorf("a credential: %q, %v", p.bytes(), err)
	}
	write("open", "the machine's secret\n", 0o444)
	if _, err := Credential("open"); !errors.Is(err, ErrExposed) {
		t.Errorf("a credential that all can read: %v, want ErrExposed", err)
	}
	for _, name := range []string{"../secret", "", ".", "..", "a/b"} {
		if _, err := Credential(name); err == nil {
			t.Errorf("read the credential %q", name)
		}
	}
}

// TestNothingPrintsASecret: neither what holds a secret nor what contains such a
// thing shows it, by any verb or encoder.
func TestNothingPrintsASecret(t *testing.T) {
	const secret = "correct horse"
	dir := t.TempDir()
	p := pass(t, secret)
	if _, err := cheap.createStation(dir, SealedBy(p)); err != nil {
		t.Fatal(err)
	}
	st, err := cheap.unlockStation(dir, SealedBy(p))
	if err != nil {
		t.Fatal(err)
	}
	e := reopen(t, st, dir)
	seed := st.signers[0].key().Seed()
	hidden := []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%v", []byte(secret))}
	for _, b := range [][]byte{seed, st.storage()} {
		hidden = append(hidden, string(b), fmt.Sprintf("%x", b), fmt.Sprintf("%X", b), strings.Trim(fmt.Sprint(b), "[]"), b64.EncodeToString(b))
	}
	type wrapped struct {
		inner any
		Shown any
	}
	for _, v := range []any{p, &p, SealedBy(p), st, *st, st.Log(), e, []any{p, st.Hop()}} {
		for _, v := range []any{v, wrapped{v, v}, &wrapped{v, v}} {
			var out strings.Builder
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
				fmt.Fprintf(&out, verb+"\n", v)
			}
			if b, err := json.Marshal(v); err == nil {
				out.Write(b)
			}
			slog.New(slog.NewTextHandler(&out, nil)).Info("text", "v", v)
			slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "v", v)
			for _, h := range hidden {
				if strings.Contains(out.String(), h) {
					t.Errorf("%T shows a secret:\n%s", v, out.String())
				}
			}
		}
	}
}

func TestAskOnATerminal(t *testing.T) {
	for name, c := range map[string]struct {
		typed string
		twice bool
		want  string
		fails string
	}{
		"once":      {typed: "correct horse\r", want: "correct horse"},
		"corrected": {typed: "correct housf\x7f\x7f\x7frse\r", want: "correct horse"},
		"given up":  {typed: "corr\x03", fails: "given up"},
		"twice":     {typed: "correct horse\rcorrect horse\r", twice: true, want: "correct horse"},
		"differing": {typed: "correct horse\rcorrect house\r", twice: true, fails: "differ"},
		"too short": {typed: "short\rshort\r", twice: true, fails: "less than 8"},
		"empty":     {typed: "\r", fails: "empty"},
	} {
		t.Run(name, func(t *testing.T) {
			keyboard, terminal, err := pty.Open()
			if err != nil {
				t.Skipf("no terminal to be had here: %v", err)
			}
			defer keyboard.Close()
			defer terminal.Close()
			ask := ReadPassphrase
			if c.twice {
				ask = ReadNewPassphrase
			}
			p, err := typing(t, keyboard, terminal, c.typed, func() (Passphrase, error) { return ask(terminal, "passphrase of adams") })
			if c.fails != "" {
				if err == nil || !strings.Contains(err.Error(), c.fails) {
					t.Errorf("%v, want %q", err, c.fails)
				}
				return
			}
			if err != nil || string(p.bytes()) != c.want {
				t.Errorf("read %q, %v, want %q", p.bytes(), err, c.want)
			}
		})
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if _, err := ReadPassphrase(null, "passphrase"); err == nil || !strings.Contains(err.Error(), "not a terminal") {
		t.Errorf("from %s: %v", os.DevNull, err)
	}
}

// typing runs ask and types at its first prompt: before it, the terminal is not
// raw yet, and would act on control characters itself.
func typing(t *testing.T, keyboard, terminal *os.File, typed string, ask func() (Passphrase, error)) (p Passphrase, err error) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		p, err = ask()
	}()
	shown := make(chan string, 1)
	go func() {
		var seen []byte
		b := make([]byte, 256)
		for first := true; ; {
			n, err := keyboard.Read(b)
			if err != nil {
				shown <- string(seen)
				return
			}
			seen = append(seen, b[:n]...)
			if first && strings.Contains(string(seen), ": ") {
				first = false
				if _, err := keyboard.WriteString(typed); err != nil {
					t.Errorf("type: %v", err)
				}
			}
		}
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("no answer to the question within a minute")
	}
	terminal.Close() // ends the reading of what it showed
	if s := <-shown; strings.Contains(s, "corr") {
		t.Errorf("the terminal shows what was typed: %q", s)
	}
	return p, err
}
