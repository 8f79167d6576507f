package keyring

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// CreateOfficer makes an officer's key in dir/officers/NAME.key, durable before
// it returns, and never over an existing one. The name is 1 to 32 of a–z, 0–9
// and '-', beginning with a letter. A passphrase that opens another officer's
// file is refused with ErrShared: two approvals must take two people. Other
// errors: ErrExists, or what the disk said.
func CreateOfficer(dir, name string, pass Passphrase) (ed25519.PublicKey, error) {
	return onDisk().createOfficer(dir, name, pass)
}

// UnlockOfficer opens an officer's key for a release; the caller lets the signer
// go afterwards. Errors: ErrPassphrase, ErrWrongName (the file was renamed, or
// copied from another officer's), ErrExposed, ErrMalformed, ErrNotFound.
func UnlockOfficer(dir, name string, pass Passphrase) (crypto.Signer, error) {
	return onDisk().unlockOfficer(dir, name, pass)
}

// Officers returns the names of the officers whose keys dir holds, sorted.
func Officers(dir string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(dir, OfficerDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list officers: %w", err)
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), keySuffix); ok && checkName(name) == nil {
			names = append(names, name)
		}
	}
	return names, nil
}

const keySuffix = ".key"

func officerPath(dir, name string) string { return filepath.Join(dir, OfficerDir, name+keySuffix) }

func (w workshop) createOfficer(dir, name string, pass Passphrase) (ed25519.PublicKey, error) {
	if err := checkName(name); err != nil {
		return nil, fmt.Errorf("create officer: %w", err)
	}
	others, err := Officers(dir)
	if err != nil {
		return nil, fmt.Errorf("create officer %s: %w", name, err)
	}
	if slices.Contains(others, name) {
		return nil, fmt.Errorf("create officer %s: %w: %s", name, ErrExists, officerPath(dir, name))
	}
	for _, other := range others {
		switch _, err := w.unlockOfficer(dir, other, pass); {
		case err == nil:
			return nil, fmt.Errorf("create officer %s: %w: choose another", name, ErrShared)
		case !errors.Is(err, ErrPassphrase):
			return nil, fmt.Errorf("create officer %s: is the passphrase another officer's? %w", name, err)
		}
	}
	return w.createOne(officerPath(dir, name), roleOfficer, name, pass)
}

func (w workshop) unlockOfficer(dir, name string, pass Passphrase) (crypto.Signer, error) {
	if err := checkName(name); err != nil {
		return nil, fmt.Errorf("unlock officer: %w", err)
	}
	return w.unlockOne(officerPath(dir, name), roleOfficer, name, pass)
}
