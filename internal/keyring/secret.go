package keyring

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/term"
)

// CredentialsVariable names the folder in which systemd leaves a service's
// credentials (systemd.exec(5), LoadCredential=).
const CredentialsVariable = "CREDENTIALS_DIRECTORY"

// Credential reads the systemd credential name of this service. A final line
// break is not part of it. Errors: ErrNotFound when the service has no such
// credential, ErrExposed.
func Credential(name string) (Passphrase, error) {
	dir := os.Getenv(CredentialsVariable)
	if dir == "" {
		return Passphrase{}, fmt.Errorf("credential %s: %w: $%s is not set: add LoadCredential=%s:… to the unit", name, ErrNotFound, CredentialsVariable, name)
	}
	if name != filepath.Base(name) || name == "." || name == ".." {
		return Passphrase{}, fmt.Errorf("credential %.40q: not the name of one", name)
	}
	// For a service with its own user systemd grants the file to that user by an
	// ACL, whose mask shows as the group's bits (systemd/systemd#29435); the
	// folder keeps the group out.
	return readSecret(filepath.Join(dir, name), 0o040)
}

// PassphraseFile reads a passphrase from a file of its own, of mode 0600 or
// 0400. A final line break is not part of it. Errors: ErrNotFound, ErrExposed.
func PassphraseFile(path string) (Passphrase, error) { return readSecret(path, 0) }

// PassphraseVariable reads the file that the environment variable names. The
// variable never holds the passphrase: other processes can read an environment.
func PassphraseVariable(variable string) (Passphrase, error) {
	path := os.Getenv(variable)
	if path == "" {
		return Passphrase{}, fmt.Errorf("passphrase: %w: $%s does not name a file", ErrNotFound, variable)
	}
	return readSecret(path, 0)
}

func readSecret(path string, allowed os.FileMode) (Passphrase, error) {
	b, err := readPrivate(path, maxPassphrase+2, allowed)
	if err != nil {
		return Passphrase{}, fmt.Errorf("read secret %s: %w", path, err)
	}
	b = bytes.TrimSuffix(b, []byte("\n"))
	b = bytes.TrimSuffix(b, []byte("\r"))
	p, err := NewPassphrase(b)
	if err != nil {
		return Passphrase{}, fmt.Errorf("read secret %s: %w", path, err)
	}
	return p, nil
}

// ReadPassphrase asks for a passphrase on a terminal, without echo. It refuses
// anything that is not a terminal: a passphrase from a pipe would have been
// on a command line or in a script.
func ReadPassphrase(terminal *os.File, prompt string) (Passphrase, error) {
	answers, err := ask(terminal, prompt)
	if err != nil {
		return Passphrase{}, fmt.Errorf("ask for a passphrase: %w", err)
	}
	return NewPassphrase([]byte(answers[0]))
}

// ReadNewPassphrase asks twice, and refuses two answers that differ and an
// answer that is too short for a new key.
func ReadNewPassphrase(terminal *os.File, prompt string) (Passphrase, error) {
	answers, err := ask(terminal, prompt, prompt+", again")
	if err != nil {
		return Passphrase{}, fmt.Errorf("ask for a passphrase: %w", err)
	}
	if answers[0] != answers[1] {
		return Passphrase{}, errors.New("the two passphrases differ: nothing was changed")
	}
	p, err := NewPassphrase([]byte(answers[0]))
	if err != nil {
		return Passphrase{}, err
	}
	return p, p.enough()
}

// ask puts the questions one after the other. The terminal is raw meanwhile, so
// that an interrupt key ends the question by returning, and cannot end the
// program while the echo is off.
func ask(terminal *os.File, prompts ...string) (answers []string, err error) {
	fd := int(terminal.Fd())
	if !term.IsTerminal(fd) {
		return nil, errors.New("not a terminal: name a file of mode 0600 instead")
	}
	before, err := term.MakeRaw(fd)
	if err != nil {
		return nil, err
	}
	defer func() {
		if restored := term.Restore(fd, before); restored != nil {
			err = errors.Join(err, fmt.Errorf("the terminal may be left without echo, type \"stty sane\": %w", restored))
		}
	}()
	t := term.NewTerminal(terminal, "")
	for _, prompt := range prompts {
		line, err := t.ReadPassword(prompt + ": ")
		if errors.Is(err, io.EOF) {
			return nil, errors.New("given up")
		}
		if err != nil {
			return nil, err
		}
		answers = append(answers, line)
	}
	return answers, nil
}
