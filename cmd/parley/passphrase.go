package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"parley/internal/home"
	"parley/internal/keyring"
)

// secret is where the passphrase of one key comes from: a file that a flag or
// a variable names, else the terminal. Passphrases never stand on a command
// line, nor in a variable: other processes can read both.
type secret struct {
	m        *Main
	flag     string
	variable string
	file     string
}

func (m *Main) secret(flags *pflag.FlagSet, flag, variable, whose string) *secret {
	s := &secret{m: m, flag: flag, variable: variable}
	flags.StringVar(&s.file, flag, "", fmt.Sprintf("a file of mode 0600 that holds the passphrase of %s (default $%s, else it is asked for)", whose, variable))
	return s
}

// known returns the passphrase of a key that exists.
func (s *secret) known(prompt string) (keyring.Passphrase, error) {
	return s.from(prompt, keyring.ReadPassphrase)
}

// chosen returns the passphrase for a key that is to be made; on a terminal it
// is asked for twice.
func (s *secret) chosen(prompt string) (keyring.Passphrase, error) {
	return s.from(prompt, keyring.ReadNewPassphrase)
}

func (s *secret) from(prompt string, ask func(*os.File, string) (keyring.Passphrase, error)) (keyring.Passphrase, error) {
	path := s.file
	if path == "" {
		path = s.m.Getenv(s.variable)
	}
	if path != "" {
		p, err := keyring.PassphraseFile(path)
		if err != nil {
			err = hinted{err, "the file holds one line, and its mode is 0600: docs/operations.md"}
		}
		return p, err
	}
	terminal, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return keyring.Passphrase{}, usageError{hinted{
			errors.New("there is no terminal to ask for a passphrase on"),
			fmt.Sprintf("name a file that holds it with --%s, or in $%s", s.flag, s.variable),
		}}
	}
	defer terminal.Close()
	return ask(terminal, prompt)
}

// rootFlags are how a command comes by the root key.
type rootFlags struct {
	path string
	pass *secret
}

func (m *Main) rootFlags(flags *pflag.FlagSet) *rootFlags {
	r := &rootFlags{pass: m.rootSecret(flags)}
	flags.StringVar(&r.path, "root-key", "", "the root key's file, where it was moved away from the party's folder")
	return r
}

func (m *Main) rootSecret(flags *pflag.FlagSet) *secret {
	return m.secret(flags, "root-passphrase-file", "PARLEY_ROOT_PASSPHRASE_FILE", "the root key")
}

func (m *Main) officerSecret(flags *pflag.FlagSet) *secret {
	return m.secret(flags, "passphrase-file", "PARLEY_PASSPHRASE_FILE", "the officer's key")
}

func (r *rootFlags) key() (home.RootKey, error) {
	pass, err := r.pass.known("Passphrase of the root key")
	return home.RootKey{Path: r.path, Passphrase: pass}, err
}
